"""Undo the disguises of text while remembering where every character came from."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_TAGS = range(0xE0020, 0xE007F)
_TAG_OFFSET = 0xE0000
_BELOW_ARMENIAN = 0x530  # Latin, Greek and Cyrillic lie below; their accents are dropped, those of Japanese kept
_INVISIBLE = frozenset("\u034f\u115f\u1160\u3164\uffa0")  # invisible, yet no format characters
_LONGEST_CLUSTER = (
    31  # one letter and 30 marks: the Stream-Safe limit of UAX #15, section 13; more sorts in square time
)
_LINE_BREAKS = frozenset("\n\r\v\f\x85\u2028\u2029")

_PUNCTUATION = str.maketrans("‘’‚‛ʼ“”„‟‐‑‒–—−", "'" * 5 + '"' * 4 + "-" * 6)  # noqa: RUF001 - the look-alikes are the point
_LOOKALIKES = str.maketrans("авсеһіјкмнорѕтухԁԛԝαβγεικνορτυχ", "abcehijkmhopstyxdqwabyeikvoptux")
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class NormalisedText:
    """Hold a folded text and, for each of its characters, the span of the original that it stands for.

    Attributes:
        text: The folded text.
        starts: Offset in the original where each character of `text` begins; as long as `text`.
        ends: Offset in the original where each character of `text` ends; as long as `text`.
    """

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """Return the span of the original text that `text[start:end]`, which is not empty, stands for."""
        return self.starts[start], self.ends[end - 1]


def normalise(text: str) -> NormalisedText:
    """Fold `text`: compatibility forms (NFKC), case, accents, invisible characters, spaces and look-alike letters.

    Runs of white space become one space, or one line break where they hold one. Unicode tag characters, which show
    nothing and spell ASCII, become what they spell. Look-alike Cyrillic and Greek letters become Latin ones in words
    that mix scripts. Costs time linear in the length of `text`.
    """
    folded: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for start, end, cluster in _clusters(text):
        for character in _fold(cluster):
            if character.isspace():
                character = "\n" if character in _LINE_BREAKS else " "  # noqa: PLW2901 - a folded character replaces it
                if folded and folded[-1].isspace():
                    folded[-1] = "\n" if "\n" in (folded[-1], character) else " "
                    ends[-1] = end
                    continue
            folded.append(character)
            starts.append(start)
            ends.append(end)
    joined = _WORD.sub(_fold_mixed_scripts, "".join(folded).translate(_PUNCTUATION))
    return NormalisedText(joined, tuple(starts), tuple(ends))


def _clusters(text: str) -> list[tuple[int, int, str]]:
    """Return `(start, end, characters)` of every character with the combining marks that follow it."""
    clusters: list[tuple[int, int, str]] = []
    start = 0
    for index in range(1, len(text) + 1):
        full = index - start == _LONGEST_CLUSTER
        if full or index == len(text) or text[index].isascii() or not unicodedata.combining(text[index]):
            clusters.append((start, index, text[start:index]))
            start = index
    return clusters


def _fold(cluster: str) -> str:
    if cluster.isascii():
        return cluster.lower()
    return "".join(map(_fold_character, unicodedata.normalize("NFKC", cluster))).lower()


def _fold_character(character: str) -> str:
    if ord(character) in _TAGS:
        return chr(ord(character) - _TAG_OFFSET)
    category = unicodedata.category(character)
    if category == "Cf" or character in _INVISIBLE or (category == "Mn" and not unicodedata.combining(character)):
        return ""
    base = unicodedata.normalize("NFD", character)[0]
    if ord(base) >= _BELOW_ARMENIAN:
        return character
    return "" if unicodedata.combining(base) else base


def _fold_mixed_scripts(match: re.Match[str]) -> str:
    word = match.group()
    mixed = not word.isascii() and any(character.isascii() for character in word)
    return word.translate(_LOOKALIKES) if mixed else word
