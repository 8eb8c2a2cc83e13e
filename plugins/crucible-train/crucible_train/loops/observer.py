"""Who watches a training loop, and may stop it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from crucible_train.data.datum import Datum
    from crucible_train.errors import TrainingError


class Observer(Protocol):
    """What a loop tells, and what it asks between two steps."""

    def metrics(self, step: int, values: Mapping[str, float]) -> None:
        """Hear the metrics of a step; steps count from 1."""
        ...

    def checkpoint(self, name: str, path: Path) -> None:
        """Hear of a checkpoint that is whole."""
        ...

    def progress(self, done: int, total: int) -> None:
        """Hear how many steps are done."""
        ...

    def warn(self, message: str) -> None:
        """Hear of something that a person should know."""
        ...

    def stop(self) -> TrainingError | None:
        """Say why the loop is to stop now, if it is."""
        ...

    def bad_batch(self, step: int, batch: Sequence[Datum]) -> Path | None:
        """Keep a batch whose loss is not finite, for inspection; return where."""
        ...


class Silent:
    """Nobody watches."""

    def metrics(self, step: int, values: Mapping[str, float]) -> None:
        """Do nothing."""

    def checkpoint(self, name: str, path: Path) -> None:
        """Do nothing."""

    def progress(self, done: int, total: int) -> None:
        """Do nothing."""

    def warn(self, message: str) -> None:
        """Do nothing."""

    def stop(self) -> TrainingError | None:
        """Go on."""
        return None

    def bad_batch(self, step: int, batch: Sequence[Datum]) -> Path | None:  # noqa: ARG002 - the protocol's
        """Keep nothing."""
        return None
