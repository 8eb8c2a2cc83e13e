"""Group G: the events of a run."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NoReturn

from crucible_core.contract.event_names import LIFECYCLE_EVENTS, PLUGIN_EVENT
from crucible_core.testing.check import Finding, Level, NotApplicableError, check
from crucible_core.testing.digest import first_differences
from crucible_core.testing.trial import SUBJECT
from crucible_core.trace.event import SCHEMA_VERSION, Event
from crucible_core.trace.payloads import PAYLOADS

if TYPE_CHECKING:
    from crucible_core.testing.case import Case
    from crucible_core.testing.trial import Trial

_MOST_BYTES = 1 << 20


@check("G01", "each attempt has one start and one end, with nothing outside them", after=["E01"])
def lifecycle_is_exact(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """The events of an example begin with ``stage_start`` and end with ``stage_stop`` or ``stage_error``, as it ended.

    There is one of each, and all events bear the ids of the run, the experiment and the stage.

    Why: a resumed run goes by these events, timings and reports are made of them. The runner emits them; a stage that
    does so itself, or that goes on emitting when it is done, makes the record say what did not happen.

    Fix: emit through ``context.runtime`` only; join threads before ``run`` returns.
    """
    del facts
    for trial in case.seconds():
        yield from _lifecycle(trial)


def _lifecycle(trial: Trial) -> Iterator[Finding]:
    where = f"in the example {trial.example.summary!r}"
    lines = list(lines_of(trial))
    names = [each.get("event_name") for each in lines]
    ending = "stage_stop" if trial.failure is None else "stage_error"
    seen = [name for name in names if name in LIFECYCLE_EVENTS]
    if seen != ["stage_start", ending] or names[:1] != ["stage_start"] or names[-1:] != [ending]:
        expected = f"stage_start first, {ending} last, once each, {where}"
        yield Finding(expected, ", ".join(map(str, names[:20])) or "no events")
    ids = (trial.before.run_id, trial.before.experiment_id, SUBJECT, 1)
    for each in lines:
        found = tuple(each.get(key) for key in ("run_id", "experiment_id", "stage", "attempt"))
        if found != ids:
            yield Finding(f"events of this run and stage {where}", f"{each.get('event_name')} of {found}")
            return


def lines_of(trial: Trial) -> Iterator[dict[str, Any]]:
    """Yield the lines of a journal that can be read; the others are G02's."""
    for line in trial.events:
        try:
            found = json.loads(line)
        except ValueError:
            continue
        if isinstance(found, dict):
            yield found


@check("G02", "every event is as published", after=["E01", "G01"])
def events_are_as_published(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """Each line of the journal fits ``docs/schemas/telemetry_event.schema.json``; the stage's own have at most 1 MiB.

    What the stage emits is JSON, or stands for it: numbers of numpy, dates, paths, members of enums and sets do, bytes,
    arrays and other objects do not; a record has nothing for them but what Python shows. Timestamps do not go back, and
    ``seq`` counts from 1. The metrics, which the runner records when the stage is done, are not counted.

    Why: other programs read the journal while it grows. A line that does not fit stops them; one of many megabytes does
    too; and ``<Model object at 0x7f...>`` tells nobody anything.

    Fix: emit through ``context.runtime`` only; write what an object stands for; put what is large into a file at
    ``runtime.artifact_path(name)``.
    """
    del facts
    for trial in case.seconds():
        where = f"in the example {trial.example.summary!r}"
        last = ""
        for number, line in enumerate(trial.events, start=1):
            event, problem = _read(line, number, last)
            if problem is None and number - 1 in trial.payloads:
                problem = f"{event['event_name']}: {trial.payloads[number - 1]}"
            if problem is not None:
                yield Finding(f"event {number} {where} as published", problem)
                break
            last = event["timestamp"]


def _read(line: str, number: int, last: str) -> tuple[dict[str, Any], str | None]:
    """Return an event, and what is wrong with it."""
    try:
        event = json.loads(line, parse_constant=_no_constant)
    except ValueError as error:
        return {}, f"no strict JSON: {error}"
    problem = _event_problem(event, number, last)
    size = len(line.encode("utf-8", "surrogatepass"))
    if problem is None and size > _MOST_BYTES and event["event_name"] not in LIFECYCLE_EVENTS:
        problem = f"it is {size} bytes long: {line[:120]}..."
    return event, problem


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _event_problem(event: Any, number: int, last: str) -> str | None:
    from datetime import datetime

    if not isinstance(event, dict) or set(event) != {*Event._fields, "schema_version"}:
        return f"its keys are {', '.join(event) if isinstance(event, dict) else event!r}"
    if event["schema_version"] != SCHEMA_VERSION or event["seq"] != number:
        return f"schema_version {event['schema_version']!r}, seq {event['seq']!r}"
    try:
        earlier = bool(last) and datetime.fromisoformat(event["timestamp"]) < datetime.fromisoformat(last)
    except (TypeError, ValueError):
        return f"the timestamp {event['timestamp']!r}"
    return f"{event['timestamp']} after {last}" if earlier else _payload_problem(event["event_name"], event["payload"])


def _payload_problem(name: Any, payload: Any) -> str | None:
    from pydantic import ValidationError

    if name not in PAYLOADS:
        plugin = isinstance(name, str) and PLUGIN_EVENT.fullmatch(name) and isinstance(payload, dict)
        return None if plugin else f"{name!r} is no event of the core or of a plugin"
    try:
        PAYLOADS[name].model_validate(payload)
    except ValidationError as error:
        first = error.errors()[0]
        return f"{name}: {'.'.join(map(str, first['loc']))}: {first['msg']}"
    return None


@check("G03", "the event of a failure says the same as its result", after=["E01", "G01"])
def failures_are_told_alike(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """The ``stage_error`` of an example that fails has the stage, code and message that the run ends with.

    Why: whoever reads the journal and whoever has the result in hand have to come to the same conclusion.

    Fix: raise one ``StageError`` with a plain string as its code, and leave the run's recorder alone.
    """
    del facts
    failed = [trial for trial in case.seconds() if trial.failure is not None]
    if not failed:
        raise NotApplicableError("none of its examples fails")
    for trial in failed:
        assert trial.failure is not None
        said = [each["payload"] for each in lines_of(trial) if each.get("event_name") == "stage_error"]
        expected = (trial.failure.stage, trial.failure.code, trial.failure.message)
        seen = [tuple(each.get(key) for key in ("stage", "code", "message")) for each in said]
        if seen != [expected]:
            yield Finding(f"a stage_error with {expected} in {trial.example.summary!r}", f"{seen}")


@check("G04", "an observer that raises changes nothing", after=["E01"])
def observers_change_nothing(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """With an observer that raises on every event, an example ends as it does without.

    Tried on one example that succeeds and one that fails. What a stage without determinism makes is not compared.

    Why: observers are somebody else's plugins. A stage that looks at who is watching, or whose own code runs inside an
    observer's failure, gives one result in the author's hands and another in the user's.

    Fix: leave the run's recorder alone; emit through ``context.runtime`` only.
    """
    del facts
    failing = [each for each in case.examples if each.raises is not None]
    observers = (("of the first event", _raise), ("of the second event", _raise_later))
    for example in (*case.succeeding[:1], *failing[:1]):
        usual, watched = case.second(example), case.run(example, observers=observers)
        if watched.code != usual.code:
            yield Finding(f"with a raising observer, {example.summary!r}: {usual.ended}", watched.ended)
        elif case.steady(example) and watched.product() != usual.product():
            seen = first_differences(usual.product(), watched.product())
            yield Finding(f"the same result of {example.summary!r} with a raising observer", seen)


def _raise(event: Event) -> NoReturn:
    raise RuntimeError(event.event_name)


def _raise_later(event: Event) -> None:
    if event.event_name != "stage_start":
        raise RuntimeError(event.event_name)


@check("G05", "metrics are finite", level=Level.RECOMMENDED, after=["E01"])
def metrics_are_finite(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """Numbers in ``metrics``, and the values of ``metric`` events, are neither NaN nor infinite.

    Why: JSON has no NaN; records write text in its place, comparisons with it are all false, and a target that is not
    reached does not say so. What cannot be computed is ``None``, with a reason beside it.

    Fix: put ``None``, or end with an error that says why there is no number.
    """
    del facts
    for trial in case.seconds(failing=False):
        where = f"in the example {trial.example.summary!r}"
        assert trial.result is not None
        for number, place in _not_finite(dict(trial.changes_of("metrics")), "metrics"):
            yield Finding(f"finite numbers in metrics {where}", f"{place} is {number}")
            break
        for each in lines_of(trial):
            value = each["payload"].get("value") if each.get("event_name") == "metric" else None
            if isinstance(value, str):
                yield Finding(f"finite values of metric events {where}", f"{each['payload'].get('name')} is {value}")
                break


def _not_finite(value: Any, place: str) -> Iterator[tuple[float, str]]:
    if isinstance(value, float) and not math.isfinite(value):
        yield value, place
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from _not_finite(each, f"{place}.{key}")
    elif isinstance(value, (list, tuple)):
        for index, each in enumerate(value):
            yield from _not_finite(each, f"{place}[{index}]")
