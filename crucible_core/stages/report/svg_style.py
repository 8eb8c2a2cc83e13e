"""Style sheets and style values inside a figure: refuse what reaches out, keep the rest to the figure."""

from __future__ import annotations

import re
from collections.abc import Callable

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_FUNCTION = re.compile(r"([\w-]*)\(")
_REFERENCE = re.compile(r"url\(\s*(['\"]?)#([^'\"()\s]+)\1\s*\)", re.IGNORECASE)
_FUNCTION_NAMES = """
url rgb rgba hsl hsla lab lch oklab oklch color color-mix light-dark var calc min max clamp translate translatex
translatey scale scalex scaley rotate skewx skewy matrix circle ellipse inset polygon path cubic-bezier steps not is
where nth-child nth-of-type first-child last-child blur brightness contrast drop-shadow opacity
"""
_FUNCTIONS = frozenset(_FUNCTION_NAMES.split())
_ID_SELECTOR = re.compile(r"#([A-Za-z_][\w-]*)")


class UnsafeFigureError(ValueError):
    """A figure that a report does not show; the message says why."""


def safe_value(value: str, rename: Callable[[str], str]) -> str:
    """Return a style value, or a whole declaration list, with its references renamed.

    Raises:
        UnsafeFigureError: It refers to something outside the figure, or hides what it says.
    """
    if "\\" in value:
        raise UnsafeFigureError("a style with a backslash escape")
    for function in _FUNCTION.findall(value):
        if function and function.lower() not in _FUNCTIONS:
            raise UnsafeFigureError(f"the style function {function}()")
    renamed = _REFERENCE.sub(lambda found: f"url(#{rename(found[2])})", value)
    if len(_REFERENCE.findall(value)) != len(re.findall(r"url\(", value, re.IGNORECASE)):
        raise UnsafeFigureError("a reference to something outside the figure, in a style")
    return renamed


def scoped_style_sheet(sheet: str, scope: str, rename: Callable[[str], str]) -> str:
    """Return a style sheet whose rules hold inside the element with id ``scope`` only.

    Raises:
        UnsafeFigureError: It holds an at-rule other than ``@media``, is not well-formed, or reaches out.
    """
    text = _COMMENT.sub("", sheet).replace("<!--", "").replace("-->", "")
    return _rules(safe_value(text, rename), scope, rename, depth=0)


def _rules(text: str, scope: str, rename: Callable[[str], str], depth: int) -> str:
    written: list[str] = []
    while text.strip():
        prelude, brace, rest = text.partition("{")
        body, text = _body(rest) if brace else ("", "")
        if not brace or "}" in prelude or ";" in prelude:
            raise UnsafeFigureError("a style sheet that is not well-formed, or an at-rule such as @import")
        prelude = prelude.strip()
        if prelude.lower().startswith("@media") and depth == 0:
            written.append(f"{prelude}{{{_rules(body, scope, rename, depth + 1)}}}")
        elif prelude.startswith("@") or "{" in body:
            raise UnsafeFigureError(f"the at-rule {prelude.split()[0]}" if prelude else "a nested style rule")
        else:
            written.append(f"{_selectors(prelude, scope, rename)}{{{body.strip()}}}")
    return "".join(written)


def _body(text: str) -> tuple[str, str]:
    """Split after the brace that closes what began before ``text``."""
    depth = 1
    for found in re.finditer(r"[{}]", text):
        depth += 1 if found[0] == "{" else -1
        if depth == 0:
            return text[: found.start()], text[found.end() :]
    raise UnsafeFigureError("a style sheet with an open brace")


def _selectors(prelude: str, scope: str, rename: Callable[[str], str]) -> str:
    renamed = _ID_SELECTOR.sub(lambda found: f"#{rename(found[1])}", prelude)
    parts = [each.strip() for each in renamed.split(",")]
    return ",".join(f"#{scope}" if each in (":root", "svg") else f"#{scope} {each}" for each in parts if each)
