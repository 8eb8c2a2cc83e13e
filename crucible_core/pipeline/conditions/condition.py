"""A condition under which a stage runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from crucible_core.pipeline.conditions.evaluation import Evaluation
from crucible_core.pipeline.conditions.nodes import Defined, Node, Path
from crucible_core.pipeline.conditions.syntax import parsed


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition, read.

    Args:
        text: As the experiment gives it.
        root: What it is made of.
    """

    text: str
    root: Node

    @classmethod
    def of(cls, text: str) -> Condition:
        """Read a condition.

        Raises:
            ConditionSyntaxError: It cannot be read.
        """
        return cls(text, parsed(text))

    @property
    def needed(self) -> tuple[Path, ...]:
        """The metrics that have to be there; those it asks for with ``defined()`` need not be."""
        asked = {path.root for path in self.asked}
        return tuple(each for each in _nodes(self.root) if isinstance(each, Path) and each.root not in asked)

    @property
    def asked(self) -> tuple[Path, ...]:
        """The metrics that it asks for with ``defined()``."""
        return tuple(each.path for each in _nodes(self.root) if isinstance(each, Defined))

    def refusal(self, metrics: Mapping[str, Any]) -> str | None:
        """Say why it does not hold; None where it does.

        Raises:
            ConditionFailedError: It is neither true nor false of these metrics.
        """
        evaluation = Evaluation(metrics)
        if evaluation.truth(self.root):
            return None
        seen = ", ".join(evaluation.seen.values())
        return f"{' '.join(self.text.split())} does not hold" + (f": {seen}" if seen else "")


def _nodes(node: Any) -> Iterator[Any]:
    """Yield a node and all within it."""
    yield node
    for field in fields(node):
        value = getattr(node, field.name)
        for each in value if isinstance(value, tuple) else (value,):
            if is_dataclass(each):
                yield from _nodes(each)
