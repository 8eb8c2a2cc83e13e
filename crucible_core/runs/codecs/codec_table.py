"""The codecs of an environment, found by type or by name, and imported when they are needed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import TYPE_CHECKING

from crucible_core.plugins.codec_loading import load_codec
from crucible_core.plugins.problems import LoadProblemError
from crucible_core.runs.codecs.errors import UnreadableValueError
from crucible_core.runs.codecs.pickles import Pickle
from crucible_core.runs.codecs.raw_bytes import RawBytearray, RawBytes
from crucible_core.runs.codecs.refusal import named_type

if TYPE_CHECKING:
    from crucible_core.plugins.codec_ref import CodecRef
    from crucible_core.ports import Codec

__all__ = ["CodecTable", "hint_for"]


class CodecTable:
    """Codecs by type and by name.

    Args:
        references: Returns references to all codecs there are; called once, when the first is looked for.
    """

    def __init__(self, references: Callable[[], Iterable[CodecRef]]) -> None:
        self._references = references
        self._loaded: dict[str, Codec] = {codec.name: codec for codec in (RawBytes(), RawBytearray(), Pickle())}

    @cached_property
    def _known(self) -> tuple[CodecRef, ...]:
        return tuple(self._references())

    @cached_property
    def _by_type(self) -> dict[str, CodecRef]:
        """Return the first codec that names a type, for each type."""
        return {name: ref for ref in reversed(self._known) for name in ref.types}

    def for_type(self, kind: type) -> CodecRef | None:
        """Return the codec for a type, or one for a type above it that takes subclasses."""
        for each in kind.__mro__:
            ref = self._by_type.get(named_type(each))
            if ref is not None and (each is kind or ref.subclasses):
                return ref
        return None

    def codec(self, ref: CodecRef) -> Codec:
        """Import and make a codec, once.

        Raises:
            LoadProblemError: It does not load.
        """
        if ref.name not in self._loaded:
            self._loaded[ref.name] = load_codec(ref.name, ref.target)
        return self._loaded[ref.name]

    def named(self, name: str) -> Codec:
        """Return the codec of a name.

        Raises:
            UnreadableValueError: Nothing offers it, or it does not load.
        """
        if name in self._loaded:
            return self._loaded[name]
        ref = next((ref for ref in self._known if ref.name == name), None)
        if ref is None:
            message = f"a value was kept by the codec {name!r}, which nothing offers that is installed and enabled"
            raise UnreadableValueError(message, hint="crucible plugins list shows what is installed")
        try:
            return self.codec(ref)
        except LoadProblemError as error:
            message = f"a value was kept by the codec {name!r} of {ref.distribution}, which does not load: "
            raise UnreadableValueError(message + error.problem.reason, hint=hint_for(error)) from error


def hint_for(error: LoadProblemError) -> str | None:
    """Return what to do about a codec that does not load."""
    return f"install {error.problem.missing}" if error.problem.missing else None
