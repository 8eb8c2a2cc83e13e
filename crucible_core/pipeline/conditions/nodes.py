"""What a condition is made of, once it is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crucible_core.pipeline.conditions.tokens import Step


Value = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Constant:
    """A number, a string, true, false or null."""

    at: int
    value: Value


@dataclass(frozen=True, slots=True)
class Path:
    """A metric, by the steps that lead to it."""

    at: int
    text: str
    steps: tuple[Step, ...]

    @property
    def root(self) -> str:
        """The context path by which data flow is decided."""
        return f"metrics.{self.steps[0]}"


@dataclass(frozen=True, slots=True)
class Defined:
    """Whether there is a metric."""

    at: int
    path: Path


@dataclass(frozen=True, slots=True)
class Call:
    """A function of values."""

    at: int
    name: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    at: int
    operand: Node


@dataclass(frozen=True, slots=True)
class Negative:
    """A number with the other sign."""

    at: int
    operand: Node


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """Two numbers and what becomes of them; ``at`` is the place of the sign."""

    at: int
    sign: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Comparison:
    """Values of which each is compared with the next: ``0 < x <= 1``."""

    at: int
    operands: tuple[Node, ...]
    signs: tuple[str, ...]
    places: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Logic:
    """Conditions that are all to hold (``and``), or one of them (``or``)."""

    at: int
    word: str
    operands: tuple[Node, ...]


Node = Constant | Path | Defined | Call | Not | Negative | Arithmetic | Comparison | Logic
