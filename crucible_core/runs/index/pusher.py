"""Push a run to a shared index while it progresses, and what was missed afterwards."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from crucible_core.trace.event import Event

__all__ = ["IndexPusher"]

_WAITING = 1_000
"""Events that wait to be taken note of; where there would be more, the journal is read instead."""

_TAKEN = frozenset(("run_start", "run_stop", "stage_start", "stage_stop", "stage_error", "stage_skip", "artifact"))
"""Events that change what an index says of a run."""


class IndexPusher:
    """An observer that keeps a run's rows in a shared index up to date, from a thread of its own.

    It never slows or changes a run: an event is put into a queue, and nothing is waited for, whatever becomes of the
    database. The journal is the truth, so that nothing is lost with a connection: what could not be pushed is pushed
    when the run has ended, or after the next one in the same output directory.

    Args:
        url: Where the index is.
        tell: Called with what a person should know, once the run has ended.
    """

    def __init__(self, url: str, tell: Callable[[str], None]) -> None:
        self._url = url
        self._tell = tell
        self._events: queue.Queue[Event | None] = queue.Queue(_WAITING)
        self._missed = threading.Event()
        self._closing = threading.Event()
        self._deadline = 0.0
        self._thread: threading.Thread | None = None
        self._outcome: list[str] = []

    def __call__(self, event: Event) -> None:
        """Take an event."""
        if self._thread is None and event.event_name == "run_start":
            self._begin(event)
        if self._thread is not None and event.event_name in _TAKEN:
            self._put(event)

    def __enter__(self) -> Self:
        """Observe a run."""
        return self

    def __exit__(self, *_: object) -> None:
        """Push what is left of it."""
        self.close()

    def _begin(self, event: Event) -> None:
        directory = event.payload["manifest"].get("output_dir")
        work = self._ignore if directory is None else self._push
        run_dir = Path(directory or ".").absolute()
        self._thread = threading.Thread(target=work, args=(run_dir,), name="crucible-index", daemon=True)
        self._thread.start()

    def _put(self, event: Event | None) -> None:
        try:
            self._events.put_nowait(event)
        except queue.Full:
            self._missed.set()

    def _push(self, run_dir: Path) -> None:
        from crucible_core.runs.index.pushing import Pushing

        pushing = Pushing(self._url, run_dir, self._missed)
        while not self._closing.is_set():
            try:
                event = self._events.get(timeout=pushing.idle_s())
            except queue.Empty:
                pushing.push()
            else:
                if event is not None:
                    pushing.take(event)
        self._outcome = pushing.finish(lambda: time.monotonic() > self._deadline)

    def _ignore(self, _: Path) -> None:
        """Do nothing with a run that is not recorded: it has no place in an index that can be made again."""

    def close(self, patience_s: float = 10.0) -> None:
        """Push what is left, and say where that is not possible now.

        Args:
            patience_s: As many seconds may that take; then it is left to the next run.
        """
        if self._thread is None:
            return
        self._deadline = time.monotonic() + patience_s / 2
        self._closing.set()
        self._put(None)
        try:
            self._thread.join(patience_s)
            late = self._thread.is_alive()
        except KeyboardInterrupt:  # the run has ended and is recorded; only the waiting ends here
            late = True
        for note in [_LATE] if late else self._outcome:
            self._tell(note)


_LATE = (
    "the shared index does not answer in time; the run is recorded, and `crucible runs reindex --index URL`,"
    " or the next run, brings it into the index"
)
