"""The rows that a stage trains on and evaluates on, from the context or from a dataset store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from crucible_core import Dataset, read_items
from crucible_train.errors import TrainingError
from crucible_train.loops.config import unsupported
from crucible_train.normalize import resolve_dataset

if TYPE_CHECKING:
    from crucible_core import Context
    from crucible_core.ports import DatasetStore
    from crucible_train.normalize import Normalized

Rows = Sequence[Mapping[str, Any]]


def training_rows(
    context: Context, options: Any, found: Normalized[Any], store: DatasetStore | None, seed: int
) -> tuple[Rows, Rows]:
    """Return the rows to train on, and those to evaluate on, which may be none.

    A dataset that the configuration names is asked of the store, where there is one or nothing lies at ``data``.

    Raises:
        TrainingError: ``missing_ports``, ``dataset_resolution_failed``, ``unknown_split``, ``empty_dataset`` or
            ``unsupported_training_config``.
        StageError: ``wrong_data``.
    """
    if options.eval_split is not None and found.validation_split is not None:
        raise unsupported("validation_split", "give eval_split or validation_split, not both")
    if found.dataset is not None and (store is not None or not _is_there(context, options.data)):
        rows = resolve_dataset(found.dataset, store)
        held_out: Rows = ()
        if options.eval_split is not None:
            held_out = resolve_dataset(found.dataset.replace(split=options.eval_split), store)
    else:
        rows = rows_at(context, options.data, options.split, usual="train")
        held_out = () if options.eval_split is None else rows_at(context, options.data, options.eval_split)
    if found.validation_split is not None:
        return _held_out(rows, found.validation_split, seed)
    return rows, held_out


def _is_there(context: Context, path: str) -> bool:
    try:
        context.read(path)
    except KeyError:
        return False
    return True


def rows_at(context: Context, path: str, split: str | None, *, usual: str | None = None) -> Rows:
    """Return the rows of a split at a context path.

    Args:
        context: The context.
        path: Where they are.
        split: Name of the split; None for the usual one where there is one, else for all rows.
        usual: Name of the usual split.

    Raises:
        StageError: ``wrong_data``.
        TrainingError: ``unknown_split``.
    """
    rows = read_items(context, path)
    data = context.read(path)
    splits = data.splits if isinstance(data, Dataset) else {}
    chosen = split or (usual if usual in splits else None)
    if chosen is None:
        return rows
    if chosen not in splits:
        known = ", ".join(splits) or "none"
        raise TrainingError("unknown_split", f"{path} has no split {chosen!r}; there are: {known}", split=chosen)
    found: Rows = data.split(chosen)
    return found


def _held_out(rows: Rows, share: float, seed: int) -> tuple[Rows, Rows]:
    """Draw the rows to hold out, at least one."""
    import numpy as np

    count = max(1, round(len(rows) * share))
    if count >= len(rows):
        message = f"validation_split {share} of {len(rows)} rows leaves none to train on"
        raise TrainingError("empty_dataset", message, field="validation_split")
    drawn = np.random.default_rng([seed, len(rows)]).permutation(len(rows))
    chosen = set(drawn[:count].tolist())
    kept = [row for index, row in enumerate(rows) if index not in chosen]
    return kept, [rows[index] for index in sorted(chosen)]
