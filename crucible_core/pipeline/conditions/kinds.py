"""Find what a condition can never be right about, whatever the metrics: a number where true or false is asked for."""

from __future__ import annotations

from typing import Literal

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
from crucible_core.pipeline.conditions.tokens import ConditionSyntaxError

Kind = Literal["true or false", "a number", "a string", "null", "a list", "a mapping", "anything"]
ORDERED: tuple[Kind, ...] = ("a number", "a string")


def kind_of(value: object) -> Kind:
    """Return what kind of JSON value something is; a boolean is no number."""
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, (int, float)):
        return "a number"
    if value is None:
        return "null"
    return "a string" if isinstance(value, str) else "a list" if isinstance(value, (list, tuple)) else "a mapping"


def check_kinds(root: Node) -> None:
    """Refuse a condition that cannot come out true or false.

    Raises:
        ConditionSyntaxError: The message says what is there and what has to be.
    """
    _ask("true or false", root)


def _ask(wanted: Kind, node: Node) -> None:
    found = _kind(node)
    if found not in (wanted, "anything"):
        raise ConditionSyntaxError(f"this is {found}, where {wanted} is asked for", node.at)


def _kind(node: Node) -> Kind:
    """Return what kind of value a part comes to, and refuse what is wrong within it."""
    if isinstance(node, Constant):
        return kind_of(node.value)
    if isinstance(node, Path):
        return "anything"
    if isinstance(node, (Negative, Arithmetic, Call)):
        for part in _numbers_in(node):
            _ask("a number", part)
        return "a number"
    if isinstance(node, Comparison):
        _check_comparison(node)
    else:
        for part in _truths_in(node):
            _ask("true or false", part)
    return "true or false"


def _numbers_in(node: Negative | Arithmetic | Call) -> tuple[Node, ...]:
    if isinstance(node, Call):
        return node.arguments if node.name != "len" else ()
    return (node.operand,) if isinstance(node, Negative) else (node.left, node.right)


def _truths_in(node: Defined | Logic | Not) -> tuple[Node, ...]:
    if isinstance(node, Logic):
        return node.operands
    return (node.operand,) if isinstance(node, Not) else ()


def _check_comparison(node: Comparison) -> None:
    kinds = [_kind(operand) for operand in node.operands]
    pairs = zip(kinds, kinds[1:], node.signs, node.places, strict=False)
    for left, right, sign, place in pairs:
        known = [each for each in (left, right) if each != "anything"]
        if sign not in ("==", "!=") and any(each not in ORDERED for each in known):
            raise ConditionSyntaxError(f"{sign!r} compares numbers or strings, not {left} and {right}", place)
        if len(known) == 2 and left != right and "null" not in known:  # noqa: PLR2004 - a pair
            raise ConditionSyntaxError(f"{left} and {right} cannot be compared", place)
