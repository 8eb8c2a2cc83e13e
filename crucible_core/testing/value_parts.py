"""What values consist of: containers, frames, and objects of any kind."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, NamedTuple

from crucible_core.testing.object_state import state_of

_SHOWN_KEYS = 6


class View(NamedTuple):
    """How closely values are looked at.

    Args:
        public: Private attributes of objects, and attributes that are computed once and kept, are left out.
        exact: The order of keys counts, and whether an array may be written to.
    """

    public: bool = False
    exact: bool = False


Part = tuple[Any, Any]
"""Its name and what it is; a key is in a tuple of its own."""


def parts_of(value: Any, view: View) -> Iterator[Part]:
    """Yield what a value consists of; sets are the caller's affair."""
    if isinstance(value, Mapping):
        yield from (((key,), each) for key, each in value.items())
    elif isinstance(value, Sequence):
        yield from ((f"[{index}]", each) for index, each in enumerate(value))
    elif hasattr(value, "to_dict") and hasattr(value, "columns") and hasattr(value, "index"):
        yield from _frame(value)
    elif hasattr(value, "tolist") and hasattr(value, "dtype"):
        yield from _listed(value)
    else:
        yield from state_of(value, public=view.public)


def kind_of(value: Any, view: View) -> str:
    """Return what kind of container something is; all mappings are alike, and all sequences."""
    if isinstance(value, Mapping):
        ordered = isinstance(value, OrderedDict) or view.exact
        return f"mapping of {len(value)}{_order(value) if ordered else ''}"
    if isinstance(value, AbstractSet):
        return f"set of {len(value)}"
    return f"list of {len(value)}" if isinstance(value, Sequence) else type(value).__qualname__


def _order(value: Mapping[Any, Any]) -> str:
    keys = [key for key in value if isinstance(key, (str, int))]
    if len(keys) <= _SHOWN_KEYS:
        return f": {', '.join(map(repr, keys))}"
    from hashlib import blake2b

    return f" in the order {blake2b(repr(keys).encode(), digest_size=8).hexdigest()}"


def _frame(value: Any) -> Iterator[Part]:
    """Yield what a data frame consists of; names of columns may be there twice."""
    yield ".columns", [*value.columns]
    yield from ((f".iloc[{at}]", _column(value.iloc[:, at])) for at in range(len(value.columns)))
    yield ".index", value.index
    yield ".attrs", getattr(value, "attrs", {})


def _column(series: Any) -> Any:
    """Return kind and values of a column; plain numbers as an array, which is looked at all at once."""
    plain = getattr(series.dtype, "kind", "O") in "biufcmM" and not hasattr(series.dtype, "tz")
    return [str(series.dtype), series.to_numpy() if plain else series.tolist()]


def _listed(value: Any) -> Iterator[Part]:
    """Yield what an array of objects, a series or an index consists of."""
    yield ".dtype", str(value.dtype)
    yield ".values", value.tolist()
    for name in ("names", "name", "attrs"):
        called = getattr(value, name, None)
        if called is not None and not callable(called):
            yield f".{name}", called
    if hasattr(value, "iloc"):
        yield ".index", value.index
