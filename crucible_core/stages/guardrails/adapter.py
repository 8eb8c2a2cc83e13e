"""Say what a guardrail adapter is, and scan texts with one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Severity = Literal["low", "medium", "high"]

CHECKS = frozenset({"content_moderation", "jailbreak", "pii", "prompt_injection"})
"""Every check an adapter may offer, by name."""


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """Point at a span of a text that a check objects to; the text itself is never stored, so reports cannot leak it.

    Attributes:
        start: Offset of the first character, counted in code points from 0.
        end: Offset after the last character, greater than `start`.
        check: Name of the check, one of `CHECKS`.
        category: What was found, for instance `email` or `ignore_previous_instructions`.
        severity: How much harm the rule's author expects from it; not a probability.
        rule: Id of the rule that matched.
    """

    start: int
    end: int
    check: str
    category: str
    severity: Severity
    rule: str


@runtime_checkable
class GuardrailAdapter(Protocol):
    """Scan one text for the checks asked for; what a service or a library implements to be used by the stage."""

    @property
    def name(self) -> str:
        """Return the name that options and messages use."""

    @property
    def capabilities(self) -> frozenset[str]:
        """Return the checks this adapter can do, among `CHECKS`."""

    def scan(self, text: str, checks: frozenset[str], profile: str) -> Sequence[Finding]:
        """Return what the `checks` find in `text` under `profile`, in the order of the text.

        Raises:
            ValueError: A check is not among the capabilities, or the profile is unknown.
        """


def require_checks(adapter: GuardrailAdapter, checks: Iterable[str]) -> frozenset[str]:
    """Return `checks` as a set once the adapter is known to offer each of them.

    Raises:
        ValueError: A name is no check at all, or is one that this adapter does not offer; both name what is available.
    """
    asked = frozenset(checks)
    offered = ", ".join(sorted(adapter.capabilities)) or "none"
    if unknown := sorted(asked - CHECKS - adapter.capabilities):
        raise ValueError(f"unknown guardrail check {_listed(unknown)}; {adapter.name!r} offers: {offered}")
    if missing := sorted(asked - adapter.capabilities):
        raise ValueError(
            f"guardrail adapter {adapter.name!r} does not offer {_listed(missing)}; it offers: {offered}. "
            "Choose another adapter or switch the check off"
        )
    return asked


def scan_texts(
    adapter: GuardrailAdapter, texts: Iterable[str], checks: Iterable[str], profile: str = "moderate"
) -> tuple[tuple[Finding, ...], ...]:
    """Return the findings of every text, one tuple per text in the order given, each sorted by offset.

    Raises:
        ValueError: A check is unknown or not offered, the profile is unknown, or the adapter answers with a finding
            outside the text or of a check that was not asked for.
        TypeError: A text is not a string, or the adapter answers with something that is no `Finding`.
    """
    asked = require_checks(adapter, checks)
    return tuple(_scan_one(adapter, text, asked, profile, index) for index, text in enumerate(texts))


def _scan_one(
    adapter: GuardrailAdapter, text: object, asked: frozenset[str], profile: str, index: int
) -> tuple[Finding, ...]:
    if not isinstance(text, str):
        raise TypeError(f"text {index} is {type(text).__name__}, not a string; give the field that holds text")
    findings = tuple(adapter.scan(text, asked, profile))
    for finding in findings:
        _require_honest(adapter.name, finding, text, asked)
    return tuple(sorted(findings))


def _require_honest(name: str, finding: object, text: str, asked: frozenset[str]) -> None:
    if not isinstance(finding, Finding):
        raise TypeError(f"guardrail adapter {name!r} must return Finding values, got {type(finding).__name__}")
    if finding.check not in asked:
        raise ValueError(f"guardrail adapter {name!r} returned a finding of check {finding.check!r}, not asked for")
    if not 0 <= finding.start < finding.end <= len(text):
        raise ValueError(
            f"guardrail adapter {name!r} returned span {finding.start}:{finding.end} "
            f"for a text of {len(text)} characters"
        )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(repr, names))
