"""Single values of the standard library: times, exact numbers, paths, bytes."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from typing import TYPE_CHECKING, Any

from crucible_core.runs.codecs.encoder import Kind
from crucible_core.runs.codecs.refusal import Refusal

if TYPE_CHECKING:
    from crucible_core.runs.codecs.decoder import Decoder, Read
    from crucible_core.runs.codecs.encoder import Encoder

__all__ = ["KINDS", "TAGS"]


def _text(tag: str) -> Kind:
    """Return how types are encoded whose text says everything about a value."""

    def make(encoder: Encoder, value: Any, _depth: int) -> Any:
        text = str(value)
        encoder.size += 32 + 6 * len(text)
        return {"$": tag, "value": text}

    return Kind(make, atomic=True)


def _complex(encoder: Encoder, value: complex, depth: int) -> Any:
    encoder.size += 24
    return {"$": "complex", "parts": encoder.items((value.real, value.imag), depth)}


def _range(encoder: Encoder, value: range, depth: int) -> Any:
    encoder.size += 24
    return {"$": "range", "parts": encoder.items((value.start, value.stop, value.step), depth)}


def _slice(encoder: Encoder, value: slice, depth: int) -> Any:
    encoder.size += 24
    return {"$": "slice", "parts": encoder.items((value.start, value.stop, value.step), depth)}


def _bytes(encoder: Encoder, value: bytes, _depth: int) -> Any:
    from crucible_core.runs.codecs.raw_bytes import RawBytes

    return encoder.written(RawBytes(), value)


def _bytearray(encoder: Encoder, value: bytearray, _depth: int) -> Any:
    from crucible_core.runs.codecs.raw_bytes import RawBytearray

    return encoder.written(RawBytearray(), value)


def _date(encoder: Encoder, value: date, _depth: int) -> Any:
    encoder.size += 48
    return {"$": "date", "value": value.isoformat()}


def _time(tag: str) -> Kind:
    def make(encoder: Encoder, value: Any, depth: int) -> Any:
        encoder.size += 96
        made = {"$": tag, "value": value.replace(tzinfo=None).isoformat()}
        if value.tzinfo is not None:
            made["zone"] = encoder.encode(value.tzinfo, depth)
        if value.fold:
            made["fold"] = value.fold
        return made

    return Kind(make, atomic=True)


def _read_time(kind: Any) -> Read:
    def read(decoder: Decoder, encoded: dict[str, Any]) -> Any:
        zone = decoder.decode(encoded.get("zone"))
        return kind.fromisoformat(encoded["value"]).replace(tzinfo=zone, fold=encoded.get("fold", 0))

    return read


def _timedelta(encoder: Encoder, value: timedelta, _depth: int) -> Any:
    encoder.size += 80
    return {"$": "timedelta", "parts": [value.days, value.seconds, value.microseconds]}


def _timezone(encoder: Encoder, value: timezone, depth: int) -> Any:
    encoder.size += 32
    arguments = value.__getinitargs__()  # type: ignore[attr-defined]  # how it is pickled: offset, and a name if given
    return {"$": "timezone", "parts": encoder.items(arguments, depth)}


def _zone(encoder: Encoder, value: Any, _depth: int) -> Any:
    if value.key is None:
        raise Refusal(value, "the time zone was read from a file and has no name")
    encoder.size += 48 + 6 * len(value.key)
    return {"$": "zone", "value": value.key}


def _read_zone(_decoder: Decoder, encoded: dict[str, Any]) -> Any:
    from zoneinfo import ZoneInfo

    return ZoneInfo(encoded["value"])


def _read_decimal(_decoder: Decoder, encoded: dict[str, Any]) -> Any:
    from decimal import Decimal

    return Decimal(encoded["value"])


def _read_fraction(_decoder: Decoder, encoded: dict[str, Any]) -> Any:
    from fractions import Fraction

    return Fraction(encoded["value"])


def _read_uuid(_decoder: Decoder, encoded: dict[str, Any]) -> Any:
    from uuid import UUID

    return UUID(encoded["value"])


def _read_path(name: str) -> Read:
    def read(_decoder: Decoder, encoded: dict[str, Any]) -> Any:
        import pathlib

        return getattr(pathlib, name)(encoded["value"])

    return read


_PATHS = {"path": "PosixPath", "pure_path": "PurePosixPath", "windows_path": "PureWindowsPath"}

KINDS: dict[str, Kind] = {
    "builtins:bytearray": Kind(_bytearray),
    "builtins:bytes": Kind(_bytes, atomic=True),
    "builtins:complex": Kind(_complex, atomic=True),
    "builtins:range": Kind(_range, atomic=True),
    "builtins:slice": Kind(_slice, atomic=True),
    "datetime:date": Kind(_date, atomic=True),
    "datetime:datetime": _time("datetime"),
    "datetime:time": _time("time"),
    "datetime:timedelta": Kind(_timedelta, atomic=True),
    "datetime:timezone": Kind(_timezone, atomic=True),
    "zoneinfo:ZoneInfo": Kind(_zone, atomic=True),
    "decimal:Decimal": _text("decimal"),
    "fractions:Fraction": _text("fraction"),
    "uuid:UUID": _text("uuid"),
    # Python 3.13 moved them
    **{f"{module}:{name}": _text(tag) for module in ("pathlib", "pathlib._local") for tag, name in _PATHS.items()},
}

TAGS: dict[str, Read] = {
    "complex": lambda decoder, encoded: complex(*decoder.items(encoded["parts"])),
    "range": lambda decoder, encoded: range(*decoder.items(encoded["parts"])),
    "slice": lambda decoder, encoded: slice(*decoder.items(encoded["parts"])),
    "date": lambda _, encoded: date.fromisoformat(encoded["value"]),
    "datetime": _read_time(datetime),
    "time": _read_time(time),
    "timedelta": lambda _, encoded: timedelta(*encoded["parts"]),
    "timezone": lambda decoder, encoded: timezone(*decoder.items(encoded["parts"])),
    "zone": _read_zone,
    "decimal": _read_decimal,
    "fraction": _read_fraction,
    "uuid": _read_uuid,
    **{tag: _read_path(name) for tag, name in _PATHS.items()},
}
