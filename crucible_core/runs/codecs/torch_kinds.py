"""Shapes, types and devices of torch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from crucible_core.runs.codecs.encoder import Kind
from crucible_core.runs.codecs.errors import UnreadableValueError

if TYPE_CHECKING:
    from crucible_core.runs.codecs.decoder import Decoder, Read
    from crucible_core.runs.codecs.encoder import Encoder

__all__ = ["TAGS", "structure_of"]


def structure_of(kind: type) -> Kind | None:
    """Return how instances of a class of torch are encoded, else None."""
    return {torch.Size: _SHAPE, torch.dtype: _TYPE, torch.device: _DEVICE}.get(kind)


def _shape(encoder: Encoder, value: torch.Size, depth: int) -> Any:
    encoder.size += 32
    return {"$": "torch_size", "sizes": encoder.items(tuple(value), depth)}


def _named(tag: str) -> Kind:
    def make(encoder: Encoder, value: Any, _depth: int) -> Any:
        encoder.size += 64
        return {"$": tag, "value": str(value).removeprefix("torch.")}

    return Kind(make, atomic=True)


def _read_type(_decoder: Decoder, encoded: dict[str, Any]) -> torch.dtype:
    found = getattr(torch, encoded["value"], None)
    if not isinstance(found, torch.dtype):
        raise UnreadableValueError(f"this version of torch has no type {encoded['value']!r}, which a kept value needs")
    return found


_SHAPE, _TYPE, _DEVICE = Kind(_shape, atomic=True), _named("torch_dtype"), _named("torch_device")

TAGS: dict[str, Read] = {
    "torch_device": lambda _, encoded: torch.device(encoded["value"]),
    "torch_dtype": _read_type,
    "torch_size": lambda _, encoded: torch.Size(encoded["sizes"]),
}
