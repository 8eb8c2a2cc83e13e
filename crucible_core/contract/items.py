"""Read items, results or examples, from wherever in the context an option says they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from crucible_core.contract.dataset import Dataset
from crucible_core.contract.errors import StageError

if TYPE_CHECKING:
    from crucible_core.contract.context import Context


def read_items(context: Context, path: str) -> Sequence[Mapping[str, Any]]:
    """Return the rows at a context path: ``outputs``, a `Dataset`, or a list of mappings.

    Args:
        context: The context.
        path: Where they are, e.g. ``outputs`` or ``assigns.dataset``.

    Raises:
        StageError: ``wrong_data``: there is nothing at the path, or what is there is no rows.
    """
    try:
        value = context.read(path)
    except KeyError as error:
        raise StageError("wrong_data", str(error.args[0]), path=path) from None
    rows = value.rows if isinstance(value, Dataset) else value
    if not isinstance(rows, Sequence) or isinstance(rows, (str, bytes)):
        raise StageError("wrong_data", f"{path} holds a {type(value).__name__}; rows are a list of mappings", path=path)
    for index, row in enumerate(rows):
        if not isinstance(row, Mapping):
            message = f"row {index} of {path} is a {type(row).__name__}; a row maps field names to values"
            raise StageError("wrong_data", message, path=path, row=index)
    return rows
