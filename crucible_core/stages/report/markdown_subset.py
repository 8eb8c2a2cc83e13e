"""The part of Markdown that texts in a report may use, read into blocks.

Paragraphs, headings, lists (one level), quotes, code blocks, rules; emphasis, strong, code, links to http, https and
mailto. Everything else, HTML above all, is the text that it is. Reading takes time linear in the text's length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

MAX_DEPTH = 16
_FENCE = re.compile(r" {0,3}(```++|~~~++)\s*+[\w+-]*+\s*+$")  # possessive: no input makes these go back
_HEADING = re.compile(r" {0,3}(#{1,6})\s++(.*)$")
_RULE = re.compile(r" {0,3}([-*_])(?:\s*+\1){2,}+\s*+$")
_ITEM = re.compile(r"\s*+(?:([-*+])|\d{1,9}+[.)])\s++(.*)$")
_QUOTE = re.compile(r" {0,3}> ?(.*)$")
_URL = re.compile(r"(?:https?://|mailto:)[^\s<>\"]+", re.IGNORECASE)
_SPECIAL = re.compile(r"[\\`*_\[]")
_PUNCTUATION = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")


class Kind(StrEnum):
    """What a block or a span is."""

    PARAGRAPH = "paragraph"
    HEADING = "heading"
    BULLETS = "bullets"
    NUMBERS = "numbers"
    QUOTE = "quote"
    CODE_BLOCK = "code_block"
    RULE = "rule"
    PLAIN = "plain"
    EMPHASIS = "emphasis"
    STRONG = "strong"
    CODE = "code"
    LINK = "link"


@dataclass(frozen=True)
class Span:
    """A stretch of a line: plain text and code have ``text``, the others spans inside them; a link has its URL."""

    kind: Kind
    text: str = ""
    inner: tuple[Span, ...] = ()
    url: str = ""


@dataclass(frozen=True)
class MarkdownBlock:
    """A block: ``lines`` holds one entry for a paragraph, heading or quote and one an item for a list."""

    kind: Kind
    lines: tuple[tuple[Span, ...], ...] = ()
    text: str = ""
    level: int = 0


def read_markdown(text: str) -> tuple[MarkdownBlock, ...]:
    """Read Markdown into blocks."""
    return tuple(_blocks(text.replace("\r\n", "\n").replace("\r", "\n").split("\n")))


def _blocks(lines: list[str]) -> Iterator[MarkdownBlock]:
    index = 0
    while index < len(lines):
        line = lines[index]
        if not line.strip():
            index += 1
        elif fence := _FENCE.match(line):
            end = _closing(lines, index + 1, fence[1])
            yield MarkdownBlock(Kind.CODE_BLOCK, text="\n".join(lines[index + 1 : end]))
            index = end + 1
        elif heading := _HEADING.match(line):
            yield MarkdownBlock(Kind.HEADING, (read_spans(_heading_text(heading[2])),), level=len(heading[1]))
            index += 1
        elif _RULE.match(line):
            yield MarkdownBlock(Kind.RULE)
            index += 1
        else:
            end = _end_of_run(lines, index)
            yield _run(lines[index:end])
            index = end


def _heading_text(text: str) -> str:
    """Return a heading without the number signs that may close it."""
    text = text.strip()
    bare = text.rstrip("#")
    return bare.rstrip() if not bare or bare[-1].isspace() else text


def _closing(lines: list[str], start: int, fence: str) -> int:
    for index in range(start, len(lines)):
        if lines[index].strip().startswith(fence) and not lines[index].strip().strip(fence[0]):
            return index
    return len(lines)


def _end_of_run(lines: list[str], start: int) -> int:
    """Return where the paragraph, list or quote that begins at ``start`` ends."""
    kind = _line_kind(lines[start])
    for index in range(start + 1, len(lines)):
        line = lines[index]
        if not line.strip() or _FENCE.match(line) or _HEADING.match(line) or _RULE.match(line):
            return index
        here = _line_kind(line)
        if here is not kind and here is not Kind.PARAGRAPH:
            return index
    return len(lines)


def _line_kind(line: str) -> Kind:
    if _QUOTE.match(line):
        return Kind.QUOTE
    item = _ITEM.match(line)
    if item is None:
        return Kind.PARAGRAPH
    return Kind.BULLETS if item[1] else Kind.NUMBERS


def _run(lines: list[str]) -> MarkdownBlock:
    kind = _line_kind(lines[0])
    if kind in (Kind.BULLETS, Kind.NUMBERS):
        items: list[list[str]] = []
        for line in lines:
            item = _ITEM.match(line)
            if item:
                items.append([item[2]])
            else:
                items[-1].append(line.strip())
        return MarkdownBlock(kind, tuple(read_spans(" ".join(item)) for item in items))
    if kind is Kind.QUOTE:
        lines = [quote[1] if (quote := _QUOTE.match(line)) else line for line in lines]
    return MarkdownBlock(kind, (read_spans(" ".join(line.strip() for line in lines)),))


def read_spans(text: str) -> tuple[Span, ...]:
    """Read the spans of one line."""
    return tuple(_merged(_Reader(text, 0).spans()))


class _Reader:
    """Read spans from left to right; a mark found to have no end is not looked for again."""

    def __init__(self, text: str, depth: int) -> None:
        self.text = text
        self.depth = depth
        self.endless: set[str] = set()

    def spans(self) -> Iterator[Span]:
        position = 0
        while (special := _SPECIAL.search(self.text, position)) is not None:
            if special.start() > position:
                yield Span(Kind.PLAIN, self.text[position : special.start()])
            span, position = self._special(special.start())
            yield span
        if position < len(self.text):
            yield Span(Kind.PLAIN, self.text[position:])

    def _special(self, at: int) -> tuple[Span, int]:
        character = self.text[at]
        if character == "\\":
            escaped = self.text[at + 1 : at + 2]
            return (Span(Kind.PLAIN, escaped), at + 2) if escaped in _PUNCTUATION else (Span(Kind.PLAIN, "\\"), at + 1)
        found = {"`": self._code, "[": self._link}.get(character, self._emphasis)(at)
        return found or (Span(Kind.PLAIN, character), at + 1)

    def _code(self, at: int) -> tuple[Span, int] | None:
        ticks = re.compile("`+").match(self.text, at)
        assert ticks is not None
        end = self._find(ticks[0], ticks.end())
        if end < 0:
            return Span(Kind.PLAIN, ticks[0]), ticks.end()
        return Span(Kind.CODE, self.text[ticks.end() : end].strip()), end + len(ticks[0])

    def _link(self, at: int) -> tuple[Span, int] | None:
        middle = self._find("](", at + 1)
        end = -1 if middle < 0 else self._find(")", middle + 2)
        if end < 0:
            return None
        url = self.text[middle + 2 : end].strip()
        if not _URL.fullmatch(url):
            return None
        return Span(Kind.LINK, inner=self._inside(at + 1, middle), url=url), end + 1

    def _emphasis(self, at: int) -> tuple[Span, int] | None:
        character = self.text[at]
        mark = character * 2 if self.text.startswith(character * 2, at) else character
        start = at + len(mark)
        opens = self.text[start : start + 1].strip() and not (character == "_" and self.text[at - 1 : at].isalnum())
        end = self._find_end(mark, start + 1) if opens else -1
        if end < 0:
            return Span(Kind.PLAIN, mark), start
        kind = Kind.STRONG if len(mark) == 2 else Kind.EMPHASIS  # noqa: PLR2004 - ** or *
        return Span(kind, inner=self._inside(start, end)), end + len(mark)

    def _find_end(self, mark: str, start: int) -> int:
        """Return where emphasis ends: at a mark after a word, and for underscores before none."""
        if mark in self.endless:
            return -1
        end = self.text.find(mark, start)
        while end >= 0:
            inside = mark[0] == "_" and self.text[end + len(mark) : end + len(mark) + 1].isalnum()
            if self.text[end - 1].strip() and not inside:
                return end
            end = self.text.find(mark, end + 1)
        self.endless.add(mark)
        return -1

    def _find(self, mark: str, start: int) -> int:
        if mark in self.endless:
            return -1
        end = self.text.find(mark, start)
        if end < 0:
            self.endless.add(mark)
        return end

    def _inside(self, start: int, end: int) -> tuple[Span, ...]:
        inner = self.text[start:end]
        if self.depth >= MAX_DEPTH:
            return (Span(Kind.PLAIN, inner),)
        return tuple(_merged(_Reader(inner, self.depth + 1).spans()))


def _merged(spans: Iterator[Span]) -> Iterator[Span]:
    """Join neighbouring plain spans."""
    plain: list[str] = []
    for span in spans:
        if span.kind is Kind.PLAIN:
            plain.append(span.text)
            continue
        if plain:
            yield Span(Kind.PLAIN, "".join(plain))
            plain = []
        yield span
    if plain:
        yield Span(Kind.PLAIN, "".join(plain))
