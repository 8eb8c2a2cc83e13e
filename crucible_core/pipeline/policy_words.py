"""Policies in words, as tables and reports show them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_ATTEMPTS = 3
"""What a retry policy that says nothing of it means; see `crucible_core.ir.RetryPolicy`."""


def policy_words(policies: Mapping[str, Any]) -> str:
    """Return the policies that were given in a few words.

    Example:
        >>> policy_words({"retry": {"attempts": 2}, "timeout_s": 60, "on_failure": "continue"})
        'up to 2 attempts, 60 s each, on failure continue'
    """
    return ", ".join(_words(policies))


def _words(policies: Mapping[str, Any]) -> Iterator[str]:
    retry, timeout = policies.get("retry"), policies.get("timeout_s")
    attempts = retry.get("attempts", _ATTEMPTS) if retry is not None else 1
    if attempts > 1:
        yield f"up to {attempts} attempts"
    if timeout is not None:
        yield f"{timeout:g} s each" if attempts > 1 else f"at most {timeout:g} s"
    if policies.get("isolation") is not None:
        yield f"own {policies['isolation']}"
    if policies.get("on_failure", "stop") != "stop":
        yield f"on failure {policies['on_failure'].replace('_', ' ')}"
    if policies.get("when") is not None:
        yield f"when {' '.join(policies['when'].split())}"
