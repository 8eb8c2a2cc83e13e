"""The loss on held-out examples, from log-probabilities alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crucible_core.ports import TrainingClient
    from crucible_train.data.datum import Datum


def mean_loss(client: TrainingClient, session: Any, examples: Sequence[Datum], batch_size: int) -> float:
    """Return the mean negative log-likelihood of a token that counts, in nats; nothing is learned.

    Examples are read longest first, in batches of about one length.
    """
    import numpy as np

    ordered = sorted(examples, key=len, reverse=True)
    total = weight = 0.0
    for start in range(0, len(ordered), batch_size):
        batch = ordered[start : start + batch_size]
        for datum, logprobs in zip(batch, client.compute_logprobs(session, batch), strict=True):
            counts = datum.loss_inputs["weights"]
            total -= float(np.asarray(logprobs, dtype=np.float64) @ counts)
            weight += float(counts.sum())
    return total / weight
