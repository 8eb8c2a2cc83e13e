"""The graph of what came of what in a run, made stage by stage."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from crucible_core.contract.paths import OPEN, covers, root_of

if TYPE_CHECKING:
    from crucible_core.runs.stage_results import StageResults

__all__ = ["LineageGraph", "Node"]

Kind = Literal["file", "stage", "value", "given", "source", "unknown"]

_STAGE_FACTS = ("name", "module", "version", "distribution", "distribution_version", "status")
_DATA_FACTS = ("source", "sha256", "rows", "split")


@dataclass
class Node:
    """One thing in the history of a result.

    Args:
        id: Unique in the run.
        kind: A file of a stage, a stage, a value in the context as one stage left it, a value the run was given, a
            source of data, or what was read and nothing is known to have written.
        name: The file's path, the stage's id, the context path, the source.
        facts: What is known of it.
        comes_of: Relation to the nodes it came of, in order: ``written_by``, ``read``, ``extends``, ``loaded_from``.
    """

    id: str
    kind: Kind
    name: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    comes_of: list[tuple[str, str]] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """Return the node as JSON values."""
        return {
            "id": self.id,
            "kind": self.kind,
            "name": self.name,
            "facts": dict(self.facts),
            "comes_of": [{"relation": relation, "id": other} for relation, other in self.comes_of],
        }


class LineageGraph:
    """Follow the stages in order, and remember which of them left each context path as it is.

    Args:
        results: What the journal says of them; nothing where it cannot be read.

    Attributes:
        nodes: The graph, by id.
    """

    def __init__(self, results: StageResults) -> None:
        self.nodes: dict[str, Node] = {}
        self._results = results
        self._latest: dict[str, str] = {}

    def add_given(self, inputs: Mapping[str, Any]) -> None:
        """Begin with what the run was given."""
        for name, about in inputs["assigns"].items():
            self._leave(f"assigns.{name}", Node(f"given:assigns.{name}", "given", f"assigns.{name}", dict(about)))
        if inputs["outputs"]:
            self._leave("outputs", Node("given:outputs", "given", "outputs", {"rows": inputs["outputs"]}))

    def add_stage(self, stage: Mapping[str, Any], datasets: Mapping[str, Any]) -> None:
        """Add a stage that was completed, what it read, and what it wrote."""
        about = {key: stage[key] for key in _STAGE_FACTS}
        if stage["status"] == "skipped" and stage["cache"]:
            about["computed_by"] = f"{stage['cache'].get('experiment_id')}/{stage['cache'].get('run_id')}"
        node = self._add(Node(f"stage:{stage['id']}", "stage", stage["id"], about))
        node.comes_of += [("read", other) for other in dict.fromkeys(self._read_by(stage))]
        for root in self._written_by(stage):
            value = Node(f"value:{root}@{stage['id']}", "value", root, comes_of=[("written_by", node.id)])
            if self._extends(stage["id"], root):
                value.comes_of.append(("extends", self._latest[root]))
            if root.startswith("assigns.") and self._is_dataset(stage["id"], root):
                self._add_source(value, datasets.get(root.removeprefix("assigns."), {}))
            self._leave(root, value)
        for room, keys in self._dropped(stage["id"]):
            self._latest.pop(f"{room}.{keys}", None)

    def add_file(self, artifact: Mapping[str, Any]) -> None:
        """Add a file that a stage wrote."""
        facts = {key: artifact.get(key) for key in ("bytes", "sha256")}
        writer = f"stage:{artifact['stage']}"
        comes_of = [("written_by", writer)] if writer in self.nodes else []
        self._add(Node(f"file:{artifact['path']}", "file", artifact["path"], facts, comes_of))

    def _add(self, node: Node) -> Node:
        return self.nodes.setdefault(node.id, node)

    def _leave(self, root: str, node: Node) -> None:
        self._latest[root] = self._add(node).id

    def _read_by(self, stage: Mapping[str, Any]) -> Iterator[str]:
        for path in _texts(stage["reads"]):
            yield from self._resolved(path) or (self._unknown(path),)
        for path in _texts(stage["may_read"]):
            yield from self._resolved(path)

    def _resolved(self, path: str) -> list[str]:
        """Return what a path leads to; an open one to everything there is."""
        if path == OPEN:
            return list(self._latest.values())
        if path.endswith(f".{OPEN}"):
            return [node for root, node in self._latest.items() if covers(path, root)]
        found = self._latest.get(root_of(path))
        return [] if found is None else [found]

    def _unknown(self, path: str) -> str:
        return self._add(Node(f"unknown:{path}", "unknown", path)).id

    def _written_by(self, stage: Mapping[str, Any]) -> list[str]:
        payload, state = self._results.payloads.get(stage["id"]), self._results.state(stage["id"])
        declared = _texts(stage["writes"]) if payload is not None else _texts(stage["writes"] + stage["may_write"])
        paths = [root_of(path) for path in declared if not path.endswith(OPEN)]
        payload = payload or {}
        paths += [f"metrics.{key}" for key in _keys(payload.get("metrics"))]
        paths += [f"assigns.{key}" for key in (*_keys(payload.get("datasets")), *_keys(state.get("assigns")))]
        paths += [f"artifacts.{key}" for key in _keys(state.get("artifacts"))]
        paths += ["outputs"] if "outputs" in state else []
        return list(dict.fromkeys(paths))

    def _extends(self, stage: str, root: str) -> bool:
        """Tell whether a stage added to what was there: rows of outputs, unless it began anew."""
        outputs = self._results.state(stage).get("outputs")
        anew = isinstance(outputs, Mapping) and outputs.get("from") == 0
        return root == "outputs" and root in self._latest and not anew

    def _is_dataset(self, stage: str, root: str) -> bool:
        return root.removeprefix("assigns.") in _keys(self._results.payloads.get(stage, {}).get("datasets"))

    def _add_source(self, value: Node, about: Mapping[str, Any]) -> None:
        value.facts = {key: about.get(key) for key in _DATA_FACTS}
        source = Node(f"source:{about.get('source')}@{about.get('sha256')}", "source", str(about.get("source")))
        source.facts = {"sha256": about.get("sha256")}
        value.comes_of.append(("loaded_from", self._add(source).id))

    def _dropped(self, stage: str) -> Iterator[tuple[str, str]]:
        for room, keys in _mapping(self._results.state(stage).get("dropped")).items():
            yield from ((room, key) for key in _texts(keys))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _keys(value: Any) -> Iterable[str]:
    return _mapping(value).keys()


def _texts(value: Any) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []
