"""Whether the collector takes what it is sent; kept quiet while it happens, and never waited for for long."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread, local
from typing import TypeVar

Result = TypeVar("Result")

_TALKATIVE = (
    "opentelemetry.exporter.otlp.common.http",
    "opentelemetry.exporter.otlp.proto.http.metric_exporter",
    "opentelemetry.exporter.otlp.proto.http.trace_exporter",
    "opentelemetry.sdk._shared_internal",
    "opentelemetry.sdk.metrics._internal.export",
    "opentelemetry.sdk.trace.export",
    "urllib3.connectionpool",
)
"""The loggers of what exports; they repeat themselves with each batch."""

_thread = local()


class Delivery:
    """How the export of one signal goes.

    Args:
        place: Where it goes, for people.

    Attributes:
        reason: Why the last export failed; None when it did not.
        unreachable: Whether nobody answered.
        overflowed: Whether something was thrown away because too much was waiting.
        flush: Exports what is left, however long that takes.
    """

    def __init__(self, place: str) -> None:
        self.place = place
        self.reason: str | None = None
        self.unreachable = False
        self.overflowed = False
        self.flush: Callable[[], object] = lambda: None
        self._over = Event()
        for name in _TALKATIVE:
            logging.getLogger(name).addFilter(_kept_quiet)

    def watched(self, export: Callable[[], Result], failed: Result) -> Result:
        """Export something and take note of how it goes; an exception is a failure."""
        with self.quiet():
            try:
                result = export()
            except Exception as error:  # noqa: BLE001 - whatever it is, it must not reach the run nor its output
                self.note(f"{type(error).__name__}: {error}", unreachable=True)
                return failed
        if result is not failed:
            self.reason, self.unreachable = None, False
        elif self.reason is None:
            self.note("it was refused", unreachable=False)
        return result

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """Take what the exporters log in this thread for notes, not for output."""
        outer = getattr(_thread, "delivery", None)
        _thread.delivery = self
        try:
            yield
        finally:
            _thread.delivery = outer

    def hear(self, record: logging.LogRecord) -> None:
        """Take note of what an exporter logs, where the request itself has not told why it failed."""
        if "Queue full" in str(record.msg):
            self.overflowed = True
        elif self.reason is None:
            args = record.args if isinstance(record.args, tuple) else ()
            self.note(record.getMessage(), unreachable=any(isinstance(each, Exception) for each in args))

    def note(self, said: str, *, unreachable: bool) -> None:
        """Take note of why an export fails.

        Args:
            said: What the exporter, or the answer, says.
            unreachable: Whether there was no answer: then nobody waits for one.
        """
        self.reason, self.unreachable = _in_short(said), unreachable
        if unreachable:
            self._over.set()

    def begin_flush(self) -> None:
        """Begin to export what is left."""
        self._over = Event()
        if self.unreachable:  # as it was the last time, which a run has waited for already
            self._over.set()
        Thread(target=self._flushed, args=(self._over,), name="crucible-otel-flush", daemon=True).start()

    def wait(self, limit_s: float) -> None:
        """Wait until all is exported, the collector turns out to be out of reach, or the time is over."""
        if not self._over.wait(limit_s):
            self.note(self.reason or f"no answer in {limit_s:g} s", unreachable=True)

    def _flushed(self, over: Event) -> None:
        with self.quiet():
            try:
                self.flush()
            except Exception as error:  # noqa: BLE001 - as above
                self.note(f"{type(error).__name__}: {error}", unreachable=True)
        over.set()


def _kept_quiet(record: logging.LogRecord) -> bool:
    """Let through what is logged by others; a filter of loggers."""
    delivery: Delivery | None = getattr(_thread, "delivery", None)
    if delivery is None:
        return True
    delivery.hear(record)
    return False


def _in_short(said: str) -> str:
    """Return the reason within a message that quotes requests, with their addresses and what may be secret in them."""
    system = re.search(r"\[Errno -?\d+\] ([^'\")]+)", said)
    if system is not None:
        return system[1].strip()
    if "timed out" in said:
        return "timed out"
    return re.sub(r"\?\S*", "?...", said)[:200]
