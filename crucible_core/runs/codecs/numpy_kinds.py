"""Single numbers of numpy, its types, and the states of its random generators."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from crucible_core.runs.codecs.encoder import Kind
from crucible_core.runs.codecs.errors import UnreadableValueError
from crucible_core.runs.codecs.numpy_array import NumpyArray, comes_back
from crucible_core.runs.codecs.refusal import Refusal

if TYPE_CHECKING:
    from crucible_core.runs.codecs.decoder import Decoder, Read
    from crucible_core.runs.codecs.encoder import Encoder

__all__ = ["TAGS", "structure_of"]

_AS_PYTHON: dict[type, Callable[[Any], Any]] = {
    np.bool_: bool,
    np.float16: float,
    np.float32: float,
    np.float64: float,
    np.str_: str.__str__,  # str() would leave out trailing NULs
    np.bytes_: bytes,
}
"""Types whose values are exactly those of a type of Python; integers are too."""


def structure_of(kind: type) -> Kind | None:
    """Return how instances of a class of numpy are encoded, else None."""
    if kind is not np.timedelta64 and (kind in _AS_PYTHON or issubclass(kind, np.integer)):
        return _NUMBER
    if issubclass(kind, np.generic):
        return _ITEM
    if issubclass(kind, np.dtype):
        return _DTYPE
    if issubclass(kind, np.random.BitGenerator):
        return _BIT_GENERATOR
    return {np.random.Generator: _GENERATOR, np.random.RandomState: _RANDOM_STATE, np.random.SeedSequence: _SEED}.get(
        kind
    )


def _number(encoder: Encoder, value: Any, depth: int) -> Any:
    encoder.size += 40
    kind = type(value)
    return {"$": "numpy", "type": kind.__name__, "value": encoder.encode(_AS_PYTHON.get(kind, int)(value), depth)}


def _read_number(decoder: Decoder, encoded: dict[str, Any]) -> Any:
    return _named(np, encoded["type"], np.generic)(decoder.decode(encoded["value"]))


def _item(encoder: Encoder, value: Any, _depth: int) -> Any:
    array = np.asarray(value)
    if type(array[()]) is not type(value):
        raise Refusal(value, "numpy makes another type of it in an array")
    encoder.size += 24
    return {"$": "numpy_item", "array": encoder.written(NumpyArray(), array)}


def _read_item(decoder: Decoder, encoded: dict[str, Any]) -> Any:
    return decoder.decode(encoded["array"])[()]


def _dtype(encoder: Encoder, value: np.dtype[Any], depth: int) -> Any:
    if not comes_back(value):
        raise Refusal(value, "it is a type that a .npy file cannot name")
    encoder.size += 32
    return {"$": "numpy_dtype", "descr": encoder.encode(np.lib.format.dtype_to_descr(value), depth)}


def _read_dtype(decoder: Decoder, encoded: dict[str, Any]) -> Any:
    return np.lib.format.descr_to_dtype(decoder.decode(encoded["descr"]))


def _seed(encoder: Encoder, value: np.random.SeedSequence, depth: int) -> Any:
    encoder.size += 48
    return {"$": "numpy_seed", "state": encoder.entries(value.state, depth)}


def _read_seed(decoder: Decoder, encoded: dict[str, Any]) -> Any:
    return np.random.SeedSequence(**decoder.entries(encoded["state"]))


def _bit_generator(encoder: Encoder, value: Any, depth: int) -> Any:
    kind = type(value)
    if getattr(np.random, kind.__name__, None) is not kind:
        raise Refusal(value, "it is no bit generator of numpy.random")
    encoder.size += 64
    made = {"$": "numpy_bit_generator", "state": encoder.entries(dict(value.state), depth)}
    if isinstance(value.seed_seq, np.random.SeedSequence):  # what its children are made of
        made["seed"] = encoder.encode(value.seed_seq, depth)
    return made


def _read_bit_generator(decoder: Decoder, encoded: dict[str, Any]) -> Any:
    state = decoder.entries(encoded["state"])
    seed = decoder.decode(encoded.get("seed", 0))
    made = _named(np.random, state["bit_generator"], np.random.BitGenerator)(seed)
    made.state = state
    return made


def _generator(encoder: Encoder, value: np.random.Generator, depth: int) -> Any:
    encoder.size += 48
    return {"$": "numpy_generator", "of": encoder.encode(value.bit_generator, depth)}


def _random_state(encoder: Encoder, value: np.random.RandomState, depth: int) -> Any:
    encoder.size += 48
    state: Any = value.get_state(legacy=False)
    return {
        "$": "numpy_random_state",
        "of": encoder.encode(value._bit_generator, depth),  # what numpy pickles it by
        "gauss": encoder.items((state["has_gauss"], state["gauss"]), depth),
    }


def _read_random_state(decoder: Decoder, encoded: dict[str, Any]) -> Any:
    made = np.random.RandomState(decoder.decode(encoded["of"]))
    has_gauss, gauss = decoder.items(encoded["gauss"])
    state: Any = made.get_state(legacy=False)
    made.set_state({**state, "has_gauss": has_gauss, "gauss": gauss})
    return made


def _named(module: Any, name: str, base: type) -> Any:
    found = getattr(module, name, None)
    if not isinstance(found, type) or not issubclass(found, base):
        raise UnreadableValueError(f"this version of numpy has no {name!r}, which a value that was kept needs")
    return found


_NUMBER, _ITEM, _DTYPE = (Kind(make, atomic=True) for make in (_number, _item, _dtype))
_SEED, _BIT_GENERATOR, _GENERATOR, _RANDOM_STATE = map(Kind, (_seed, _bit_generator, _generator, _random_state))

TAGS: dict[str, Read] = {
    "numpy": _read_number,
    "numpy_bit_generator": _read_bit_generator,
    "numpy_dtype": _read_dtype,
    "numpy_generator": lambda decoder, encoded: np.random.Generator(decoder.decode(encoded["of"])),
    "numpy_item": _read_item,
    "numpy_random_state": _read_random_state,
    "numpy_seed": _read_seed,
}
