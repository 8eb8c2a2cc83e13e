"""Say whether a condition holds of the metrics there are."""

from __future__ import annotations

import json
import operator
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from crucible_core.ir.errors import CrucibleError
from crucible_core.pipeline.conditions.kinds import ORDERED, kind_of
from crucible_core.pipeline.conditions.nodes import (
    Arithmetic,
    Call,
    Comparison,
    Constant,
    Defined,
    Logic,
    Negative,
    Node,
    Not,
    Path,
)

if TYPE_CHECKING:
    from crucible_core.pipeline.conditions.tokens import Step

_ABSENT: Any = object()
_SHOWN = 40  # characters of a value
_SIGNS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def _nan_first(chosen: Callable[..., Any]) -> Callable[..., Any]:
    """Return a choice among numbers that is not a number as soon as one of them is none, in whichever place."""

    def choose(*numbers: Any) -> Any:
        return next((each for each in numbers if each != each), None) or chosen(*numbers)  # noqa: PLR0124 - NaN alone

    return choose


_FUNCTIONS: dict[str, Callable[..., Any]] = {"abs": abs, "min": _nan_first(min), "max": _nan_first(max)}


class ConditionFailedError(CrucibleError):
    """A condition that is neither true nor false of these metrics; ``at`` is the place in its text, from 0."""

    def __init__(self, message: str, at: int, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.at = at


class Evaluation:
    """One look at the metrics.

    Args:
        metrics: Stage id to what it measured.
    """

    def __init__(self, metrics: Mapping[str, Any]) -> None:
        self._metrics = metrics
        self.seen: dict[str, str] = {}
        """What was looked at, and found, by its path, in words."""

    def truth(self, node: Node) -> bool:
        """Tell whether a condition holds.

        Raises:
            ConditionFailedError: It says nothing of these metrics.
        """
        value = self._value(node)
        if not isinstance(value, bool):
            raise ConditionFailedError(f"this is {kind_of(value)}, where true or false is asked for", node.at)
        return value

    def _value(self, node: Node) -> Any:
        match node:
            case Constant():
                return node.value
            case Path():
                return self._metric(node)
            case Defined():
                return self._is_defined(node.path)
            case Logic():
                return (all if node.word == "and" else any)(self.truth(operand) for operand in node.operands)
            case Not():
                return not self.truth(node.operand)
            case Comparison():
                return self._comparison(node)
            case Negative():
                return -self._number(node.operand)
            case Arithmetic():
                return self._arithmetic(node)
            case Call():
                return self._call(node)

    def _is_defined(self, path: Path) -> bool:
        is_there = found_at(self._metrics, path.steps) is not _ABSENT
        self.seen.setdefault(path.text, f"{path.text} is there" if is_there else f"there is no {path.text}")
        return is_there

    def _metric(self, path: Path) -> Any:
        value = found_at(self._metrics, path.steps)
        if value is _ABSENT:
            hint = f"ask for it first: defined({path.text}) and ..."
            raise ConditionFailedError(f"there is no metric {path.text}", path.at, hint)
        self.seen[path.text] = f"{path.text} is {json.dumps(value):.{_SHOWN}}"
        return value

    def _number(self, node: Node) -> Any:
        value = self._value(node)
        if kind_of(value) != "a number":
            raise ConditionFailedError(f"this is {kind_of(value)}, where a number is asked for", node.at)
        return value

    def _arithmetic(self, node: Arithmetic) -> Any:
        left, right = self._number(node.left), self._number(node.right)
        try:
            return _SIGNS[node.sign](left, right)
        except ArithmeticError as error:
            raise ConditionFailedError(f"{left} {node.sign} {right}: {error}", node.at) from None

    def _comparison(self, node: Comparison) -> bool:
        left = self._value(node.operands[0])
        for operand, sign, place in zip(node.operands[1:], node.signs, node.places, strict=True):
            right = self._value(operand)
            if not _compared(left, sign, right, place):
                return False
            left = right
        return True

    def _call(self, node: Call) -> Any:
        if node.name != "len":
            return _FUNCTIONS[node.name](*map(self._number, node.arguments))
        value = self._value(node.arguments[0])
        if kind_of(value) not in ("a string", "a list", "a mapping"):
            raise ConditionFailedError(f"this is {kind_of(value)}, which has no length", node.arguments[0].at)
        return len(value)


def _compared(left: Any, sign: str, right: Any, place: int) -> bool:
    kinds = kind_of(left), kind_of(right)
    if sign in ("==", "!=") and (kinds[0] == kinds[1] or "null" in kinds):
        return bool(left == right) == (sign == "==")
    if sign in ("==", "!="):
        raise ConditionFailedError(f"{kinds[0]} and {kinds[1]} cannot be compared", place)
    if kinds[0] != kinds[1] or kinds[0] not in ORDERED:
        raise ConditionFailedError(f"{sign!r} compares two numbers or two strings, not {' and '.join(kinds)}", place)
    return bool(_SIGNS[sign](left, right))


def found_at(metrics: Mapping[str, Any], steps: tuple[Step, ...]) -> Any:
    """Return the metric that steps lead to, or a marker that no metric is.

    A key may hold dots itself: the longest that fits is taken, as by `Context.read`.
    """
    value: Any = metrics
    at = 0
    while at < len(steps):
        step = steps[at]
        if isinstance(step, int):
            if not isinstance(value, (list, tuple)) or step >= len(value):
                return _ABSENT
            value, at = value[step], at + 1
            continue
        length = _longest_key(value, steps[at:])
        if not length:
            return _ABSENT
        value, at = value[".".join(map(str, steps[at : at + length]))], at + length
    return value


def _longest_key(value: Any, steps: tuple[Step, ...]) -> int:
    if not isinstance(value, Mapping):
        return 0
    names = next((index for index, step in enumerate(steps) if isinstance(step, int)), len(steps))
    lengths = range(names, 0, -1)
    return next((length for length in lengths if ".".join(map(str, steps[:length])) in value), 0)
