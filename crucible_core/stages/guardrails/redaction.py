"""Replace findings in a text by marks that say what was there."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crucible_core.stages.guardrails.adapter import Finding


def redact(text: str, findings: Iterable[Finding]) -> str:
    """Return `text` with each finding replaced by its category in capitals and brackets, such as `[EMAIL]`.

    Findings that overlap are replaced as one, by the mark of the longest of them.

    Example:
        >>> from crucible_core.stages.guardrails import Finding, redact
        >>> redact("Ask ana@example.com.", [Finding(4, 19, "pii", "email", "medium", "pii.email.address")])
        'Ask [EMAIL].'

    Raises:
        ValueError: A finding lies outside `text`, so it belongs to another text.
    """
    return redact_with_offsets(text, findings).text


@dataclass(frozen=True, slots=True)
class Piece:
    """Place one part of a redacted text, kept or replaced, in it and in the original; all offsets in characters."""

    start: int
    original_start: int
    original_end: int
    replaced: bool


@dataclass(frozen=True, slots=True)
class RedactedText:
    """Hold a redacted text and where its parts came from."""

    text: str
    pieces: tuple[Piece, ...]

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """Return the span of the original that `text[start:end]`, which is not empty, stands for; marks count whole."""
        first, last = self._piece_at(start), self._piece_at(end - 1)
        left = first.original_start if first.replaced else first.original_start + start - first.start
        right = last.original_end if last.replaced else last.original_start + end - last.start
        return left, right

    def _piece_at(self, offset: int) -> Piece:
        return self.pieces[bisect_right(self.pieces, offset, key=lambda piece: piece.start) - 1]


def redact_with_offsets(text: str, findings: Iterable[Finding]) -> RedactedText:
    """Redact as `redact` does, and keep the way back to the offsets of `text`; raises what `redact` raises."""
    parts: list[str] = []
    pieces: list[Piece] = []
    position = length = 0
    for start, end, category in _merged(text, findings):
        kept, mark = text[position:start], f"[{category.upper()}]"
        if kept:
            pieces.append(Piece(length, position, start, replaced=False))
        pieces.append(Piece(length + len(kept), start, end, replaced=True))
        parts += (kept, mark)
        length += len(kept) + len(mark)
        position = end
    pieces.append(Piece(length, position, len(text), replaced=False))
    return RedactedText("".join(parts) + text[position:], tuple(pieces))


def _merged(text: str, findings: Iterable[Finding]) -> list[tuple[int, int, str]]:
    """Return `(start, end, category)` of the unions of overlapping findings, in the order of the text."""
    groups: list[list[Finding]] = []
    reach = 0
    for finding in sorted(findings):
        if not 0 <= finding.start < finding.end <= len(text):
            raise ValueError(
                f"finding {finding.rule} at {finding.start}:{finding.end} is outside a text of {len(text)} characters; "
                "redact the text that was scanned, with the findings of that scan"
            )
        if groups and finding.start < reach:
            groups[-1].append(finding)
        else:
            groups.append([finding])
        reach = max(reach, finding.end)
    return [_union(group) for group in groups]


def _union(group: list[Finding]) -> tuple[int, int, str]:
    longest = max(group, key=lambda finding: finding.end - finding.start)
    return group[0].start, max(finding.end for finding in group), longest.category
