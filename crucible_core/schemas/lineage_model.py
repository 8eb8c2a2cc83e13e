"""What ``crucible runs lineage --json`` prints, as published."""

from __future__ import annotations

from typing import Any, Literal

from crucible_core.trace.payloads import Record


class OriginRecord(Record):
    """One thing that something came of."""

    relation: Literal["written_by", "read", "extends", "loaded_from"]
    id: str


class LineageNode(Record):
    """One thing in the history of a result; its facts depend on its kind."""

    id: str
    kind: Literal["file", "stage", "value", "given", "source", "unknown"]
    name: str
    facts: dict[str, Any]
    comes_of: list[OriginRecord]


class RunLineage(Record):
    """What ``crucible runs lineage --json`` prints: a graph without cycles, each node after what it came of.

    ``results`` are the nodes that nothing else came of.
    """

    schema_version: Literal["1.0"]
    run: str
    results: list[str]
    nodes: list[LineageNode]
    notes: list[str]
