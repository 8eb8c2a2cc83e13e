"""Where a supervised training stands, besides its weights."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crucible_train.errors import TrainingError

if TYPE_CHECKING:
    from crucible_train.data.datum import Datum
    from crucible_train.loops.config import SupervisedConfig

FILE = "loop.json"


@dataclass
class LoopState:
    """What the loop remembers from one step to the next.

    Attributes:
        fingerprint: Of the examples and of what decides in which order they come.
        config: Of everything that the loop was told.
        step: Optimizer steps done, and so the number of the next one, counted from 0.
        tokens: Tokens predicted so far.
        losses: Sum over the steps of this epoch of their loss times its tokens, and the tokens.
        train_loss: Mean loss of a token in the last epoch that is complete, in nats.
        evaluations: ``{"step": ..., "loss": ...}`` of every evaluation, in order.
        best: The one of lowest loss.
        waited: Evaluations since the best.
        skipped: Steps left out because something was not finite.
        stopped: Why it ended, where it did: ``early_stopping``.
    """

    fingerprint: str
    config: str = ""
    step: int = 0
    tokens: float = 0.0
    losses: list[float] = field(default_factory=lambda: [0.0, 0.0])
    train_loss: float | None = None
    evaluations: list[dict[str, Any]] = field(default_factory=list)
    best: dict[str, Any] | None = None
    waited: int = 0
    skipped: int = 0
    stopped: str | None = None

    def write(self, folder: Path) -> None:
        """Write it as JSON into a directory."""
        (folder / FILE).write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path, fingerprint: str) -> LoopState:
        """Return the state that a checkpoint holds.

        Raises:
            TrainingError: ``invalid_checkpoint``: there is none, it is damaged, or of another training.
        """
        try:
            found = json.loads((folder / FILE).read_text(encoding="utf-8"))
            state = cls(**{each.name: found[each.name] for each in fields(cls)})
        except (OSError, ValueError, KeyError, TypeError) as error:
            reason = getattr(error, "strerror", None) or f"{type(error).__name__}: {error}"
            message = f"cannot go on from {folder}: its {FILE} cannot be read ({reason})"
            raise TrainingError("invalid_checkpoint", message, path=str(folder)) from error
        if state.fingerprint != fingerprint:
            message = f"cannot go on from {folder}: it was trained on other examples, or in another order or batch size"
            raise TrainingError("invalid_checkpoint", message, path=str(folder))
        return state


def config_fingerprint(config: SupervisedConfig) -> str:
    """Return a hash of everything that a loop is told."""
    text = json.dumps(asdict(config), sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def fingerprint(examples: Sequence[Datum], config: SupervisedConfig) -> str:
    """Return a hash of what a training sees at each of its steps."""
    digest = hashlib.sha256()
    how = (config.batch_size, config.gradient_accumulation, config.shuffle, config.length_bucketing, config.seed)
    digest.update(repr((how, len(examples))).encode())
    for datum in examples:
        digest.update(f"{len(datum)} {datum.parts} {sorted(datum.loss_inputs)}".encode())
        digest.update(datum.tokens.tobytes())
        for name in sorted(datum.loss_inputs):
            digest.update(datum.loss_inputs[name].tobytes())
    return digest.hexdigest()
