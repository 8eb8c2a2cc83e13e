"""Offer the built-in rules as a guardrail adapter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crucible_core.stages.guardrails.adapter import Finding, require_checks
from crucible_core.stages.guardrails.injection import INJECTION_TABLE, find_injection
from crucible_core.stages.guardrails.jailbreak import JAILBREAK_TABLE, find_jailbreak
from crucible_core.stages.guardrails.personal_data import PERSONAL_DATA_TABLE, find_personal_data
from crucible_core.stages.guardrails.rule import PROFILES

if TYPE_CHECKING:
    from collections.abc import Callable

BUILTIN_RULES = (*INJECTION_TABLE, *JAILBREAK_TABLE, *PERSONAL_DATA_TABLE)
"""Every rule of the built-in adapter."""

_FINDERS: dict[str, Callable[[str, str], tuple[Finding, ...]]] = {
    "prompt_injection": find_injection,
    "jailbreak": find_jailbreak,
    "pii": find_personal_data,
}


class BuiltinAdapter:
    """Scan with rules alone: no model, no network, the same answer everywhere.

    Profiles choose by severity: `strict` reports all, `moderate` (also called `default`) leaves out low, `permissive`
    reports only high.
    """

    name = "builtin"
    capabilities = frozenset(_FINDERS)

    def scan(self, text: str, checks: frozenset[str], profile: str = "moderate") -> tuple[Finding, ...]:
        """Return the findings of `checks` in `text`, sorted by offset.

        Raises:
            ValueError: A check is unknown or not offered, or the profile is unknown; the message names those available.
        """
        asked, chosen = require_checks(self, checks), builtin_profile(profile)
        return tuple(sorted(finding for check in sorted(asked) for finding in _FINDERS[check](text, chosen)))


def builtin_profile(name: str) -> str:
    """Return the profile that `name` stands for; `default` stands for `moderate`.

    Raises:
        ValueError: There is no such profile.
    """
    chosen = "moderate" if name == "default" else name
    if chosen not in PROFILES:
        raise ValueError(f"unknown guardrail profile {name!r}; available: default, {', '.join(PROFILES)}")
    return chosen
