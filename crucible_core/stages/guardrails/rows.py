"""Texts, numbers and keys inside rows: what was found in them, and the rows without it."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from crucible_core.stages.guardrails.adapter import scan_texts
from crucible_core.stages.guardrails.plain_number import digits_of, readings
from crucible_core.stages.guardrails.redaction import redact

if TYPE_CHECKING:
    from crucible_core.stages.guardrails.adapter import Finding, GuardrailAdapter

Kind = Literal["text", "number", "key"]


@dataclass(frozen=True)
class Scan:
    """What to look for, and with what.

    Attributes:
        adapter: What looks.
        checks: What for.
        profiles: Under each of which profiles.
        asked: The fields named by whoever asks; their numbers are read more eagerly.
        known: What was found in keys, by key.
    """

    adapter: GuardrailAdapter
    checks: frozenset[str]
    profiles: Sequence[str]
    asked: Container[str] = ()
    known: dict[str, tuple[Finding, ...]] = field(default_factory=dict, compare=False)

    def read(self, text: str, checks: frozenset[str], *, remember: bool = False) -> tuple[Finding, ...]:
        """Return what any of the profiles finds in a text; what is to be remembered is scanned once."""
        if remember and text in self.known:
            return self.known[text]
        found = (scan_texts(self.adapter, (text,), checks, profile)[0] for profile in self.profiles)
        findings = tuple(sorted({each for several in found for each in several}))
        if remember:
            self.known[text] = findings
        return findings


@dataclass(frozen=True)
class Spot:
    """A place inside a row.

    Attributes:
        keys: The keys and indexes that lead there, as they are.
        path: The same for a reader, e.g. ``messages[0].content``; a key in which personal data was found is redacted.
        name: The nearest key, which says what a number is.
        asked: Whether the field it lies in was asked for by name.
    """

    keys: tuple[Any, ...] = ()
    path: str = ""
    name: str = ""
    asked: bool = False


@dataclass(frozen=True)
class FlaggedText:
    """A text, a number's digits or a key in which something was found."""

    spot: Spot
    kind: Kind
    text: str
    findings: tuple[Finding, ...]

    @property
    def redacted(self) -> str:
        """The text with personal data replaced by marks such as ``[EMAIL]``."""
        return redact(self.text, [each for each in self.findings if each.check == "pii"])


def flagged_texts(value: Any, scan: Scan, spot: Spot = Spot()) -> Iterator[FlaggedText]:
    """Yield every text, number and key inside a value in which something was found, under any of the profiles.

    Raises:
        ValueError: The adapter does not know a profile, or answers with a span outside the text.
        TypeError: The adapter answers with something that is no finding.
    """
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield from _entry(key, each, scan, spot)
    elif isinstance(value, (list, tuple)):
        for index, each in enumerate(value):
            inner = replace(spot, keys=(*spot.keys, index), path=f"{spot.path}[{index}]")
            yield from flagged_texts(each, scan, inner)
    else:
        yield from _found(value, scan, spot, "text" if isinstance(value, str) else "number")


def _entry(key: Any, value: Any, scan: Scan, spot: Spot) -> Iterator[FlaggedText]:
    asked = spot.asked or (not spot.keys and key in scan.asked)
    at_key = replace(spot, keys=(*spot.keys, key), asked=asked)
    shown = str(key)
    for flagged in _found(key, scan, at_key, "key"):
        shown = flagged.redacted
        yield replace(flagged, spot=replace(at_key, path=_joined(spot.path, shown)))
    yield from flagged_texts(value, scan, replace(at_key, path=_joined(spot.path, shown), name=str(key)))


def _joined(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _found(value: Any, scan: Scan, spot: Spot, kind: Kind) -> Iterator[FlaggedText]:
    """Yield what is found in a text or number, if anything is; a value of another kind holds nothing to read."""
    digits = digits_of(value)
    text = value if isinstance(value, str) else digits
    if text is None:
        return
    findings = scan.read(text, scan.checks, remember=kind == "key") if isinstance(value, str) else ()
    if digits is not None and "pii" in scan.checks:
        for before in readings(spot.name, asked=spot.asked):
            read = _shifted(scan.read(before + text, frozenset({"pii"})), len(before))
            findings += tuple(each for each in read if not any(_overlap(each, other) for other in findings))
    if findings:
        yield FlaggedText(spot, kind, text, tuple(sorted(findings)))


def _shifted(findings: Iterable[Finding], by: int) -> list[Finding]:
    """Return the findings that reach into a text behind ``by`` characters, with offsets into that text."""
    return [replace(each, start=max(0, each.start - by), end=each.end - by) for each in findings if each.end > by]


def _overlap(one: Finding, other: Finding) -> bool:
    return one.start < other.end and other.start < one.end
