"""Describe one detection rule as data, and match a table of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from crucible_core.stages.guardrails.adapter import Severity

PROFILES: dict[str, frozenset[str]] = {
    "strict": frozenset({"low", "medium", "high"}),
    "moderate": frozenset({"medium", "high"}),
    "permissive": frozenset({"high"}),
}
"""The severities that each profile reports."""


@dataclass(frozen=True, slots=True)
class Rule:
    """State one pattern, what it stands for and how severe it is.

    Attributes:
        id: Unique name, `<check>.<category>.<variant>`.
        check: The check it belongs to.
        category: What it finds.
        pattern: Regular expression; a group named `value`, where there is one, is the span reported.
        severity: Decides the profiles that report it.
        description: What the rule looks for, in one line.
        accepts: A further test of a match, or None; it sees the match, so it can look at the text around it.
    """

    id: str
    check: str
    category: str
    pattern: str
    severity: Severity
    description: str
    accepts: Callable[[re.Match[str]], bool] | None = None

    @property
    def profiles(self) -> tuple[str, ...]:
        """Return the profiles that report this rule, strictest first."""
        return tuple(name for name, severities in PROFILES.items() if self.severity in severities)

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield the `(start, end)` of every accepted match in `text`."""
        compiled = _compiled(self.pattern)
        group = "value" if "value" in compiled.groupindex else 0
        for match in compiled.finditer(text):
            if self.accepts is None or self.accepts(match):
                yield match.span(group)


# Patterns are compiled on first use: compiling all of them costs more than starting the command.
@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
