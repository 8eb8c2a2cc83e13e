"""Tensors of several examples, each padded to the length of the longest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor, device

    from crucible_train.data.datum import Datum


@dataclass(frozen=True)
class Batch:
    """What a model reads and a loss needs.

    Attributes:
        tokens: Of shape (examples, length), padded on the right.
        mask: 1 where there is a token; None where every place holds one, which lets attention take its fast path.
        loss_inputs: Name to tensor of shape (examples, length) or (examples, length, k), 0 in padding.
        segments: Which of the packed examples of its row a token belongs to, of shape (examples, length), padding being
            one more; None where nothing is packed.
        positions: The place of a token within its own example, of the same shape; None likewise.
    """

    tokens: Tensor
    mask: Tensor | None
    loss_inputs: Mapping[str, Tensor]
    segments: Tensor | None = None
    positions: Tensor | None = None


def collate(datums: Sequence[Datum], where: device | str, *, pad: int = 0) -> Batch:
    """Return a batch of examples.

    Args:
        datums: The examples, all with the same loss inputs.
        where: The device.
        pad: Token id of padding; it is never attended to, and 0 is as good as any.

    Raises:
        ValueError: There is no example, or their loss inputs differ.
    """
    import torch

    if not datums:
        raise ValueError("a batch needs at least one example")
    names = datums[0].loss_inputs.keys()
    if any(datum.loss_inputs.keys() != names for datum in datums):
        raise ValueError("the examples of a batch have different loss inputs")
    lengths = [len(datum) for datum in datums]
    longest = max(lengths)
    tokens = _padded([datum.tokens for datum in datums], longest, pad)
    inputs = {name: _padded([datum.loss_inputs[name] for datum in datums], longest, 0) for name in names}
    if any(datum.parts for datum in datums):
        segments, positions = _parts(datums, longest)
        return Batch(
            torch.from_numpy(tokens).to(where),
            None,
            {name: torch.from_numpy(each).to(where) for name, each in inputs.items()},
            torch.from_numpy(segments).to(where),
            torch.from_numpy(positions).to(where),
        )
    mask = None
    if min(lengths) < longest:
        mask = (torch.arange(longest)[None] < torch.tensor(lengths)[:, None]).to(torch.long).to(where)
    return Batch(
        torch.from_numpy(tokens).to(where),
        mask,
        {name: torch.from_numpy(each).to(where) for name, each in inputs.items()},
    )


def _padded(arrays: Sequence[Any], length: int, fill: float) -> Any:
    import numpy as np

    if len(arrays) == 1:
        return np.ascontiguousarray(arrays[0])[None]
    whole = np.full((len(arrays), length, *arrays[0].shape[1:]), fill, dtype=arrays[0].dtype)
    for row, array in zip(whole, arrays, strict=True):
        row[: len(array)] = array
    return whole


def _parts(datums: Sequence[Datum], length: int) -> tuple[Any, Any]:
    """Return segment and position of every place, each of shape (examples, length)."""
    import numpy as np

    segments = np.empty((len(datums), length), dtype=np.int64)
    positions = np.empty_like(segments)
    for row, datum in enumerate(datums):
        parts = [*(datum.parts or (len(datum),)), length - len(datum)]
        segments[row] = np.repeat(np.arange(len(parts)), parts)
        positions[row] = np.concatenate([np.arange(each) for each in parts])
    return segments, positions
