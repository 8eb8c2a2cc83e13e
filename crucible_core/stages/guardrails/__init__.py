"""Detect prompt injection, jailbreaks and personal data in text, and redact what was found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crucible_core.stages.guardrails.adapter import (
        CHECKS,
        Finding,
        GuardrailAdapter,
        Severity,
        require_checks,
        scan_texts,
    )
    from crucible_core.stages.guardrails.builtin import BUILTIN_RULES, BuiltinAdapter
    from crucible_core.stages.guardrails.redaction import redact
    from crucible_core.stages.guardrails.rule import PROFILES, Rule

__all__ = [
    "BUILTIN_RULES",
    "CHECKS",
    "PROFILES",
    "BuiltinAdapter",
    "Finding",
    "GuardrailAdapter",
    "Rule",
    "Severity",
    "redact",
    "require_checks",
    "scan_texts",
]

_HOMES = {
    "BUILTIN_RULES": "builtin",
    "BuiltinAdapter": "builtin",
    "PROFILES": "rule",
    "Rule": "rule",
    "redact": "redaction",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for, so that describing the stage loads no rule table."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'adapter')}"), name)
