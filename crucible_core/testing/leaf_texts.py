"""The texts of values that have no parts: numbers, dates, names, arrays of numbers."""

from __future__ import annotations

import datetime as dt
import decimal
import fractions
import hashlib
import math
import types
import uuid
from enum import Enum
from pathlib import PurePath
from typing import Any

_SAYING_ALL = (
    dt.date,
    dt.time,
    dt.timedelta,
    decimal.Decimal,
    fractions.Fraction,
    complex,
    uuid.UUID,
    range,
)
"""Kinds whose text says all that they are."""
_NAMED = (type, types.FunctionType, types.BuiltinFunctionType, types.ModuleType)
_PLAIN_KINDS = "biufcSUmMV"
_WIDEST = 16
"""Bytes of the widest number that has no padding, in which there may be anything."""


def text_of(value: Any, *, exact: bool = False) -> str | None:
    """Return the text of a value without parts; None for others.

    Args:
        value: The value.
        exact: Say whether an array may be written to.
    """
    if value is None or isinstance(value, (bool, str)) or type(value) is int:
        return repr(value.value if isinstance(value, Enum) else value)
    if isinstance(value, Enum):
        return f"{type(value).__qualname__}.{value.name}"
    if isinstance(value, (int, float)):
        return _number(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return f"bytes {hashlib.blake2b(bytes(value), digest_size=8).hexdigest()}"
    if isinstance(value, PurePath):
        return f"path {value}"
    if isinstance(value, _SAYING_ALL):
        return f"{_named_kind(value)} {value}"
    if isinstance(value, _NAMED):
        return f"{getattr(value, '__module__', '')}:{getattr(value, '__qualname__', getattr(value, '__name__', ''))}"
    if isinstance(value, (types.GeneratorType, types.CoroutineType, types.AsyncGeneratorType)):
        return _how_far(value)
    return _array(value, exact=exact)


def _number(value: float) -> str:
    if isinstance(value, int):
        return repr(int(value))
    number = float(value)
    return "nan" if math.isnan(number) else repr(number)


def _named_kind(value: Any) -> str:
    """Return the kind of a value; subclasses of libraries, such as a timestamp of pandas, are the kind they extend."""
    return next(kind.__name__ for kind in type(value).__mro__ if kind.__module__ in ("builtins", *_STANDARD))


_STANDARD = ("datetime", "decimal", "fractions", "uuid", "_decimal", "_datetime", "_pydatetime", "_pydecimal")


def _how_far(value: Any) -> str:
    """Return how far a generator is: it can be used once."""
    frame = next(
        (getattr(value, name) for name in ("gi_frame", "cr_frame", "ag_frame") if getattr(value, name, None)), None
    )
    return f"{value.__qualname__} {'at its end' if frame is None else f'at {frame.f_lasti}'}"


def _array(value: Any, *, exact: bool) -> str | None:
    """Return an array's kind, shape and hash, or the text of a number; None for what is no array of plain numbers."""
    if hasattr(value, "detach") and hasattr(value, "cpu"):
        value = value.detach().cpu().numpy()
    kind = getattr(getattr(value, "dtype", None), "kind", None)
    if not isinstance(kind, str):
        return None
    if getattr(value, "shape", None) == () and kind in _PLAIN_KINDS and hasattr(value, "item"):
        return _scalar(value, kind)
    if not hasattr(value, "tobytes") or hasattr(value, "mask") or not _is_plain(value.dtype):
        return None
    content = hashlib.blake2b(value.tobytes(), digest_size=16).hexdigest()
    locked = exact and not getattr(getattr(value, "flags", None), "writeable", True)
    return f"{value.dtype} array {tuple(value.shape)} {content}{' read-only' if locked else ''}"


def _scalar(value: Any, kind: str) -> str | None:
    """Return the text of a number of numpy's, which may be in an array without dimensions."""
    item = value.item()
    if kind in "mM" or type(item) is type(value):  # a date has its unit, and a wide number is none of Python's
        return f"{value.dtype} {value}"
    return text_of(item)


def _is_plain(dtype: Any) -> bool:
    """Tell whether the bytes of an array say what is in it: no objects, and no numbers with padding in them."""
    wide = dtype.kind in "fc" and dtype.itemsize > _WIDEST // (2 if dtype.kind == "f" else 1)
    return dtype.kind in _PLAIN_KINDS and not dtype.hasobject and not wide
