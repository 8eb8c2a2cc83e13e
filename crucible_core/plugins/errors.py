"""What can go wrong between the name of a stage and its class."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crucible_core.ir.errors import CrucibleError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crucible_core.plugins.record import PluginRecord, StageRef, Status

__all__ = [
    "PluginProblemError",
    "SettingsError",
    "StageUnavailableError",
    "StageUnloadableError",
    "UnknownStageError",
]


class UnknownStageError(CrucibleError):
    """No installed distribution offers a stage of this name.

    Args:
        name: What was asked for.
        suggestions: Stages that are there and may have been meant, best first.
        install_hint: How to install the plugin that offers it, when the catalogue knows one.
    """

    def __init__(self, name: str, suggestions: Sequence[str] = (), install_hint: str | None = None) -> None:
        meant = f"; did you mean {' or '.join(map(repr, suggestions))}?" if suggestions else ""
        hint = install_hint or (None if suggestions else "crucible stages list shows what there is")
        super().__init__(f"no installed plugin offers the stage {name!r}{meant}", hint=hint)
        self.name = name
        self.suggestions = tuple(suggestions)
        self.install_hint = install_hint

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.name, self.suggestions, self.install_hint)


class StageUnavailableError(CrucibleError):
    """A stage is installed but may not be used: disabled, incompatible, contested or in a broken plugin."""

    def __init__(self, name: str, status: Status, reason: str, fix: str) -> None:
        super().__init__(f"the stage {name!r} is not available ({status.value}): {reason}", hint=fix or None)
        self.name = name
        self.status = status
        self.reason = reason
        self.fix = fix

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.name, self.status, self.reason, self.fix)


class StageUnloadableError(CrucibleError):
    """A stage's module or class did not load."""

    def __init__(self, ref: StageRef, reason: str, fix: str) -> None:
        super().__init__(f"the stage {ref.name!r} of {ref.distribution} does not load: {reason}", hint=fix or None)
        self.ref = ref
        self.reason = reason
        self.fix = fix

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.ref, self.reason, self.fix)


class SettingsError(CrucibleError):
    """A flag, an environment variable or a configuration file says something that cannot be obeyed."""

    exit_code = 2


class PluginProblemError(CrucibleError):
    """``--strict`` found plugins that do not work."""

    exit_code = 3

    def __init__(self, records: Sequence[PluginRecord]) -> None:
        listed = "; ".join(f"{record.name} is {record.status.value}: {record.reason}" for record in records)
        super().__init__(f"--strict: {listed}", hint="crucible plugins doctor")
        self.records = tuple(records)

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.records,)
