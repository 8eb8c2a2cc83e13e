"""Decode the base64 and hexadecimal runs of a text that hold text themselves."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crucible_core.stages.guardrails.rule import Rule

_HEXADECIMAL = re.compile(r"(?:[0-9a-fA-F]{2})+")


def decoded_runs(text: str, runs: Rule) -> Iterator[tuple[int, int, str]]:
    """Yield `(start, end, decoded)` for the matches of `runs` in `text` that decode to printable UTF-8."""
    for start, end in runs.spans(text):
        decoded = decode_text(text[start:end])
        if decoded is not None:
            yield start, end, decoded


def decode_text(run: str) -> str | None:
    """Return what `run` spells in hexadecimal or base64 (either alphabet, padded or not), or None if it is no text."""
    import base64  # imported here since few texts hold such a run
    import binascii

    try:
        if _HEXADECIMAL.fullmatch(run):
            raw = bytes.fromhex(run)
        else:
            digits = run.rstrip("=").replace("-", "+").replace("_", "/")
            raw = base64.b64decode(digits + "=" * (-len(digits) % 4), validate=True)
        decoded = raw.decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return decoded if all(character.isprintable() or character.isspace() for character in decoded) else None
