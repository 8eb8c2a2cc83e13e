"""Types and tags beside JSON's: those of the standard library, of Crucible, of importable classes, and of codecs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, BinaryIO

from crucible_core.plugins.problems import LoadProblemError
from crucible_core.runs.codecs.codec_table import hint_for
from crucible_core.runs.codecs.decoder import Decoder
from crucible_core.runs.codecs.encoder import Kind
from crucible_core.runs.codecs.json_lines import JsonLinesReader, JsonLinesWriter
from crucible_core.runs.codecs.kinds import kind_named, reader_of, structure_of
from crucible_core.runs.codecs.refusal import Refusal, named_type

if TYPE_CHECKING:
    from crucible_core.plugins.codec_ref import CodecRef
    from crucible_core.runs.codecs.codec_table import CodecTable
    from crucible_core.runs.codecs.decoder import Read
    from crucible_core.runs.codecs.encoder import Encoder

__all__ = ["TREE", "CodecKinds"]

TREE = "tree"
"""What stands in the place of a codec's name where an object is the JSON text of an encoded value."""


class CodecKinds:
    """Knows how types are encoded and tags read; where codecs write to is for those who inherit.

    Args:
        table: The codecs.
    """

    def __init__(self, table: CodecTable) -> None:
        self._table = table
        self._kinds: dict[type, Kind | None] = {}

    def kind_of(self, kind: type) -> Kind | None:
        """Return how values of a type are encoded, None where there is no way; see `Kinds`."""
        if kind not in self._kinds:
            self._kinds[kind] = kind_named(named_type(kind)) or self._codec_kind(kind) or structure_of(kind)
        return self._kinds[kind]

    def _codec_kind(self, kind: type) -> Kind | None:
        ref = self._table.for_type(kind)
        return None if ref is None else Kind(lambda encoder, value, _depth: self._by_codec(encoder, ref, value))

    def _by_codec(self, encoder: Encoder, ref: CodecRef, value: Any) -> Any:
        try:
            codec = self._table.codec(ref)
        except LoadProblemError as error:
            reason = f"its codec {ref.name!r} of {ref.distribution} does not load: {error.problem.reason}"
            raise Refusal(value, reason, hint_for(error)) from error
        return encoder.written(codec, value)

    def reader_of(self, tag: str) -> Read | None:
        """Return what reads a tag; see `Tags`."""
        return reader_of(tag)

    def read_stream(self, name: str, stream: BinaryIO, *, pickled: bool) -> Any:
        """Return what the codec of a name wrote.

        Args:
            name: Its name.
            stream: What it wrote.
            pickled: Whether pickles within it may be read.

        Raises:
            UnreadableValueError: Nothing offers the codec.
        """
        tags: Any = self  # whoever inherits reads what codecs wrote
        if name == TREE:
            return Decoder(tags, pickled=pickled).decode(json.load(stream))
        if name == JsonLinesWriter.name:
            return JsonLinesReader(tags, pickled=pickled).read(stream)
        return self._table.named(name).read(stream)
