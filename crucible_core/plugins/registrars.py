"""The core's own implementations of the hooks by which every stage and every codec arrives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crucible_core.plugins.builtin import builtin_stages
from crucible_core.plugins.hookspecs import hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crucible_core.plugins.codec_ref import CodecRef
    from crucible_core.plugins.record import PluginRecord, StageRef

__all__ = ["BuiltinCodecs", "BuiltinStages", "EntryPointStages"]


class BuiltinStages:
    """Offers the stages that come with the core."""

    @hookimpl
    def crucible_register_stages(self) -> Iterable[StageRef]:
        """Return the built-in stages."""
        return builtin_stages()


class BuiltinCodecs:
    """Offers the codecs that come with the core."""

    @hookimpl
    def crucible_register_codecs(self) -> Iterable[CodecRef]:
        """Return the built-in codecs."""
        from crucible_core.plugins.builtin_codecs import BUILTIN_CODECS

        return BUILTIN_CODECS


class EntryPointStages:
    """Offers the stages of the entry points in ``crucible.stages``.

    Args:
        records: The plugins; those that are not usable offer nothing.
    """

    def __init__(self, records: Iterable[PluginRecord]) -> None:
        self._records = tuple(records)

    @hookimpl
    def crucible_register_stages(self) -> Iterable[StageRef]:
        """Return the stages of entry points that are not switched off."""
        return [ref for record in self._records for ref in record.enabled_stages]
