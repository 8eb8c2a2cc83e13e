"""What is wrong with a spec, and where."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, Self

if TYPE_CHECKING:
    from collections.abc import Iterable

_SHOWN = 60


class CrucibleError(Exception):
    """Base of every error that Crucible raises on purpose.

    Args:
        message: What was wrong.
        hint: What to type or change, or None.
    """

    hint: str | None

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


class Location(NamedTuple):
    """A place in a file; `line` and `column` count from 1, `column` is None where only the line is known."""

    file: str
    line: int
    column: int | None = None

    def __str__(self) -> str:
        column = "" if self.column is None else f":{self.column}"
        return f"{self.file}:{self.line}{column}"


class SpecProblem(NamedTuple):
    """One thing wrong in a spec: what, at which path within it, at which place of the file, and a near match."""

    message: str
    path: str = ""
    location: Location | None = None
    suggestion: str | None = None

    def __str__(self) -> str:
        where = [str(part) for part in (self.location, self.path) if part]
        ending = "" if self.suggestion is None else f"; did you mean {self.suggestion!r}?"
        return ": ".join([*where, self.message]) + ending


class CrossFieldError(ValueError):
    """Fields that do not go together; `path` leads from the value to the one to blame, where its key stands."""

    def __init__(self, message: str, *path: str | int) -> None:
        super().__init__(message)
        self.path = path


class NotFiniteError(CrossFieldError):
    """A number at `path` that JSON, and so the record of a run, does not have: NaN, or an infinite one."""

    def __init__(self, value: float, *path: str | int) -> None:
        super().__init__(f"expected a finite number, got {value!r}; a record, being JSON, has no other", *path)


class SpecError(CrucibleError):
    """A spec that cannot be read, with every problem found; `str()` gives one line for each."""

    problems: tuple[SpecProblem, ...]

    def __init__(self, problems: Iterable[SpecProblem], *, hint: str | None = None) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)), hint=hint)

    @classmethod
    def of(cls, message: str, *, path: str = "", location: Location | None = None, hint: str | None = None) -> Self:
        """Make the error of a single problem."""
        return cls([SpecProblem(message, path, location)], hint=hint)

    def __reduce__(self) -> tuple[object, ...]:
        return _restore, (type(self), self.problems, self.hint)


def _restore(cls: type[SpecError], problems: tuple[SpecProblem, ...], hint: str | None) -> SpecError:
    """Rebuild a pickled error; the default way would pass the message where the problems belong."""
    return cls(problems, hint=hint)


def path_text(path: Iterable[str | int]) -> str:
    """Write a path within a spec as people read it.

    >>> path_text(("pipeline", 2, "options", "alpha"))
    'pipeline[2].options.alpha'
    """
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def describe_value(value: Any) -> str:
    """Name a value as an error message shows it: with its type, and not at all when it is long.

    >>> describe_value("ten")
    "'ten' (a string)"
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return f"{str(value).lower()} (a boolean)"
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, (list, tuple)):
        return "a list" if value else "an empty list"
    if isinstance(value, str) and len(value) > _SHOWN:
        return f"a string of {len(value)} characters"
    kind = {str: "a string", int: "an integer", float: "a number"}.get(type(value), f"of type {type(value).__name__}")
    return f"{value!r:.{_SHOWN}} ({kind})"
