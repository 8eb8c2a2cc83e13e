"""The containers that JSON has, and tuples and sets, as JSON values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crucible_core.runs.codecs.plain import as_text, plain_keys
from crucible_core.runs.codecs.refusal import Refusal

if TYPE_CHECKING:
    from crucible_core.runs.codecs.encoder import Encoder, Make

__all__ = ["CONTAINERS", "SINGLE", "pairs"]


def _list(encoder: Encoder, value: list[Any], depth: int) -> Any:
    return encoder.items(value, depth)


def _tuple(encoder: Encoder, value: tuple[Any, ...], depth: int) -> Any:
    encoder.size += 24
    return {"$": "tuple", "items": encoder.items(value, depth)}


def _dict(encoder: Encoder, value: dict[Any, Any], depth: int) -> Any:
    if plain_keys(value):
        return _state(encoder, value, depth) or encoder.entries(value, depth)
    return {"$": "dict", "items": pairs(encoder, value, depth)}


def _state(encoder: Encoder, value: dict[str, Any], depth: int) -> Any:
    """Have the state of a module of torch, a dict of nothing but tensors, written into one file; else return None."""
    kind = type(next(iter(value.values()), None))
    if not str(kind.__module__).startswith("torch") or any(type(each) is not kind for each in value.values()):
        return None
    found = encoder.kinds.kind_of(kind)
    return None if found is None or found.atomic else found.make(encoder, value, depth)


def pairs(encoder: Encoder, mapping: Mapping[Any, Any], depth: int) -> list[Any]:
    """Encode a mapping with keys of any kind as a list of pairs."""
    encoder.size += 24 + 3 * len(mapping)
    encoded = []
    for key, item in mapping.items():
        try:
            encoded.append([encoder.encode(key, depth), encoder.encode(item, depth)])
        except Refusal as refusal:
            raise refusal.within(key) from None
    return encoded


def _set(tag: str) -> Make:
    def make(encoder: Encoder, value: Any, depth: int) -> Any:
        """Encode a set in an order that does not depend on how this process hashes strings."""
        encoder.size += 24
        return {"$": tag, "items": sorted([encoder.alone(each, depth) for each in value], key=as_text)}

    return make


CONTAINERS: dict[type, Make] = {
    list: _list,
    dict: _dict,
    tuple: _tuple,
    set: _set("set"),
    frozenset: _set("frozenset"),
}
SINGLE = frozenset({tuple, frozenset})  # of which Python has only one that is empty
