"""What a stage tells people besides its results: verdicts, progress, and what it must keep to itself."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from crucible_core.contract.type_spec import is_secret
from crucible_core.contract.verdict import Verdict
from crucible_core.testing.check import Finding, Level, NotApplicableError, check
from crucible_core.testing.checks.events import lines_of
from crucible_core.testing.secrets_shown import run_with_a_secret, shown_in

if TYPE_CHECKING:
    from crucible_core.testing.case import Case


@check("D10", "the value of a secret option does not show", after=["E01", "I04"])
def secrets_are_kept(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """Given as an option, a secret is in no metric, row, artifact, file, event, message or print of the stage.

    What the stage leaves in ``assigns`` for others, such as a client that holds it, is not looked at.

    Why: results are kept, compared and sent on. The record of a run hides what it knows to be a secret; a file, a part
    of a report and another program do not.

    Fix: hand on that there is one (``options.key is not None``), not what it is.
    """
    del facts
    names = [name for name, spec in case.description.options.types.items() if is_secret(spec)]
    if not names:
        raise NotApplicableError("it has no option with a secret")
    for name in names:
        for secret, trial in run_with_a_secret(case, name):
            for place in shown_in(trial, secret):
                yield Finding(f"the secret option {name!r} to be kept", f"its value is in {place}")


@check("E15", "verdicts are sound", after=["E01"])
def verdicts_are_sound(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """A verdict has a question and a finding, says yes or no, and its interval is two numbers, the lower one first.

    Why: a verdict decides whether a run fails; people read its finding and interval to know why. NaN is neither below
    nor above anything.

    Fix: where there is no interval, leave it out; where nothing can be judged, end with an error that says so.
    """
    del facts
    found = False
    for trial in case.firsts(failing=False):
        assert trial.result is not None
        count = len(vars(trial.before)["_verdicts"])
        for verdict in list(vars(trial.result)["_verdicts"])[count:]:
            found = True
            for problem in _problems(verdict):
                yield Finding(f"a sound verdict in the example {trial.example.summary!r}", problem)
    if not found:
        raise NotApplicableError("no example of it passes a verdict")


def _problems(verdict: Any) -> Iterator[str]:
    passed: Any = getattr(verdict, "passed", None)
    if not isinstance(verdict, Verdict):
        yield f"it is {verdict!r:.80}"
        return
    for name in ("question", "finding"):
        text = getattr(verdict, name)
        if not (isinstance(text, str) and text.strip()):
            yield f"its {name} is {text!r}"
    if type(passed).__name__ not in ("bool", "bool_"):  # numpy's has either name
        yield f"passed is {passed!r}, not true or false"
    if verdict.interval is not None and not _is_interval(verdict.interval):
        yield f"its interval is {verdict.interval!r}"


def _is_interval(given: Any) -> bool:
    try:
        low, high = map(float, given)
    except (TypeError, ValueError):
        return False
    return not (math.isnan(low) or math.isnan(high)) and low <= high


@check("G06", "steps and progress make sense", level=Level.RECOMMENDED, after=["E01"])
def steps_make_sense(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """A logged metric has a name and no step below 0; progress is between 0 and the total, where there is one.

    Why: curves are drawn of steps, and bars of progress.

    Fix: ``log_metric("loss", value, step=epoch)``, counted from 0; ``progress(done, total)``, in this order.
    """
    del facts
    for trial in case.seconds():
        where = f"in the example {trial.example.summary!r}"
        for each in lines_of(trial):
            payload = each["payload"] if each.get("event_name") == "metric" else {"name": "none"}
            if not str(payload["name"]).strip() or int(payload.get("step") or 0) < 0:
                yield Finding(f"metrics with a name, and steps from 0 {where}", f"{payload}")
        for done, total in trial.progress:
            if not (done >= 0 and (total is None or done <= total)):
                yield Finding(f"progress between 0 and the total {where}", f"{done} of {total}")
