"""Containers of the standard library beside list, dict, tuple and set."""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable
from types import MappingProxyType, SimpleNamespace
from typing import TYPE_CHECKING, Any

from crucible_core.runs.codecs.class_names import class_name, find_class
from crucible_core.runs.codecs.containers import pairs
from crucible_core.runs.codecs.encoder import Kind

if TYPE_CHECKING:
    from crucible_core.runs.codecs.decoder import Decoder, Read
    from crucible_core.runs.codecs.encoder import Encoder

__all__ = ["KINDS", "TAGS"]


def _mapping(tag: str) -> Kind:
    def make(encoder: Encoder, value: Any, depth: int) -> Any:
        encoder.size += 32
        made = {"$": tag, "of": encoder.encode(dict(value), depth)}
        more = getattr(value, "__dict__", None)
        if more:  # such as the state of a module of torch has
            made["attributes"] = encoder.encode(more, depth)
        return made

    return Kind(make)


def _read_mapping(load: Callable[[dict[Any, Any]], Any]) -> Read:
    def read(decoder: Decoder, encoded: dict[str, Any]) -> Any:
        value = load(decoder.decode(encoded["of"]))
        if "attributes" in encoded:
            vars(value).update(decoder.decode(encoded["attributes"]))
        return value

    return read


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


def _read_defaultdict(decoder: Decoder, encoded: dict[str, Any]) -> Any:
    factory = encoded["factory"]
    return defaultdict(None if factory is None else find_class(factory), decoder.pairs(encoded["items"]))


def _read_deque(decoder: Decoder, encoded: dict[str, Any]) -> Any:
    return deque(decoder.items(encoded["items"]), encoded["maxlen"])


def _read_namespace(decoder: Decoder, encoded: dict[str, Any]) -> Any:
    return SimpleNamespace(**decoder.pairs(encoded["items"]))


KINDS: dict[str, Kind] = {
    "builtins:mappingproxy": _mapping("mapping_proxy"),
    "collections:Counter": _mapping("counter"),
    "collections:OrderedDict": _mapping("ordered_dict"),
    "collections:defaultdict": Kind(_defaultdict),
    "collections:deque": Kind(_deque),
    "types:SimpleNamespace": Kind(_namespace),
}

TAGS: dict[str, Read] = {
    "counter": _read_mapping(Counter),
    "defaultdict": _read_defaultdict,
    "deque": _read_deque,
    "mapping_proxy": _read_mapping(MappingProxyType),
    "namespace": _read_namespace,
    "ordered_dict": _read_mapping(OrderedDict),
}
