"""Say from deep inside a value that it cannot be written, and where that is once the way out is known."""

from __future__ import annotations

from typing import Any

from crucible_core.runs.codecs.errors import NoCodecError

__all__ = ["Refusal", "how_to_keep", "named_type"]


def named_type(kind: type) -> str:
    """Return ``module:QualName`` of a class, as references to codecs write it."""
    return f"{kind.__module__}:{kind.__qualname__}"


def how_to_keep(kind: type, near: type | None) -> str:
    """Return what to do about a type that has no codec.

    Args:
        kind: The type.
        near: The type above it that has one.
    """
    advice = "let the stage declare the path as ephemeral (computed again on resume) or pickled"
    if near is not None:
        return (
            f"return it as {named_type(near)}, which has a codec and would lose what is special about it; or {advice}"
        )
    return f"return its state_dict(), or {advice}" if hasattr(kind, "state_dict") else advice


class Refusal(Exception):  # noqa: N818 - not shown to anybody: `NoCodecError` is made of it
    """Something cannot be written; each level it passes on its way out adds a step in front.

    Args:
        value: What.
        reason: Why.
        hint: What to do about it.
    """

    def __init__(self, value: Any, reason: str, hint: str | None = None) -> None:
        super().__init__(reason)
        self.type_name = named_type(type(value))
        self.reason = reason
        self.hint = hint
        self._steps: list[str] = []

    def within(self, step: Any) -> Refusal:
        """Add an index, a key or the name of an attribute in front of the place."""
        plain = isinstance(step, str) and step.replace("-", "_").isidentifier()
        self._steps.append(f".{step}" if plain else f"[{step!r:.60}]")
        return self

    def as_error(self, where: str) -> NoCodecError:
        """Return the error for the value at ``where``."""
        place = where + "".join(reversed(self._steps))
        return NoCodecError(place, self.type_name, self.reason, self.hint)
