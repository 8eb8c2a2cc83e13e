"""Texts inside rows: fields, messages of a chat, parts of a message; what was found in them, and without it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crucible_core.stages.guardrails.adapter import scan_texts
from crucible_core.stages.guardrails.redaction import redact

if TYPE_CHECKING:
    from crucible_core.stages.guardrails.adapter import Finding, GuardrailAdapter


@dataclass(frozen=True)
class FlaggedText:
    """A text in which something was found; ``path`` is its place in the row, e.g. ``messages[0].content``."""

    path: str
    text: str
    findings: tuple[Finding, ...]


def flagged_texts(
    value: Any, adapter: GuardrailAdapter, checks: frozenset[str], profiles: Sequence[str]
) -> list[FlaggedText]:
    """Return every text inside a value in which something was found, under any of the profiles.

    Raises:
        ValueError: The adapter does not know a profile, or answers with a span outside the text.
        TypeError: The adapter answers with something that is no finding.
    """
    flagged = []
    for path, text in texts_in(value):
        findings = {each for profile in profiles for each in scan_texts(adapter, (text,), checks, profile)[0]}
        if findings:
            flagged.append(FlaggedText(path, text, tuple(sorted(findings))))
    return flagged


def texts_in(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield path and text of every string inside a value.

    Example:
        >>> list(texts_in({"messages": [{"content": "Hello"}]}))
        [('messages[0].content', 'Hello')]
    """
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from texts_in(each, f"{path}.{key}" if path else str(key))
    elif isinstance(value, (list, tuple)):
        for index, each in enumerate(value):
            yield from texts_in(each, f"{path}[{index}]")


def redacted_row(row: Mapping[str, Any], flagged: Sequence[FlaggedText]) -> dict[str, Any]:
    """Return a row with personal data replaced by marks such as ``[EMAIL]``; nothing else changes."""
    marks = {each.path: redact(each.text, [one for one in each.findings if one.check == "pii"]) for each in flagged}
    return {key: _replaced(value, str(key), marks) for key, value in row.items()}


def _replaced(value: Any, path: str, marks: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return marks.get(path, value)
    if isinstance(value, Mapping):
        return {key: _replaced(each, f"{path}.{key}", marks) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_replaced(each, f"{path}[{index}]", marks) for index, each in enumerate(value)]
    return value
