"""Single moments, periods and missing values of pandas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from crucible_core.runs.codecs.encoder import Kind
from crucible_core.runs.codecs.pandas_types import name_in_pytz, zone_of_pytz
from crucible_core.runs.codecs.refusal import Refusal

if TYPE_CHECKING:
    from crucible_core.runs.codecs.decoder import Decoder, Read
    from crucible_core.runs.codecs.encoder import Encoder

__all__ = ["TAGS", "structure_of"]


def structure_of(kind: type) -> Kind | None:
    """Return how instances of a class of pandas are encoded, else None."""
    return _KINDS.get(kind)


def _missing(_encoder: Encoder, value: Any, _depth: int) -> Any:
    return {"$": "pandas_missing", "value": "NA" if value is pd.NA else "NaT"}


def _moment(encoder: Encoder, value: Any, depth: int) -> Any:
    encoder.size += 96
    made = {"$": "pandas_timestamp", "unit": value.unit, "count": encoder.encode(int(value.asm8.view("i8")), depth)}
    if value.tzinfo is not None:
        name = name_in_pytz(value.tzinfo)
        made["zone"] = {"$": "pandas_zone", "value": name} if name else encoder.encode(value.tzinfo, depth)
    if value.fold:
        made["fold"] = value.fold
    return made


def _read_moment(decoder: Decoder, encoded: dict[str, Any]) -> Any:
    value = pd.Timestamp(np.datetime64(decoder.decode(encoded["count"]), encoded["unit"]))
    if "zone" in encoded:
        value = value.tz_localize("UTC").tz_convert(decoder.decode(encoded["zone"]))
    return value.replace(fold=encoded["fold"]) if "fold" in encoded else value


def _duration(encoder: Encoder, value: Any, depth: int) -> Any:
    encoder.size += 64
    return {"$": "pandas_timedelta", "unit": value.unit, "count": encoder.encode(int(value.asm8.view("i8")), depth)}


def _read_duration(decoder: Decoder, encoded: dict[str, Any]) -> Any:
    return pd.Timedelta(np.timedelta64(decoder.decode(encoded["count"]), encoded["unit"]))


def _period(encoder: Encoder, value: Any, depth: int) -> Any:
    if pd.Period(ordinal=value.ordinal, freq=value.freqstr) != value:
        raise Refusal(value, f"its frequency {value.freq!r} has no text that says everything about it")
    encoder.size += 80
    return {"$": "pandas_period", "ordinal": encoder.encode(value.ordinal, depth), "frequency": value.freqstr}


def _read_period(decoder: Decoder, encoded: dict[str, Any]) -> Any:
    return pd.Period(ordinal=decoder.decode(encoded["ordinal"]), freq=encoded["frequency"])


def _interval(encoder: Encoder, value: Any, depth: int) -> Any:
    encoder.size += 64
    ends = encoder.items((value.left, value.right), depth)
    return {"$": "pandas_interval", "ends": ends, "closed": value.closed}


def _read_interval(decoder: Decoder, encoded: dict[str, Any]) -> Any:
    return pd.Interval(*decoder.items(encoded["ends"]), closed=encoded["closed"])


_KINDS = {
    type(pd.NA): Kind(_missing, atomic=True),
    type(pd.NaT): Kind(_missing, atomic=True),
    pd.Timestamp: Kind(_moment, atomic=True),
    pd.Timedelta: Kind(_duration, atomic=True),
    pd.Period: Kind(_period, atomic=True),
    pd.Interval: Kind(_interval, atomic=True),
}

TAGS: dict[str, Read] = {
    "pandas_interval": _read_interval,
    "pandas_missing": lambda _, encoded: pd.NA if encoded["value"] == "NA" else pd.NaT,
    "pandas_period": _read_period,
    "pandas_timedelta": _read_duration,
    "pandas_zone": lambda _, encoded: zone_of_pytz(encoded["value"]),
    "pandas_timestamp": _read_moment,
}
