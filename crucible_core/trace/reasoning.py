"""Show a run's events to people: one line each, as a tree of stages, or as a Mermaid diagram."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from crucible_core.contract.event_names import REASONING_EVENTS
from crucible_core.trace.mermaid import mermaid_label
from crucible_core.trace.one_line import in_one_line

if TYPE_CHECKING:
    from crucible_core.trace.event import Event


def is_reasoning(event: Event) -> bool:
    """Tell whether an event says why something was done."""
    return event.event_name in REASONING_EVENTS


def summary_of(event: Event) -> str:
    """Return what an event says in one line, whatever its texts hold."""
    payload = event.payload
    known = _reasoning if is_reasoning(event) else _SUMMARIES.get(event.event_name, _pairs)
    return in_one_line(known(payload))


def as_lines(events: Iterable[Event]) -> Iterator[str]:
    """Yield one line an event: number, time, stage, name and what it says."""
    for event in events:
        clock = event.timestamp[11:19]
        yield f"{event.seq:>6}  {clock}  {event.stage or '-':<20} {event.event_name:<22} {summary_of(event)}".rstrip()


def as_tree(events: Iterable[Event]) -> Iterator[str]:
    """Yield the events grouped under the stages they belong to, alternatives under their decision.

    What belongs to no stage stands under ``run``: before the stages what came before them, after them the rest.
    """
    before: list[Event] = []
    stages: dict[str, list[Event]] = {}
    after: list[Event] = []
    for event in events:
        belongs = stages.setdefault(event.stage, []) if event.stage is not None else after if stages else before
        belongs.append(event)
    for stage, members in (("run", before), *stages.items(), ("run", after)):
        if members:
            yield stage
            yield from _branches(members)


def _branches(members: list[Event]) -> Iterator[str]:
    for index, event in enumerate(members):
        last = index == len(members) - 1
        yield f"{'└' if last else '├'}─ {_headed(event)}"
        bar = " " if last else "│"
        for alternative in event.payload.get("alternatives") or ():
            yield f"{bar}     instead of: {in_one_line(str(alternative))}"


def as_mermaid(events: Iterable[Event]) -> Iterator[str]:
    """Yield a Mermaid flowchart: the stages in order, and the events of each below it."""
    yield "flowchart TD"
    previous, current, count = "", None, 0
    for event in events:
        if event.stage is not None and event.stage != current:
            current, count = event.stage, count + 1
            yield f'    s{count}["{mermaid_label(current)}"]'
            if previous:
                yield f"    {previous} --> s{count}"
            previous = f"s{count}"
        shape = ("{{", "}}") if is_reasoning(event) else ("(", ")")
        node = f"e{event.seq}"
        yield f'    {node}{shape[0]}"{mermaid_label(_headed(event))}"{shape[1]}'
        if previous:
            yield f"    {previous} -.- {node}"


def _headed(event: Event) -> str:
    summary = summary_of(event)
    return f"{event.event_name}: {summary}" if summary else event.event_name


def _reasoning(payload: Mapping[str, Any]) -> str:
    confidence = payload.get("confidence")
    sure = "" if confidence is None else f" (confidence {_short(confidence, 'g')})"
    return f"{payload.get('decision', '')}{sure}: {payload.get('reasoning', '')}"


def _pairs(payload: Mapping[str, Any]) -> str:
    return ", ".join(f"{key}={value}" for key, value in payload.items())


def _short(value: Any, form: str) -> str:
    """Return a number in a form; what is no number, in a journal written by others, as it is."""
    return format(value, form) if isinstance(value, (int, float)) else str(value)


def _failure(payload: Mapping[str, Any]) -> str:
    return f"{payload.get('code')}: {payload.get('message')}"


def _metric(payload: Mapping[str, Any]) -> str:
    step = "" if payload.get("step") is None else f" at step {payload['step']}"
    return f"{payload.get('name')} = {payload.get('value')}{step}"


def _duration(payload: Mapping[str, Any]) -> str:
    return f"{_short(payload.get('duration_s', 0), '.3f')} s"


def _run_stop(payload: Mapping[str, Any]) -> str:
    failure = payload.get("failure")
    return f"{payload.get('status')} after {_duration(payload)}" + (f", {_failure(failure)}" if failure else "")


_SUMMARIES: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "run_start": lambda payload: "resumed" if payload.get("resumed") else "",
    "run_stop": _run_stop,
    "stage_start": lambda payload: str(payload.get("name", "")),
    "stage_stop": _duration,
    "stage_error": _failure,
    "stage_skip": lambda payload: ": ".join(str(payload[key]) for key in ("reason", "detail") if payload.get(key)),
    "metric": _metric,
    "checkpoint": lambda payload: f"{payload.get('name')} at {payload.get('path')}",
    "artifact": lambda payload: f"{payload.get('path')} ({payload.get('bytes')} bytes)",
    "verdict": lambda payload: (
        f"{'passed' if payload.get('passed') else 'FAILED'}: {payload.get('question')} {payload.get('finding')}"
    ),
    "log": lambda payload: f"{payload.get('level')}: {payload.get('message')}",
}
