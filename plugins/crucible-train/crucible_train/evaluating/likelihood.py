"""The likelihood of the targets of examples under a model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crucible_core.ports import SamplingClient
    from crucible_train.data.datum import Datum


@dataclass(frozen=True, slots=True)
class Likelihood:
    """How likely the targets of an example are.

    Attributes:
        logprob: Sum of the natural log-probabilities of the targets, each times its weight.
        weight: Sum of the weights; the number of targets where all are 1.
        row: The row of the example.
    """

    logprob: float
    weight: float
    row: int | None


def likelihoods(
    client: SamplingClient,
    session: Any,
    datums: Sequence[Datum],
    batch_size: int,
    each: Callable[[int, int], None] = lambda _done, _total: None,
) -> list[Likelihood]:
    """Return the likelihood of every example, in their order.

    They are read longest first, in batches of about one length.

    Args:
        client: Computes log-probabilities.
        session: Its session.
        datums: The examples, with ``targets`` and ``weights``.
        batch_size: Examples of one forward pass.
        each: Called after each batch with examples done and in all.
    """
    import numpy as np

    order = sorted(range(len(datums)), key=lambda index: -len(datums[index]))
    found: dict[int, Likelihood] = {}
    for start in range(0, len(order), batch_size):
        chosen = order[start : start + batch_size]
        batch = [datums[index] for index in chosen]
        sequences = [[*datum.tokens.tolist(), int(datum.loss_inputs["targets"][-1])] for datum in batch]
        for index, datum, logprobs in zip(chosen, batch, client.compute_logprobs(session, sequences), strict=True):
            weights = datum.loss_inputs["weights"].astype(np.float64)
            total = float(np.asarray(logprobs, dtype=np.float64) @ weights)
            found[index] = Likelihood(total, float(weights.sum()), datum.row)
        each(len(found), len(datums))
    return [found[index] for index in range(len(datums))]
