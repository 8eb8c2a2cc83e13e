"""Context paths: ``outputs``, ``assigns.K``, ``metrics.K``, ``artifacts.K``, and their placeholders."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

ROOMS = ("outputs", "assigns", "metrics", "artifacts")
OPEN = "*"

_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")


def root_of(path: str) -> str:
    """Return what of a path data flow is decided by: its room and its first key.

    Example:
        >>> root_of("metrics.eval.accuracy")
        'metrics.eval'
    """
    room, _, rest = path.partition(".")
    return f"{room}.{rest.partition('.')[0]}" if rest else room


def path_problem(path: str) -> str | None:
    """Say what is wrong with a context path, or None."""
    room, dot, rest = path.partition(".")
    if path == OPEN or (room == "outputs" and not dot):
        return None
    if room == "outputs":
        return f"{path!r}: outputs is a list of rows and has no keys; write 'outputs'"
    if room not in ROOMS or not rest or not all(rest.split(".")):
        return f"{path!r} is not a context path; write outputs, assigns.K, metrics.K or artifacts.K"
    return None


def covers(written: str, read: str) -> bool:
    """Tell whether writing one path makes the other one there to read; ``*`` and ``room.*`` are open."""
    if written == OPEN:
        return True
    if written.endswith(f".{OPEN}"):
        return read.startswith(written[:-1])
    return root_of(written) == root_of(read)


def placeholders(path: str) -> tuple[str, ...]:
    """Name the placeholders of a path, in order."""
    return tuple(_PLACEHOLDER.findall(path))


def fill(paths: Iterable[str], values: Mapping[str, Any]) -> tuple[str, ...]:
    """Replace placeholders by values; one without a value stays, one whose value is None takes its path away.

    A value that is a list stands for several paths.

    Example:
        >>> fill(("metrics.{id}", "{data}"), {"data": ["outputs", "assigns.gold"]})
        ('metrics.{id}', 'outputs', 'assigns.gold')
    """
    return tuple([filled for path in paths for filled in (_expand(path, values) if "{" in path else (path,))])


def _expand(path: str, values: Mapping[str, Any]) -> Iterator[str]:
    for name in placeholders(path):
        if name not in values:
            continue
        value = values[name]
        if value is None:
            return
        for each in value if isinstance(value, (list, tuple)) else (value,):
            yield from _expand(path.replace(f"{{{name}}}", str(each)), {k: v for k, v in values.items() if k != name})
        return
    yield path
