"""Hold a run's metrics against the targets its experiment set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crucible_core.contract.context import Context
    from crucible_core.contract.verdict import Verdict

_ABSENT: Any = object()
_NEAR = 0.85
_COMPARED = 1000  # paths that a missing one is compared with


def reached_targets(context: Context) -> dict[str, dict[str, Any]]:
    """Return each quality target with the value its metric reached.

    ``reached`` is None, and ``reason`` says why, where there is no such metric or it is no number.
    """
    return {path: _reached(context, path, target) for path, target in _targets(context).items()}


def target_verdicts(context: Context) -> list[Verdict]:
    """Return one verdict for each quality target; a metric that is not there does not meet its target."""
    targets = _targets(context)
    if not targets:
        return []
    from crucible_core.contract.verdict import Verdict

    found = reached_targets(context)
    verdicts = []
    for path, target in targets.items():
        entry = found[path]
        finding = f"{path} is {_shown(entry['value'], target)}" if entry["reason"] is None else entry["reason"]
        ending = "" if finding.endswith("?") else "."
        verdicts.append(Verdict(f"Is {path} {target}?", bool(entry["reached"]), f"{finding}{ending}"))
    return verdicts


def _shown(value: float, target: Any) -> str:
    """Return a value in four digits, or in as many as it takes to be on its own side of the bounds."""
    texts = (f"{value:.{digits}g}" for digits in range(4, 18))
    return next((text for text in texts if target.admits(float(text)) == target.admits(value)), repr(value))


def _targets(context: Context) -> Any:
    return (context.experiment.quality_targets if context.experiment is not None else None) or {}


def _reached(context: Context, path: str, target: Any) -> dict[str, Any]:
    value = context.read(path, _ABSENT)
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return {
        **target.to_dict(),
        "value": value if number else None,
        "reached": target.admits(value) if number else None,
        "reason": None if number else _why_not(context, path, value),
    }


def _why_not(context: Context, path: str, value: Any) -> str:
    """Say why there is no number: undefined, something else, or not there, with the metric that may be meant."""
    if value is None:
        around = context.read(path.rpartition(".")[0], None)
        reason = around.get("reason") if isinstance(around, Mapping) else None
        return f"{path} is undefined" + (f": {reason}" if reason else "")
    if value is not _ABSENT:
        return f"{path} is {value!r:.40}, which is no number"
    from difflib import get_close_matches

    close = get_close_matches(path, islice(_number_paths(context.metrics, "metrics"), _COMPARED), n=20, cutoff=_NEAR)
    near = next((each for each in close if get_close_matches(_last(path), [_last(each)])), None)
    return f"there is no metric {path}" + (f"; did you mean {near}?" if near else "")


def _last(path: str) -> str:
    """Return the last part of a path, by which metrics differ that have a long beginning in common."""
    return path.rpartition(".")[2]


def _number_paths(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield from _number_paths(each, f"{path}.{key}")
    elif isinstance(value, (int, float)):
        yield path
