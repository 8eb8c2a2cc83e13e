"""In which order a small set of texts is gone through, as the seed of Python's hashes decides it.

Two elements lie in the same order under every second seed: what a stage does with the first of a set of two groups can
only be seen where seeds are taken under which these two change places.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

SEEDS = (4711, 1, 2, 3, 5, 8, 13, 21)
"""Those to choose from: few, since processes that have the core imported are kept for each and shared by stages."""
MOST_TEXTS = 4
"""A larger set has another layout."""

_WORD = (1 << 64) - 1
_SLOTS = 8
_PERTURB = 5
_STEP = 5
_BYTES = {1: "latin-1", 2: "utf-16-le", 4: "utf-32-le"}


def telling_seed(families: Iterable[Sequence[str]]) -> int:
    """Return the seed under which most of these sets of 2 to 4 texts are gone through otherwise than under 0.

    Args:
        families: The texts of each set, in the order in which they are added.
    """
    given = [tuple(family) for family in families if 1 < len(family) <= MOST_TEXTS]
    if not given or sys.hash_info.algorithm != "siphash13":
        return SEEDS[0]
    usual = [order(family, 0) for family in given]
    return max(SEEDS, key=lambda seed: sum(map(_difference, usual, (order(family, seed) for family in given))))


def _difference(one: Sequence[str], other: Sequence[str]) -> float:
    """Return how much it tells that one set is in these two orders; two groups are what is compared most often."""
    weight = 1.0 / (len(one) - 1)
    return weight if one[0] != other[0] else weight / 2 if one != other else 0.0


def order(texts: Iterable[str], seed: int) -> tuple[str, ...]:
    """Return these texts, at most four, as a set of them is gone through with this ``PYTHONHASHSEED``."""
    slots: dict[int, str] = {}
    for text in texts:
        hashed = text_hash(text, seed)
        at, perturb = hashed % _SLOTS, hashed
        while at in slots:
            perturb >>= _PERTURB
            at = (at * _STEP + 1 + perturb) % _SLOTS
        slots[at] = text
    return tuple(slots[at] for at in sorted(slots))


def text_hash(text: str, seed: int) -> int:
    """Return ``hash(text)`` as it is with this ``PYTHONHASHSEED``, as a number of 64 bits without a sign."""
    if not text:
        return 0
    width = 1 if max(text) < "\u0100" else 2 if max(text) < "\U00010000" else 4
    found = _siphash13(_key(seed), text.encode(_BYTES[width], "surrogatepass"))
    return found if found != _WORD else _WORD - 1


def _key(seed: int) -> tuple[int, int]:
    state, found = seed, bytearray()
    for _ in range(16 if seed else 0):
        state = (state * 214013 + 2531011) & 0xFFFFFFFF
        found.append((state >> 16) & 0xFF)
    return int.from_bytes(found[:8], "little"), int.from_bytes(found[8:], "little")


def _siphash13(key: tuple[int, int], data: bytes) -> int:
    v = [
        key[0] ^ 0x736F6D6570736575,
        key[1] ^ 0x646F72616E646F6D,
        key[0] ^ 0x6C7967656E657261,
        key[1] ^ 0x7465646279746573,
    ]
    whole = len(data) - len(data) % 8
    words = [int.from_bytes(data[at : at + 8], "little") for at in range(0, whole, 8)]
    for word in (*words, int.from_bytes(data[whole:], "little") | (len(data) & 0xFF) << 56):
        v[3] ^= word
        _round(v)
        v[0] ^= word
    v[2] ^= 0xFF
    for _ in range(3):
        _round(v)
    return v[0] ^ v[1] ^ v[2] ^ v[3]


def _round(v: list[int]) -> None:
    _half(v, (0, 1, 2, 3), 13, 16)
    _half(v, (2, 1, 0, 3), 17, 21)


def _half(v: list[int], at: tuple[int, int, int, int], left: int, right: int) -> None:
    a, b, c, d = at
    v[a] = (v[a] + v[b]) & _WORD
    v[c] = (v[c] + v[d]) & _WORD
    v[b] = _turned(v[b], left) ^ v[a]
    v[d] = _turned(v[d], right) ^ v[c]
    v[a] = _turned(v[a], 32)


def _turned(value: int, by: int) -> int:
    return ((value << by) | (value >> (64 - by))) & _WORD
