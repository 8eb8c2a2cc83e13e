"""numpy arrays in numpy's own format, without pickles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["NumpyArray", "comes_back"]

_TEXTLESS = "biufcmM"
"""Kinds of types whose items are numbers or times; bytes of one item may be anything."""
_SHORT = 60_000


class NumpyArray:
    """Writes arrays of any shape and order, of every type that is no Python object."""

    name = "numpy"
    suffix = ".npy"

    def write(self, value: NDArray[Any], stream: BinaryIO) -> None:
        """Write an array.

        Raises:
            TypeError: It holds Python objects, or its type does not come back as it is.
        """
        if value.dtype.hasobject:
            raise TypeError(
                f"dtype {value.dtype} holds Python objects, which only pickles could keep; convert it, for example to "
                "a list or to an array of strings"
            )
        if not comes_back(value.dtype):
            raise TypeError(f"dtype {value.dtype!r} does not come back as it is from a .npy file")
        version = (1, 0) if _is_usual(value.dtype) else (3, 0)  # left to itself, numpy warns of the second
        np.lib.format.write_array(stream, value, version=version, allow_pickle=False)

    def read(self, stream: BinaryIO) -> NDArray[Any]:
        """Read an array; it is writable, and Fortran's order stays."""
        return np.lib.format.read_array(stream, allow_pickle=False)

    def write_plain(self, value: NDArray[Any], stream: BinaryIO) -> None:
        """Write what may be text: numbers of several bytes only look like some by chance."""
        if value.dtype.kind not in _TEXTLESS or value.dtype.itemsize == 1:
            self.write(value, stream)


def _is_usual(dtype: np.dtype[Any]) -> bool:
    """Tell whether a type fits into the header that all versions of numpy read."""
    said = repr(np.lib.format.dtype_to_descr(dtype))
    return said.isascii() and len(said) < _SHORT


def comes_back(dtype: np.dtype[Any]) -> bool:
    """Tell whether the header of a .npy file says everything about a type."""
    if _has_metadata(dtype):  # of which numpy only warns
        return False
    try:
        read = np.lib.format.descr_to_dtype(np.lib.format.dtype_to_descr(dtype))
    except (TypeError, ValueError):  # fields that overlap
        return False
    return bool(read == dtype and read.isalignedstruct == dtype.isalignedstruct and read.type is dtype.type)


def _has_metadata(dtype: np.dtype[Any]) -> bool:
    inner = [dtype.subdtype[0]] if dtype.subdtype else [field[0] for field in (dtype.fields or {}).values()]
    return bool(dtype.metadata) or any(map(_has_metadata, inner))
