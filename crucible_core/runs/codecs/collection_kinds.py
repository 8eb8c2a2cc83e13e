"""Containers of the standard library beside list, dict, tuple and set."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from crucible_core.runs.codecs.class_names import class_name, find_class
from crucible_core.runs.codecs.encoder import Kind, pairs

if TYPE_CHECKING:
    from crucible_core.runs.codecs.decoder import Decoder, Read
    from crucible_core.runs.codecs.encoder import Encoder

__all__ = ["KINDS", "TAGS"]


def _mapping(tag: str) -> Kind:
    def make(encoder: Encoder, value: Any, depth: int) -> Any:
        return {"$": tag, "items": pairs(encoder, value, depth)}

    return Kind(make)


def _defaultdict(encoder: Encoder, value: Any, depth: int) -> Any:
    factory = None if value.default_factory is None else class_name(value.default_factory)
    encoder.size += len(factory or "") + 32
    return {"$": "defaultdict", "factory": factory, "items": pairs(encoder, value, depth)}


def _deque(encoder: Encoder, value: Any, depth: int) -> Any:
    encoder.size += 48
    return {"$": "deque", "maxlen": value.maxlen, "items": encoder.items(value, depth)}


def _namespace(encoder: Encoder, value: Any, depth: int) -> Any:
    encoder.size += 32
    return {"$": "namespace", "items": pairs(encoder, vars(value), depth)}


def _read_ordered(decoder: Decoder, encoded: dict[str, Any]) -> Any:
    from collections import OrderedDict

    return OrderedDict(decoder.pairs(encoded["items"]))


def _read_counter(decoder: Decoder, encoded: dict[str, Any]) -> Any:
    from collections import Counter

    return Counter(decoder.pairs(encoded["items"]))


def _read_defaultdict(decoder: Decoder, encoded: dict[str, Any]) -> Any:
    from collections import defaultdict

    factory = encoded["factory"]
    return defaultdict(None if factory is None else find_class(factory), decoder.pairs(encoded["items"]))


def _read_deque(decoder: Decoder, encoded: dict[str, Any]) -> Any:
    from collections import deque

    return deque(decoder.items(encoded["items"]), encoded["maxlen"])


def _read_proxy(decoder: Decoder, encoded: dict[str, Any]) -> Any:
    from types import MappingProxyType

    return MappingProxyType(decoder.pairs(encoded["items"]))


def _read_namespace(decoder: Decoder, encoded: dict[str, Any]) -> Any:
    return type(sys.implementation)(**decoder.pairs(encoded["items"]))


KINDS: dict[str, Kind] = {
    "builtins:mappingproxy": _mapping("mapping_proxy"),
    "collections:Counter": _mapping("counter"),
    "collections:OrderedDict": _mapping("ordered_dict"),
    "collections:defaultdict": Kind(_defaultdict),
    "collections:deque": Kind(_deque),
    "types:SimpleNamespace": Kind(_namespace),
}

TAGS: dict[str, Read] = {
    "counter": _read_counter,
    "defaultdict": _read_defaultdict,
    "deque": _read_deque,
    "mapping_proxy": _read_proxy,
    "namespace": _read_namespace,
    "ordered_dict": _read_ordered,
}
