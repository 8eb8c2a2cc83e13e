"""Data of the same form with other numbers in them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crucible_core.contract.dataset import Dataset
from crucible_core.contract.persistent import FrozenMap, Rows
from crucible_core.testing.bad_parts import is_number
from crucible_core.testing.trial import KEYED, plain_map, plain_rows

if TYPE_CHECKING:
    from crucible_core.contract.context import Context


def with_other_numbers(context: Context) -> Context:
    """Return a context with every number in it one larger, and all else as it was: as many rows, the same texts."""
    changed = context._with("outputs", Rows(_changed(plain_rows(context))))
    for room in KEYED:
        changed = changed._with(room, FrozenMap(_changed(plain_map(context, room))))
    return changed


def _changed(value: Any) -> Any:
    if is_number(value):
        return value + 1
    if isinstance(value, Dataset):
        return dataclasses.replace(value, rows=_changed(list(value.rows)))
    if isinstance(value, Mapping):
        return {key: _changed(each) for key, each in value.items()}
    if type(value) in (list, tuple):
        return type(value)(map(_changed, value))
    if getattr(getattr(value, "dtype", None), "kind", "") in ("f", "i"):
        return value + 1
    return value
