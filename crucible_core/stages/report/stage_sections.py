"""What a report says of each stage."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from crucible_core.contract.report_parts import Text
from crucible_core.pipeline.policy_words import policy_words
from crucible_core.stages.report.grids import metric_grids, value_grid
from crucible_core.stages.report.model import Block, Grid, StageSection
from crucible_core.stages.report.quantities import read_moment

if TYPE_CHECKING:
    from crucible_core.contract.context import Context

_JOINTS = (".", "_", "-", "/", ":")
_SKIPPED = {"cached": "its result was known from before"}


def stage_sections(
    context: Context, record: Mapping[str, Any], metrics: Mapping[str, Any], parts: Mapping[str, tuple[Block, ...]]
) -> tuple[tuple[StageSection, ...], tuple[Block, ...]]:
    """Return one section a stage, in order, and what belongs to no stage.

    A metric or an artifact belongs to the stage whose id is its key, or else the longest beginning of it.

    Args:
        context: What the stages left.
        record: The run's record; the stages are those that are completed where it is empty.
        metrics: Metrics by key.
        parts: Figures, texts and tables by key.
    """
    recorded = list(record.get("stages") or _unrecorded(context, (*metrics, *parts)))
    ids = [str(stage["id"]) for stage in recorded]
    measured: dict[str | None, list[Grid]] = {}
    for key, value in metrics.items():
        measured.setdefault(owner_of(key, ids), []).extend(metric_grids(value if key in ids else {key: value}))
    left: dict[str | None, list[Block]] = {}
    for key, found in parts.items():
        left.setdefault(owner_of(key, ids), []).extend(found)
    scale = _Scale.of(record, recorded)
    sections = tuple(
        _section(number, stage, left.get(stage["id"], []), measured.get(stage["id"], []), scale)
        for number, stage in enumerate(recorded, 1)
    )
    return sections, (*measured.get(None, ()), *left.get(None, ()))


def owner_of(key: str, ids: Iterable[str]) -> str | None:
    """Return the id of the stage that a key belongs to, or None.

    Example:
        >>> owner_of("bench_extra.plot", ["bench", "bench_extra"])
        'bench_extra'
    """
    fitting = [each for each in ids if key == each or key.startswith(tuple(f"{each}{joint}" for joint in _JOINTS))]
    return max(fitting, key=len, default=None)


def _unrecorded(context: Context, keys: Iterable[str]) -> list[dict[str, Any]]:
    done = context.completed_stages
    return [{"id": each, "status": "succeeded"} for each in done] or [{"id": each} for each in dict.fromkeys(keys)]


def _section(
    number: int, stage: Mapping[str, Any], parts: list[Block], measured: list[Grid], scale: _Scale
) -> StageSection:
    options = dict(stage.get("options") or {})
    given = {name: options[name] for name in stage.get("given_options") or () if name in options}
    duration = stage.get("duration_s")
    begin, extent = scale.place(stage.get("started_at"), duration)
    name = str(stage.get("name") or "")
    cached = (stage.get("cache") or {}).get("outcome") == "hit"
    return StageSection(
        id=str(stage["id"]),
        number=number,
        name=name if name != stage["id"] else "",
        module=str(stage.get("module") or ""),
        source=_source(stage),
        description=str(stage.get("description") or ""),
        status="cached" if cached else str(stage.get("status") or ""),
        reason="" if cached else _reason(stage),
        attempts=int(stage.get("attempts") or 0),
        policies=policy_words(stage.get("policies") or {}),
        duration=duration,
        begin=begin,
        extent=extent,
        changed=value_grid("Options given", ("Option", "Value"), given),
        options=value_grid("All options", ("Option", "Value"), options),
        texts=tuple(part for part in parts if isinstance(part, Text)),
        blocks=tuple(part for part in parts if not isinstance(part, Text)),
        metrics=tuple(measured),
    )


def _reason(stage: Mapping[str, Any]) -> str:
    """Return why a stage failed or was skipped; why it was skipped is said in words where the record has any."""
    reason = str(stage.get("reason") or "")
    if stage.get("status") != "skipped":
        return reason
    code, _, words = reason.partition(": ")
    return words or _SKIPPED.get(code, code)


def _source(stage: Mapping[str, Any]) -> str:
    distribution = stage.get("distribution")
    version = stage.get("distribution_version") or stage.get("version")
    offered = " ".join(str(each) for each in (distribution, version) if each)
    cache = stage.get("cache") or {}
    computed = f"computed by {cache['experiment_id']}/{cache['run_id']}" if cache.get("outcome") == "hit" else ""
    return ", ".join(part for part in (offered, computed) if part)


class _Scale:
    """The run's time, from the start of its first stage to the end of its last, as 0..1."""

    def __init__(self, begin: datetime | None, length: float) -> None:
        self.begin = begin
        self.length = length

    @classmethod
    def of(cls, record: Mapping[str, Any], stages: Iterable[Mapping[str, Any]]) -> _Scale:
        """Measure a run."""
        spans = [(read_moment(stage.get("started_at")), stage.get("duration_s") or 0.0) for stage in stages]
        known = [(start, duration) for start, duration in spans if start is not None]
        begin = read_moment(record.get("started_at")) or min((start for start, _ in known), default=None)
        if begin is None:
            return cls(None, 0.0)
        return cls(begin, max(((start - begin).total_seconds() + length for start, length in known), default=0.0))

    def place(self, started: Any, duration: float | None) -> tuple[float | None, float]:
        """Return where a stage begins and how much of the run it took; None for one without a time."""
        start = read_moment(started)
        if start is None or self.begin is None or self.length <= 0:
            return None, 0.0
        begin = min(1.0, max(0.0, (start - self.begin).total_seconds() / self.length))
        return begin, min(1.0 - begin, (duration or 0.0) / self.length)
