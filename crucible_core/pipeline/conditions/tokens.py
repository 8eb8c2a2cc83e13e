"""Cut the text of a condition into tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Literal, NamedTuple, NoReturn

from crucible_core.ir.errors import CrucibleError

Kind = Literal["number", "string", "word", "path", "sign", "end"]
Step = str | int

ROOM = "metrics"
_SEGMENT = r"\w+(?:-\w+)*"
_TOKEN = re.compile(
    r"(?P<space>\s+)"
    r"|(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?!\w))"
    r"|(?P<string>\"[^\"\n]*\"|'[^'\n]*')"
    r"|(?P<word>[^\W\d]\w*)"
    r"|(?P<sign><=|>=|==|!=|[-+*/(),<>])"
)
_STEP = re.compile(rf"\.(?P<name>{_SEGMENT})|\[(?P<index>\d{{1,9}})\]|\[(?P<quoted>\"[^\"\n]*\"|'[^'\n]*')\]")
FUNCTIONS = {"defined": (1, 1), "abs": (1, 1), "len": (1, 1), "min": (2, 99), "max": (2, 99)}
"""How many arguments each function takes, at least and at most."""

CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
OPERATORS = ("and", "or", "not")
_WORDS = (ROOM, *CONSTANTS, *OPERATORS, *FUNCTIONS)
_INSTEAD = {"&&": "and", "||": "or", "&": "and", "|": "or", "!": "not", "=": "==", "<>": "!="}


class ConditionSyntaxError(CrucibleError):
    """A condition that cannot be read; ``at`` is the place in its text, from 0."""

    def __init__(self, message: str, at: int, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.at = at


class Token(NamedTuple):
    """A part of a condition; a path's value is its steps, that of others what they stand for."""

    kind: Kind
    text: str
    at: int
    value: Any = None


def tokens_of(text: str) -> Iterator[Token]:
    """Yield the tokens of a condition, the last one being its end.

    Raises:
        ConditionSyntaxError: Something in it is none.
    """
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            _refuse(text, at)
        token = _token(found, text)
        if token is not None:
            yield token
        at = found.end() if token is None else token.at + len(token.text)
    yield Token("end", "", len(text))


def _token(found: re.Match[str], text: str) -> Token | None:
    kind, part, at = found.lastgroup, found[0], found.start()
    if kind == "space":
        return None
    if kind == "number":
        return Token("number", part, at, _number(part, at))
    if kind == "string":
        return Token("string", part, at, part[1:-1])
    if kind == "word":
        if part not in _WORDS:
            _unknown(part, at)
        return _path(text, at) if part == ROOM else Token("word", part, at)
    return Token("sign", part, at)


def _number(part: str, at: int) -> int | float:
    try:
        value = int(part) if part.isdecimal() else float(part)
    except ValueError:
        value = float("inf")
    if value in (float("inf"), float("-inf")):
        raise ConditionSyntaxError(f"the number {part:.20} is too large", at)
    return value


def _path(text: str, at: int) -> Token:
    """Read on after ``metrics``: names, and keys or indices in brackets."""
    steps: list[Step] = []
    end = at + len(ROOM)
    while found := _STEP.match(text, end):
        steps.append(int(found["index"]) if found["index"] else found["name"] or found["quoted"][1:-1])
        end = found.end()
    if text[end : end + 1] in (".", "["):
        hint = 'a key with other characters goes into brackets and quotes: metrics.eval["f1 (macro)"]'
        raise ConditionSyntaxError(f"a name or a key has to follow {text[end]!r}", end + 1, hint)
    if not steps or isinstance(steps[0], int):
        raise ConditionSyntaxError("a metric is named by its stage's id and what it is", end, "metrics.eval.accuracy")
    return Token("path", text[at:end], at, tuple(steps))


def _refuse(text: str, at: int) -> NoReturn:
    found = text[at]
    if found in "\"'":
        raise ConditionSyntaxError("this string does not end", at, f"close it with {found}")
    wrong = next((each for each in _INSTEAD if text.startswith(each, at)), None)
    if wrong is not None:
        raise ConditionSyntaxError(f"{wrong!r} is no operator", at, f"write {_INSTEAD[wrong]!r}")
    if found.isdigit() or (found == "." and text[at + 1 : at + 2].isdigit()):
        raise ConditionSyntaxError("a number cannot go on with letters", at)
    raise ConditionSyntaxError(f"the character {found!r} means nothing here", at)


def _unknown(word: str, at: int) -> NoReturn:
    from difflib import get_close_matches

    close = ["null"] if word.lower() == "none" else get_close_matches(word.lower(), _WORDS, n=1)
    hint = f"did you mean {close[0]!r}?" if close else "a metric begins with 'metrics.'; text goes into quotes"
    raise ConditionSyntaxError(f"{word!r} is unknown", at, hint)
