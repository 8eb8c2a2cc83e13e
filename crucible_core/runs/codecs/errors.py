"""What can go wrong between a value and its place on the disk."""

from __future__ import annotations

from typing import Any

from crucible_core.ir.errors import CrucibleError
from crucible_core.pipeline.runner import RecordError

__all__ = ["DamagedObjectError", "NoCodecError", "SecretValueError", "StoreError", "UnreadableValueError"]


class NoCodecError(CrucibleError):
    """A value, or something in it, cannot be written so that it comes back as it was.

    Args:
        where: The place in the value: ``assigns.model.layers[3]``.
        type_name: Its type, ``module:QualName``.
        reason: Why it cannot be written.
        hint: What to do about it.
    """

    def __init__(self, where: str, type_name: str, reason: str, hint: str | None = None) -> None:
        super().__init__(f"{where} ({type_name}) cannot be kept: {reason}", hint=hint)
        self.where = where
        self.type_name = type_name
        self.reason = reason

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.where, self.type_name, self.reason, self.hint)


class SecretValueError(CrucibleError):
    """A value holds a secret; nothing of it was written.

    Args:
        where: The place of the value.
    """

    def __init__(self, where: str) -> None:
        hint = "let the stage keep the secret in its options, and leave it out of what it returns"
        super().__init__(f"{where} holds the value of a secret option, which must not reach the disk", hint=hint)
        self.where = where

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.where,)


class UnreadableValueError(CrucibleError):
    """What was written is whole, but this program cannot make the value of it: a codec or a class is not there."""


class DamagedObjectError(CrucibleError):
    """An object is missing, or is not what was written."""


class StoreError(RecordError):
    """The disk did not take an object: full, read-only, or not ours to write to."""
