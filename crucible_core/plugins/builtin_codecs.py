"""The codecs that come with the core, for libraries that it never imports by itself."""

from __future__ import annotations

from crucible_core.plugins.codec_ref import CodecRef

__all__ = ["BUILTIN_CODECS"]

_ROOM = "crucible_core.runs.codecs"

BUILTIN_CODECS = (CodecRef("numpy", ("numpy:ndarray",), f"{_ROOM}.numpy_array:NumpyArray"),)
"""Where each built-in codec is, and the names by which its types call themselves in the versions there are."""
