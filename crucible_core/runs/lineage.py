"""What each result of a run came of: file, stage, what the stage read, and the data at the bottom."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crucible_core.ir.errors import CrucibleError
from crucible_core.runs.lineage_graph import LineageGraph
from crucible_core.runs.stage_results import StageResults, read_stage_results
from crucible_core.trace.jsonl import JournalError

if TYPE_CHECKING:
    from crucible_core.runs.lineage_graph import Node
    from crucible_core.runs.recorded import RecordedRun

__all__ = ["Lineage", "UnknownTargetError", "lineage_of"]

SCHEMA_VERSION = "1.0"


class UnknownTargetError(CrucibleError):
    """A name that nothing in the run answers to."""

    exit_code = 2


@dataclass
class Lineage:
    """The history of a run's results, as a graph without cycles.

    Args:
        run: The run.
        nodes: Everything in it by id, each after what it came of.
        notes: What is not known, and why.
    """

    run: RecordedRun
    nodes: dict[str, Node]
    notes: tuple[str, ...] = ()

    @property
    def results(self) -> list[Node]:
        """What nothing else came of, files first."""
        used = {other for node in self.nodes.values() for _, other in node.comes_of}
        ends = [node for node in self.nodes.values() if node.id not in used]
        return sorted(ends, key=lambda node: node.kind != "file")

    def find(self, name: str) -> list[Node]:
        """Return what a name means: a file's path or name, a context path, or the id of a stage.

        Raises:
            UnknownTargetError: Nothing.
        """
        paths = [node for node in self.nodes.values() if node.name == name]
        exact = [node for node in paths if node.kind != "value"] or paths[-1:]  # a value as its last writer left it
        found = exact or [node for node in self.nodes.values() if node.kind == "file" and _is_named(node, name)]
        if not found:
            near = _near(name, {node.name for node in self.nodes.values()})
            known = f"did you mean {near[0]!r}?" if near else "name a file, a context path or a stage of it"
            raise UnknownTargetError(f"{self.run.label} has nothing called {name!r}; {known}")
        return found

    def below(self, tops: Iterable[Node]) -> Lineage:
        """Return the part of the graph that these came of."""
        wanted, waiting = set(), [node.id for node in tops]
        while waiting:
            node = waiting.pop()
            if node not in wanted:
                wanted.add(node)
                waiting += [other for _, other in self.nodes[node].comes_of]
        return Lineage(self.run, {key: node for key, node in self.nodes.items() if key in wanted}, self.notes)

    def to_dict(self) -> dict[str, Any]:
        """Return what ``crucible runs lineage --json`` prints."""
        return {
            "schema_version": SCHEMA_VERSION,
            "run": self.run.label,
            "results": [node.id for node in self.results],
            "nodes": [node.to_dict() for node in self.nodes.values()],
            "notes": list(self.notes),
        }


def lineage_of(run: RecordedRun) -> Lineage:
    """Return what every result of a run came of.

    What a stage wrote is what its record says it changed, beside what it declares to write always; what it read is what
    it declares, resolved to the last stage that wrote it before.
    """
    notes = list(run.notes)
    try:
        results = read_stage_results(run.directory.journal)
    except JournalError as error:
        notes.append(f"what stages wrote is known from their declarations only: {error}")
        results = StageResults()
    graph = LineageGraph(results)
    graph.add_given(run.manifest["inputs"])
    for stage in run.stages:
        if stage["status"] == "succeeded" or (stage.get("cache") or {}).get("outcome") == "hit":
            graph.add_stage(stage, run.manifest["datasets"])
    for artifact in {each["path"]: each for each in run.manifest["artifacts"]}.values():
        graph.add_file(artifact)
    return Lineage(run, graph.nodes, tuple(notes))


def _is_named(node: Node, name: str) -> bool:
    return node.name.endswith(f"/{name}")


def _near(name: str, known: Iterable[str]) -> list[str]:
    from difflib import get_close_matches

    return get_close_matches(name, list(known)[:1000], n=1)
