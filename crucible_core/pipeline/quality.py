"""Hold a run's metrics against the targets its experiment set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crucible_core.contract.verdict import Verdict

if TYPE_CHECKING:
    from crucible_core.contract.context import Context


def reached_targets(context: Context) -> dict[str, dict[str, Any]]:
    """Return each quality target with the value its metric reached.

    ``reached`` is None, and ``reason`` says why, where there is no such metric or it is no number.
    """
    return {path: _reached(context, path, target) for path, target in _targets(context).items()}


def target_verdicts(context: Context) -> list[Verdict]:
    """Return one verdict for each quality target; a metric that is not there does not meet its target."""
    found = reached_targets(context)
    verdicts = []
    for path, target in _targets(context).items():
        entry = found[path]
        finding = f"{path} is {entry['value']}" if entry["reason"] is None else entry["reason"]
        verdicts.append(Verdict(f"Is {path} {target}?", bool(entry["reached"]), f"{finding}."))
    return verdicts


def _targets(context: Context) -> Any:
    return (context.experiment.quality_targets if context.experiment is not None else None) or {}


def _reached(context: Context, path: str, target: Any) -> dict[str, Any]:
    value = context.read(path, None)
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    reason = None if number else f"there is no metric {path}" if value is None else f"{path} is no number"
    return {
        **target.to_dict(),
        "value": value if number else None,
        "reached": target.admits(value) if number else None,
        "reason": reason,
    }
