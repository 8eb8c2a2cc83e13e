"""Whether a stage is tried again, after how long, and what it finds of the attempt before."""

from __future__ import annotations

import math
import shutil
import time
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crucible_core.contract.runtime import derive_seed
from crucible_core.pipeline.result import RecordError

if TYPE_CHECKING:
    from crucible_core.contract.runtime import CancelToken, EventSink
    from crucible_core.ir import RetryPolicy

ANY_CODE = "*"
NEVER_RETRIED = ("cancelled", "condition_failed")
"""Codes that no policy retries: nobody wants it, or the metrics will be the same."""

_LOOK_S = 0.05


def retries(policy: RetryPolicy, code: str) -> bool:
    """Tell whether another attempt is made after a failure of this code, as far as attempts are left."""
    return code not in NEVER_RETRIED and (code in policy.codes or ANY_CODE in policy.codes)


def wait_s(policy: RetryPolicy, attempt: int, seed: int, stage_id: str) -> float:
    """Return the seconds to wait after a failed attempt.

    The share ``jitter`` of the wait is left to chance, so that runs that failed together do not come back together; the
    draw depends on the run's seed, the stage's id and the attempt alone.

    Args:
        policy: The stage's.
        attempt: Which attempt failed, from 1.
        seed: The run's.
        stage_id: The stage's id.
    """
    import random

    try:
        longest = min(policy.max_backoff_s, policy.backoff_s * math.pow(policy.factor, attempt - 1))
    except OverflowError:
        longest = policy.max_backoff_s
    chance = random.Random(derive_seed(seed, stage_id, "retry", str(attempt))).random()  # noqa: S311 - not for secrets
    return longest * (1 - policy.jitter * chance)


def waited(seconds: float, cancel: CancelToken | None) -> bool:
    """Wait, and tell whether nobody told the run to stop meanwhile."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        if cancel is not None and cancel.is_set():
            return False
        time.sleep(min(left, _LOOK_S))
    return cancel is None or not cancel.is_set()


class CheckpointWatch:
    """An event sink that notes the paths of checkpoints, so that the next attempt finds them."""

    def __init__(self, sink: EventSink | None, paths: set[str]) -> None:
        self._sink = sink
        self._paths = paths

    @property
    def listening(self) -> bool:
        """Whether anybody would see an event."""
        return self._sink is not None and self._sink.listening

    def emit(self, event_name: str, stage: str | None, payload: Mapping[str, Any], attempt: int | None = None) -> None:
        """Pass on one event."""
        if self._sink is not None:
            self._sink.emit(event_name, stage, payload, attempt)
        if event_name == "checkpoint":
            self._paths.add(payload["path"])


def empty(directory: Path, kept: Collection[str]) -> None:
    """Remove what an attempt left in its stage's directory, except the checkpoints it registered.

    Args:
        directory: The stage's; it may not be there.
        kept: Paths; of a directory, all that is in it is kept.

    Raises:
        RecordError: Something cannot be removed, and would be taken for the work of the next attempt.
    """
    keep = {Path(path).parent.resolve() / Path(path).name for path in kept}
    try:
        _empty(directory.resolve(), keep, {parent for path in keep for parent in path.parents})
    except OSError as error:
        raise RecordError(f"cannot remove {error.filename}, which a failed attempt left: {error.strerror}") from error


def _empty(directory: Path, keep: Collection[Path], leading: Collection[Path]) -> None:
    for path in directory.iterdir() if directory.is_dir() else ():
        if path in keep:
            continue
        if path in leading:
            _empty(path, keep, leading)
        elif path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
