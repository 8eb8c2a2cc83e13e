"""Values as one text, for codecs whose format has room for a text: labels, cells and attributes of a data frame."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING, Any

from crucible_core.plugins.builtin_codecs import BUILTIN_CODECS
from crucible_core.runs.codecs.codec_kinds import CodecKinds
from crucible_core.runs.codecs.codec_table import CodecTable
from crucible_core.runs.codecs.decoder import Decoder
from crucible_core.runs.codecs.encoder import Encoder, as_text

if TYPE_CHECKING:
    from crucible_core.runs.codecs.encoder import Writer

__all__ = ["from_text", "to_text"]


def to_text(value: Any) -> str:
    """Return a value as JSON text that holds everything about it.

    Raises:
        Refusal: Something in it cannot be written.
    """
    text = as_text(Encoder(_kinds()).whole(value))
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()  # half of a surrogate pair


def from_text(text: str) -> Any:
    """Return the value of a text that `to_text` made."""
    return Decoder(_kinds()).decode(json.loads(text))


class InlineValues(CodecKinds):
    """Has codecs write into the text itself, however much it is."""

    def write(self, codec: Writer, value: Any) -> dict[str, Any]:
        """Have a codec write a value and return what stands for it."""
        stream = BytesIO()
        codec.write(value, stream)
        return {"$": "coded", "codec": codec.name, "base64": b64encode(stream.getvalue()).decode()}

    def read(self, encoded: dict[str, Any], *, pickled: bool) -> Any:
        """Return what a codec wrote."""
        return self.read_stream(encoded["codec"], BytesIO(b64decode(encoded["base64"])), pickled=pickled)

    def forbid_secrets(self, text: str, encoded: Any) -> None:
        """Look for nothing: whoever writes the text looks for secrets in the whole of it."""


@cache
def _kinds() -> InlineValues:
    return InlineValues(CodecTable(lambda: BUILTIN_CODECS))
