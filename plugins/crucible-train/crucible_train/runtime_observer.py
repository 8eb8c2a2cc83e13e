"""A training loop as a run sees it: events, progress, files, and when to stop."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import monotonic
from typing import IO, TYPE_CHECKING, Any, Self

from crucible_train.errors import TrainingError

if TYPE_CHECKING:
    from crucible_core import Runtime
    from crucible_train.data.datum import Datum


class RuntimeObserver:
    """Tells a run what a loop does, and the loop when the run is to stop.

    Args:
        runtime: The stage's runtime.
        log: Where the metrics of each step go, a JSON object a line; None for nowhere.
        tokenizer: Turns the tokens of a bad batch back into text.
    """

    def __init__(self, runtime: Runtime, log: Path | None, tokenizer: Any) -> None:
        self._runtime, self._path, self._tokenizer = runtime, log, tokenizer
        self._log: IO[str] | None = None
        self._asked: float | None = None
        self._longest = 0.0

    def __enter__(self) -> Self:
        """Open the file.

        Raises:
            TrainingError: ``unsupported_training_config``: it is a directory, or cannot be written.
        """
        try:
            self._log = None if self._path is None else self._path.open("w", encoding="utf-8")
        except OSError as error:
            message = f"log_path: cannot write {self._path}: {error.strerror}"
            raise TrainingError("unsupported_training_config", message, field="log_path") from error
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        if self._log is not None:
            self._log.close()

    def metrics(self, step: int, values: Mapping[str, float]) -> None:
        """Record the metrics of a step."""
        for name, value in values.items():
            self._runtime.log_metric(name, value, step=step)
        if self._log is not None:
            self._log.write(json.dumps({"step": step, **values}) + "\n")

    def checkpoint(self, name: str, path: Path) -> None:
        """Record a checkpoint."""
        self._runtime.checkpoint(name, path)

    def progress(self, done: int, total: int) -> None:
        """Show how far the training is."""
        self._runtime.progress(done, total)

    def warn(self, message: str) -> None:
        """Record a warning."""
        self._runtime.log(message, "warning")

    def stop(self) -> TrainingError | None:
        """Say why to stop: the run is cancelled, or what is left of its time is less than two steps took."""
        now = monotonic()
        if self._asked is not None:
            self._longest = max(self._longest, now - self._asked)
        self._asked = now
        if self._runtime.cancelled:
            return TrainingError("cancelled", "the run was cancelled; the training can go on from its checkpoint")
        left = self._runtime.remaining()
        if left is not None and left <= 2 * self._longest:
            message = f"{left:.1f} s are left, less than two steps take; the training can go on from its checkpoint"
            return TrainingError("timeout", message)
        return None

    def bad_batch(self, step: int, batch: Sequence[Datum]) -> Path:
        """Write the examples of a batch, a JSON object a line; return where."""
        path = self._runtime.artifact_path(f"not_finite_step_{step:06d}.jsonl")
        with path.open("w", encoding="utf-8") as file:
            for datum in batch:
                tokens = datum.tokens.tolist()
                inputs = {name: value.tolist() for name, value in datum.loss_inputs.items()}
                shown = {"row": datum.row, "text": self._tokenizer.decode(tokens), "tokens": tokens, **inputs}
                file.write(json.dumps(shown) + "\n")
        return path
