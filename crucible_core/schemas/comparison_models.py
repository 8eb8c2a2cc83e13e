"""What ``crucible runs compare --json`` prints, as published."""

from __future__ import annotations

from typing import Any, Literal

from crucible_core.trace.payloads import Number, Record


class ComparedRun(Record):
    """One of the runs; differences of metrics and items are to the first."""

    run: str
    directory: str
    status: str
    experiment_id: str | None
    run_id: str | None
    started_at: str | None
    duration_s: float | None


class DifferenceRecord(Record):
    """Something that is not the same in all runs; ``present`` tells a value that is null from none."""

    path: str
    values: list[Any]
    present: list[bool]


class MetricRecord(DifferenceRecord):
    """A metric in each run; a difference is null where there is no finite number to give."""

    equal: bool
    absolute: list[float | None]
    relative: list[float | None]


class ItemIds(Record):
    """Items that only one of two runs has a value for."""

    count: int
    examples: list[Any]


class FindingRecord(Record):
    """Whether a difference is more than noise, as a plugin finds; ``difference`` is second minus first."""

    by: str
    more_than_noise: bool | None
    finding: str
    test: str | None
    p_value: float | None
    alpha: float | None
    difference: float | None
    interval: list[float | None] | None
    effect_size: float | None
    effect_size_name: str | None
    reason: str | None
    notes: list[str]


class ItemsRecord(Record):
    """One field measured on the same items in the first run and in another; ``repeated`` items are left out."""

    field: str
    series: dict[str, Any]
    first: str
    second: str
    matched: int
    means: list[Number] | None
    only_first: ItemIds
    only_second: ItemIds
    repeated: int
    findings: list[FindingRecord]


class RunComparison(Record):
    """What ``crucible runs compare --json`` prints: what differs, but for metrics, of which all are listed."""

    schema_version: Literal["1.0"]
    runs: list[ComparedRun]
    spec: list[DifferenceRecord]
    options: list[DifferenceRecord]
    data: list[DifferenceRecord]
    environment: list[DifferenceRecord]
    metrics: list[MetricRecord]
    items: list[ItemsRecord]
    notes: list[str]
