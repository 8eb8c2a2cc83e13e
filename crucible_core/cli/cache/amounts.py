"""Ages and sizes as people type them."""

from __future__ import annotations

import re

import click

__all__ = ["age", "size"]

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_BYTES = {
    "": 1,
    "b": 1,
    **{f"{letter}b": 1000**power for power, letter in enumerate("kmgt", start=1)},
    **{f"{letter}ib": 1024**power for power, letter in enumerate("kmgt", start=1)},
}


def age(ctx: click.Context, param: click.Parameter, value: str | None) -> float | None:
    """Return seconds: of ``30d``, ``12h``."""
    if value is None:
        return None
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smhdw])", value.strip().lower())
    if match is None:
        raise click.BadParameter(f"{value!r} is no age; write 30d, 12h, 2w, 90m or 10s", ctx, param)
    return float(match[1]) * _SECONDS[match[2]]


def size(ctx: click.Context, param: click.Parameter, value: str | None) -> int | None:
    """Return bytes: of ``10GB``, ``512MiB``, or a number."""
    if value is None:
        return None
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([a-z]*)", value.strip().lower())
    if match is None or match[2] not in _BYTES:
        raise click.BadParameter(f"{value!r} is no size; write 10GB, 512MiB or a number of bytes", ctx, param)
    return int(float(match[1]) * _BYTES[match[2]])
