"""Read values that a run kept, without importing anything that they name."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Callable, Iterable
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from crucible_core.contract.errors import CrucibleError, named
from crucible_core.runs.codecs.class_kinds import TAGS as CLASS_TAGS
from crucible_core.runs.codecs.decoder import Decoder
from crucible_core.runs.codecs.errors import UnreadableValueError
from crucible_core.runs.codecs.json_lines import JsonLinesReader, JsonLinesWriter
from crucible_core.runs.codecs.object_ref import ObjectRef
from crucible_core.runs.codecs.store import ObjectStore
from crucible_core.runs.codecs.values import Values

if TYPE_CHECKING:
    from crucible_core.plugins.codec_ref import CodecRef
    from crucible_core.runs.codecs.decoder import Read

__all__ = ["Opaque", "PlainValues"]

_IMPORTING = frozenset(CLASS_TAGS) | {"defaultdict"}
_TREE = "tree"


class Opaque:
    """Stands for an instance of a class that was not imported to make it."""


class PlainValues:
    """Decode values of a run that may have been made by anybody, for reading what is plain in them.

    A run directory can come from elsewhere, and naming a class in it would import the module that it names. Instances
    of classes become `Opaque`; pickles are never read.

    Args:
        checkpoints: Where the run's objects are.
        codecs: As for `Values`.
    """

    def __init__(self, checkpoints: Path, codecs: Callable[[], Iterable[CodecRef]]) -> None:
        self._store = ObjectStore(checkpoints)
        self._values = Values(self._store, codecs)

    def decode(self, encoded: Any) -> Any:
        """Return a value.

        Raises:
            CrucibleError: An object is missing or damaged, or the value is of a kind that nothing here reads.
        """
        try:
            return Decoder(self).decode(encoded)
        except (CrucibleError, MemoryError):
            raise
        except Exception as error:
            raise UnreadableValueError(f"a value that was kept cannot be read: {named(error)}") from error

    def reader_of(self, tag: str) -> Read | None:
        """Return what reads a tag; see `crucible_core.runs.codecs.decoder.Tags`."""
        return (lambda _decoder, _encoded: Opaque()) if tag in _IMPORTING else self._values.reader_of(tag)

    def read(self, encoded: dict[str, Any], *, pickled: bool) -> Any:
        """Return what a codec wrote; see `crucible_core.runs.codecs.decoder.Tags`."""
        name = encoded["codec"]
        if name not in (_TREE, JsonLinesWriter.name):
            return self._values.read(encoded, pickled=pickled)
        with self._stream(encoded) as stream:
            if name == _TREE:
                return Decoder(self, pickled=pickled).decode(json.load(stream))
            return JsonLinesReader(self, pickled=pickled).read(stream)

    def _stream(self, encoded: dict[str, Any]) -> BinaryIO:
        if "base64" in encoded:
            return BytesIO(b64decode(encoded["base64"]))
        return self._store.open(ObjectRef.from_dict(encoded))
