"""Tell a run to stop, and give the stage that runs then some time to do so."""

from __future__ import annotations

import _thread
import contextlib
import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING, Any, Self

from crucible_core.pipeline.termination import TERMINATED, terminate

if TYPE_CHECKING:
    from crucible_core.contract.runtime import CancelToken
    from crucible_core.pipeline.progress import Progress

_LOOK_S = 0.05  # how often a token is looked at while a stage runs
_TAKEN: dict[signal.Signals, Any] = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: terminate}
"""The handlers that end a program at once, which a run puts off; those of others stay in force."""
_PATIENCE = 2  # signals: one is put off, one ends the stage; a further one ends what closes the record


class Cancellation:
    """Whether a run is to stop: as a context manager around it, also when Ctrl-C or SIGTERM come meanwhile.

    While an attempt at a stage is running, the first signal and the token only set what `Runtime.cancelled` shows. What
    the signal would have raised is raised in the stage after the grace period, or with the second signal. While none
    is running, a signal does what it always did.

    Signals reach a run in the main thread only. In another thread, and where somebody else handles Ctrl-C, the stage
    gets its KeyboardInterrupt when it next executes Python code.

    Args:
        token: What else can tell the run to stop; None for nothing.
        grace_s: Seconds that the stage gets.
        progress: How far the run is.
        tell: Called with one line of text once a stage is given its time.
    """

    def __init__(
        self, token: CancelToken | None, grace_s: float, progress: Progress, tell: Callable[[str], None]
    ) -> None:
        self._token = token
        self._grace_s = grace_s
        self._progress = progress
        self._tell = tell
        self._told = _thread.allocate_lock()
        self.is_set: Callable[[], bool] = self._told.locked if token is None else self._is_told
        """Tells whether the run is to stop; asked before every stage, so a lock's own method where that will do."""
        self._signal: signal.Signals | None = None
        self._signals = 0
        self._is_due = False
        self._taken: dict[signal.Signals, Any] = {}
        self._thread = 0
        self._over = threading.Event()
        self._watchers: list[_thread.LockType] = []

    def _is_told(self) -> bool:
        return self._told.locked() or (self._token is not None and self._token.is_set())

    @property
    def details(self) -> dict[str, Any]:
        """What the record of a cancelled run says of why."""
        if self._signal is None:
            return {}
        code = {"exit_code": TERMINATED} if self._signal is signal.SIGTERM else {}
        return {"signal": self._signal.name, **code}

    def __enter__(self) -> Self:
        """Put off signals, and watch the token, from now on."""
        self._thread = _thread.get_ident()
        if threading.current_thread() is threading.main_thread():
            for number, handler in _TAKEN.items():
                if signal.getsignal(number) is handler:
                    self._taken[number] = handler
                    signal.signal(number, self._on_signal)
        if self._token is not None:
            self._watch(self._watch_token)
        return self

    def __exit__(self, *_: object) -> None:
        """Let signals do again what they did before."""
        try:
            self._end_watch()
        except KeyboardInterrupt:
            if not self._is_due or self._taken:
                raise
            self._end_watch()  # it was for the stage, which did not live to see it
        finally:
            for number, handler in self._taken.items():
                signal.signal(number, handler)

    def _end_watch(self) -> None:
        self._over.set()
        for watcher in self._watchers:
            with watcher:
                pass

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        came = signal.Signals(number)
        self._signals += 0 if self._is_due else 1
        is_first, self._signal = self._signal is None, self._signal or came
        self._told.acquire(blocking=False)
        if self._is_due:
            if self._progress.current is None:  # the stage ended in time after all
                return
            self._is_due = False
        elif is_first and self._progress.current is not None and self._grace_s > 0:
            self._watch(self._enforce)
            return
        elif self._progress.status == "cancelled" and self._signals <= _PATIENCE:
            return  # the stage has ended, and its record is being closed
        self._taken[came](number, frame)

    def _watch(self, work: Callable[[], None]) -> None:
        """Do some work in a thread; made without a lock, since this may be called in a signal handler."""
        done = _thread.allocate_lock()
        done.acquire()
        self._watchers.append(done)

        def watch() -> None:
            try:
                work()
            finally:
                done.release()

        _thread.start_new_thread(watch, ())

    def _watch_token(self) -> None:
        assert self._token is not None
        with contextlib.suppress(Exception):  # a token that fails fails the run, which looks at it between stages
            while not self._token.is_set():
                if self._is_over(_LOOK_S):
                    return
            self._enforce()

    def _enforce(self) -> None:
        """End the stage that runs, once its time is over; it may have ended before."""
        stage = self._progress.current
        if self._signal is not None and stage is not None:
            again = "; Ctrl-C again ends it at once" if self._signal is signal.SIGINT else ""
            self._tell(f"{self._signal.name}: {stage} has {self._grace_s:g} s to end{again}")
        if not self._is_over(self._grace_s) and self._progress.current is not None:
            self._interrupt()

    def _is_over(self, seconds: float) -> bool:
        """Wait for the end of the run, so long at most, and tell whether it came."""
        return self._over.wait(seconds)

    def _interrupt(self) -> None:
        number = self._signal or signal.SIGINT
        self._is_due = True
        if number in self._taken:
            signal.pthread_kill(self._thread, number)
        else:
            _interrupt(self._thread)


def _interrupt(thread: int) -> None:
    """Let a thread raise KeyboardInterrupt when it next executes Python code.

    It cannot be taken back: with nothing to raise in its place, Python 3.11 goes on looking for it at every step, and
    for ever under a tracer.
    """
    import ctypes

    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(KeyboardInterrupt))
