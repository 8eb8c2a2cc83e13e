"""Values as one text, for codecs whose format has room for a text: labels, cells and attributes of a data frame."""

from __future__ import annotations

import contextlib
import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextvars import ContextVar
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING, Any, BinaryIO

from crucible_core.plugins.builtin_codecs import BUILTIN_CODECS
from crucible_core.runs.codecs.codec_kinds import CodecKinds
from crucible_core.runs.codecs.codec_table import CodecTable
from crucible_core.runs.codecs.decoder import Decoder
from crucible_core.runs.codecs.encoder import Encoder
from crucible_core.runs.codecs.plain import as_text

if TYPE_CHECKING:
    from crucible_core.runs.codecs.protocols import Writer

__all__ = ["from_text", "searched_in", "to_text"]

_searched: ContextVar[BinaryIO | None] = ContextVar("_searched", default=None)
"""What gets, without compression or Base64, what is written into texts."""


def to_text(value: Any) -> str:
    """Return a value as JSON text that holds everything about it.

    Raises:
        Refusal: Something in it cannot be written.
    """
    text = as_text(Encoder(_kinds()).whole(value))
    data = text.encode("utf-8", "backslashreplace")  # half of a surrogate pair
    searched = _searched.get()
    if searched is not None:
        searched.write(data)
    return data.decode()


def from_text(text: str) -> Any:
    """Return the value of a text that `to_text` made."""
    return Decoder(_kinds()).decode(json.loads(text))


class InlineValues(CodecKinds):
    """Has codecs write into the text itself, however much it is."""

    def write(self, codec: Writer, value: Any) -> dict[str, Any]:
        """Have a codec write a value and return what stands for it."""
        searched = _searched.get()
        if searched is not None:
            getattr(codec, "write_plain", codec.write)(value, searched)
        stream = BytesIO()
        codec.write(value, stream)
        return {"$": "coded", "codec": codec.name, "base64": b64encode(stream.getvalue()).decode()}

    def read(self, encoded: dict[str, Any], *, pickled: bool) -> Any:
        """Return what a codec wrote."""
        return self.read_stream(encoded["codec"], BytesIO(b64decode(encoded["base64"], validate=True)), pickled=pickled)

    def forbid_secrets(self, text: str, encoded: Any) -> None:
        """Look for nothing: whoever writes the text looks for secrets in the whole of it."""


@contextlib.contextmanager
def searched_in(stream: BinaryIO) -> Iterator[None]:
    """Have everything that codecs write into texts meanwhile written to a stream as well, to be searched there."""
    token = _searched.set(stream)
    try:
        yield
    finally:
        _searched.reset(token)


@cache
def _kinds() -> InlineValues:
    return InlineValues(CodecTable(lambda: BUILTIN_CODECS))
