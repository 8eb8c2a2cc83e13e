"""Text and code as LaTeX."""

from __future__ import annotations

import re

_ESCAPES = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "'": r"\textquotesingle{}",
    "`": r"\textasciigrave{}",
    "[": "{[}",
    "]": "{]}",
    "-": "-{}",
    "\N{MINUS SIGN}": r"\ensuremath{-}",
    "≥": r"\ensuremath{\geq}",
    "≤": r"\ensuremath{\leq}",
    "\N{EN DASH}": r"\textendash{}",
    "…": r"\dots{}",
    "·": r"\textperiodcentered{}",
}
_LONG_WORD = 24
_PIECE = 4
_SPECIAL = re.compile("|".join(map(re.escape, _ESCAPES)))
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


def escape_latex(text: str) -> str:
    """Return text as LaTeX that prints it: nothing in it is a command, and it stays in one paragraph.

    Hyphens are kept apart so that none join into dashes, and control characters, which no font has, are left out.
    """
    flat = _CONTROL.sub("", " ".join(str(text).split()))
    return _SPECIAL.sub(lambda found: _ESCAPES[found[0]], flat)


def breakable_latex(text: str) -> str:
    """Return text as LaTeX in which words too long for a column, hashes and paths, may be broken anywhere."""
    return " ".join(_breakable(word) for word in str(text).split())


def _breakable(word: str) -> str:
    if len(word) <= _LONG_WORD:
        return escape_latex(word)
    pieces = [word[start : start + _PIECE] for start in range(0, len(word), _PIECE)]
    return r"\allowbreak{}".join(map(escape_latex, pieces))


def latex_code(text: str) -> str:
    """Return lines of code, each on its own line."""
    lines = [escape_latex(line).replace(" ", "~") for line in text.splitlines() if line.strip()]
    inner = "\\\\\n".join(rf"\texttt{{{line}}}" for line in lines)
    return f"\\begin{{flushleft}}\n{inner}\n\\end{{flushleft}}" if inner else ""
