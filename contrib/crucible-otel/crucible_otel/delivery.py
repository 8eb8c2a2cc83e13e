"""What became of what was exported: kept quiet while it happens, told in one line when a run is over."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Lock, Thread, local
from typing import TypeVar

Result = TypeVar("Result")

logger = logging.getLogger("crucible_otel")

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

_quiet = local()


class Delivery:
    """Whether the collector takes what it is sent.

    Args:
        place: Where that is, for people.
    """

    def __init__(self, place: str) -> None:
        self.place = place
        self._reason: str | None = None
        self._unreachable = False
        self._waiting: set[Event] = set()
        self._warned = False
        self._lock = Lock()
        for name in _TALKATIVE:
            logging.getLogger(name).addFilter(_kept_quiet)

    def watched(self, export: Callable[[], Result], failed: Result) -> Result:
        """Export something and take note of how it goes; an exception is a failure."""
        with self.quiet():
            try:
                result = export()
            except Exception as error:  # noqa: BLE001 - whatever it is, it must not reach the run nor its output
                self._note(f"{type(error).__name__}: {error}", unreachable=True)
                return failed
        if result is not failed:
            self._reason, self._unreachable = None, False
        elif self._reason is None:
            self._note("it was refused", unreachable=False)
        return result

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """Take what the exporters log in this thread for notes, not for output."""
        outer = getattr(_quiet, "delivery", None)
        _quiet.delivery = self
        try:
            yield
        finally:
            _quiet.delivery = outer

    def hear(self, record: logging.LogRecord) -> None:
        """Take note of what an exporter logs."""
        args = record.args if isinstance(record.args, tuple) else ()
        self._note(record.getMessage(), unreachable=any(isinstance(each, Exception) for each in args))

    def flush(self, flush: Callable[[], object], limit_s: float, subject: str) -> None:
        """Wait until everything is exported; not longer than this, and not at all for a collector out of reach.

        Args:
            flush: Exports what is left, however long that takes.
            limit_s: Seconds.
            subject: Whose telemetry it is, for the one warning that there is if it is not delivered.
        """
        over = Event()
        if self._unreachable:  # it was so the last time: this run has waited enough for that
            over.set()
        self._waiting.add(over)
        Thread(target=self._flushed, args=(flush, over), name="crucible-otel-flush", daemon=True).start()
        in_time = over.wait(limit_s)
        self._waiting.discard(over)
        if not in_time:
            self._note(f"no answer in {limit_s:g} s", unreachable=True)
        if self._reason is not None:
            self._warn(f"the telemetry of {subject} did not reach {self.place}: {self._reason}")

    def _flushed(self, flush: Callable[[], object], over: Event) -> None:
        with self.quiet():
            try:
                flush()
            except Exception as error:  # noqa: BLE001 - as above
                self._note(f"{type(error).__name__}: {error}", unreachable=True)
        over.set()

    def _note(self, said: str, *, unreachable: bool) -> None:
        self._reason = _in_short(said)
        self._unreachable = unreachable
        for waiting in list(self._waiting) if unreachable else ():
            waiting.set()

    def _warn(self, message: str) -> None:
        with self._lock:
            if self._warned:
                return
            self._warned = True
        logger.warning("crucible-otel: %s; the run and its record are not affected", message)


def _kept_quiet(record: logging.LogRecord) -> bool:
    """Let through what is logged by others; a filter of loggers."""
    delivery: Delivery | None = getattr(_quiet, "delivery", None)
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
