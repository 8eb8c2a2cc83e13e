"""Several examples in one row, so that no place is padding; none sees another."""

from __future__ import annotations

from collections.abc import Sequence

from crucible_train.data.datum import Datum


def packed(lengths: Sequence[int], capacity: int) -> list[list[int]]:
    """Return which examples go into one row, by first-fit decreasing: the longest first, each where it fits first.

    It needs at most 11/9 of the best number of rows, and one more (Johnson 1973).

    Args:
        lengths: Tokens of each example, each at most ``capacity``.
        capacity: Tokens of a row.

    Raises:
        ValueError: An example is longer than a row.
    """
    rows: list[list[int]] = []
    room: list[int] = []
    for index in sorted(range(len(lengths)), key=lambda each: -lengths[each]):
        length = lengths[index]
        if length > capacity:
            raise ValueError(f"example {index} has {length} tokens, a row {capacity}")
        at = next((row for row, left in enumerate(room) if left >= length), None)
        if at is None:
            rows.append([index])
            room.append(capacity - length)
        else:
            rows[at].append(index)
            room[at] -= length
    return rows


def pack(datums: Sequence[Datum], capacity: int) -> list[Datum]:
    """Return the examples in as few rows as `packed` finds, each row one datum that knows where its parts lie.

    A client that trains on them lets no part attend to another, and counts positions anew in each.

    Args:
        datums: Examples that are not packed yet, all with the same loss inputs.
        capacity: Tokens of a row.

    Raises:
        ValueError: An example is longer than a row.
    """
    return [_joined([datums[index] for index in row]) for row in packed([len(datum) for datum in datums], capacity)]


def _joined(datums: Sequence[Datum]) -> Datum:
    import numpy as np

    inputs = {name: np.concatenate([datum.loss_inputs[name] for datum in datums]) for name in datums[0].loss_inputs}
    tokens = np.concatenate([datum.tokens for datum in datums])
    return Datum(tokens, inputs, datums[0].row, tuple(len(datum) for datum in datums))
