"""The values inside nested JSON, each with the path to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

__all__ = ["Path", "leaves", "path_words"]

Path = tuple[str | int, ...]


def leaves(value: Any, *, lists: bool = True) -> Iterator[tuple[Path, Any]]:
    """Yield path and value of everything in a JSON value that holds nothing itself, in order.

    An empty container is a leaf, and so is a whole value that is no container. However deep, it needs no recursion.

    Args:
        value: The value.
        lists: Go into lists that hold no container, too; else such a list is a leaf.

    Example:
        >>> list(leaves({"a": {"b": 1, "c": []}, "d": [True, "x"]}))
        [(('a', 'b'), 1), (('a', 'c'), []), (('d', 0), True), (('d', 1), 'x')]
        >>> list(leaves({"d": [True, "x"]}, lists=False))
        [(('d',), [True, 'x'])]
    """
    waiting: list[tuple[Path, Any]] = [((), value)]
    while waiting:
        path, each = waiting.pop()
        if isinstance(each, dict) and each:
            waiting += [((*path, key), inner) for key, inner in reversed(each.items())]
        elif isinstance(each, list) and each and (lists or any(isinstance(one, (dict, list)) for one in each)):
            waiting += [((*path, index), each[index]) for index in reversed(range(len(each)))]
        else:
            yield path, each


def path_words(path: Path) -> str:
    """Return a path as people write it; a key with a dot in it stands in brackets.

    Example:
        >>> path_words(("eval", "per.class", 3, "f1"))
        "eval['per.class'][3].f1"
    """
    words = ""
    for step in path:
        if isinstance(step, int):
            words += f"[{step}]"
        elif not step or "." in step or "[" in step:
            words += f"[{step!r}]"
        else:
            words += f".{step}" if words else step
    return words
