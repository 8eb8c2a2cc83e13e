"""Crucible's own containers; what else it has are dataclasses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crucible_core.contract.persistent import FrozenMap, Rows
from crucible_core.runs.codecs.containers import pairs
from crucible_core.runs.codecs.encoder import Encoder, Kind
from crucible_core.runs.codecs.json_lines import MANY, JsonLinesWriter
from crucible_core.runs.codecs.refusal import Refusal

if TYPE_CHECKING:
    from crucible_core.runs.codecs.decoder import Decoder, Read

__all__ = ["KINDS", "TAGS"]


def _frozen_map(encoder: Encoder, value: FrozenMap[Any], depth: int) -> Any:
    return {"$": "frozen_map", "items": pairs(encoder, value, depth)}


def _frozen_dict(encoder: Encoder, value: Any, depth: int) -> Any:
    return {"$": "frozen_dict", "items": pairs(encoder, value, depth)}


def _read_frozen_dict(decoder: Decoder, encoded: dict[str, Any]) -> Any:
    from crucible_core.ir.frozen import FrozenDict

    return FrozenDict(decoder.pairs(encoded["items"]))


def _rows(encoder: Encoder, value: Any, depth: int) -> Any:
    """Encode the rows of a run or of a data set: a list, a tuple or `Rows`."""
    if len(value) > MANY:
        return encoder.written(JsonLinesWriter(encoder, depth), value)
    encoder.size += 32
    return {"$": "rows", "items": encoder.items(value, depth)}


def _dataset(encoder: Encoder, value: Any, depth: int) -> Any:
    encoder.size += 48
    many = type(value.rows) in (list, tuple) and len(value.rows) > MANY
    made: dict[str, Any] = {"$": "dataset"}
    for name, encode in (
        ("rows", _rows if many else Encoder.encode),
        ("manifest", Encoder.encode),
        ("splits", Encoder.encode),
    ):
        try:
            made[name] = encode(encoder, getattr(value, name), depth)
        except Refusal as refusal:
            raise refusal.within(name) from None
    return made


def _read_dataset(decoder: Decoder, encoded: dict[str, Any]) -> Any:
    from crucible_core.contract.dataset import Dataset

    return Dataset(*(decoder.decode(encoded[key]) for key in ("rows", "manifest", "splits")))


KINDS: dict[str, Kind] = {
    "crucible_core.contract.dataset:Dataset": Kind(_dataset),
    "crucible_core.contract.persistent:FrozenMap": Kind(_frozen_map),
    "crucible_core.contract.persistent:Rows": Kind(_rows),
    "crucible_core.ir.frozen:FrozenDict": Kind(_frozen_dict),
}

TAGS: dict[str, Read] = {
    "dataset": _read_dataset,
    "frozen_dict": _read_frozen_dict,
    "frozen_map": lambda decoder, encoded: FrozenMap(decoder.pairs(encoded["items"])),
    "rows": lambda decoder, encoded: Rows(decoder.items(encoded["items"])),
}
