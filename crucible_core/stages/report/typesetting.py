"""The signs that a typesetter would use."""

from __future__ import annotations

import re

MINUS = "\N{MINUS SIGN}"
_NEGATIVE = re.compile(r"(?<![^\s(\[])-(?=\.?\d)")
_CODE = re.compile(r"(`[^`]*`)")
_FENCE = re.compile(r" {0,3}(?:```|~~~)")


def with_minus(text: str) -> str:
    """Return prose in which negative numbers have a true minus sign; other hyphens stay.

    Example:
        >>> with_minus("from -0.11 to 2.4, on 2026-03-14").replace(MINUS, "minus ")
        'from minus 0.11 to 2.4, on 2026-03-14'
    """
    return _NEGATIVE.sub(MINUS, text)


def typeset_markdown(text: str) -> str:
    """Return Markdown with true minus signs outside code.

    Example:
        >>> typeset_markdown("from -1 on, see `head -1`").replace(MINUS, "minus ")
        'from minus 1 on, see `head -1`'
    """
    lines, fenced = [], False
    for line in text.split("\n"):
        fence = bool(_FENCE.match(line))
        lines.append(line if fence or fenced else _outside_code(line))
        fenced ^= fence
    return "\n".join(lines)


def _outside_code(line: str) -> str:
    return "".join(part if part.startswith("`") else with_minus(part) for part in _CODE.split(line))
