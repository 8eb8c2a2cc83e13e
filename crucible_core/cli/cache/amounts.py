"""Ages and sizes as people type them, and sizes as people read them."""

from __future__ import annotations

import re
from typing import Any

import click

__all__ = ["AGE", "SIZE", "size_text"]

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_BYTES = {
    "": 1,
    "b": 1,
    **{f"{letter}b": 1000**power for power, letter in enumerate("kmgt", start=1)},
    **{f"{letter}ib": 1024**power for power, letter in enumerate("kmgt", start=1)},
}
_SHOWN = ("B", "kB", "MB", "GB", "TB")
_STEP = 1000.0


class _Age(click.ParamType):
    """A duration: ``30d``, ``12h``."""

    name = "age"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return seconds."""
        match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smhdw])", str(value).strip().lower())
        if match is None:
            self.fail(f"{value!r} is no age; write 30d, 12h, 2w, 90m or 10s", param, ctx)
        return float(match[1]) * _SECONDS[match[2]]


class _Size(click.ParamType):
    """A number of bytes: ``10GB``, ``512MiB``."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return bytes."""
        match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([a-z]*)", str(value).strip().lower())
        if match is None or match[2] not in _BYTES:
            self.fail(f"{value!r} is no size; write 10GB, 512MiB or a number of bytes", param, ctx)
        return int(float(match[1]) * _BYTES[match[2]])


AGE, SIZE = _Age(), _Size()


def size_text(count: int) -> str:
    """Return a number of bytes.

    Example:
        >>> size_text(999), size_text(12_345)
        ('999 B', '12.3 kB')
    """
    value, unit = float(count), 0
    while value >= _STEP and unit < len(_SHOWN) - 1:
        value, unit = value / _STEP, unit + 1
    return f"{count} B" if unit == 0 else f"{value:.1f} {_SHOWN[unit]}"
