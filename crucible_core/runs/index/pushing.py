"""What the thread that pushes a run does."""

from __future__ import annotations

import contextlib
import copy
import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crucible_core.ir.errors import CrucibleError
from crucible_core.runs.index.catch_up import CaughtUp, catch_up
from crucible_core.runs.index.errors import IndexUnreachableError
from crucible_core.runs.index.rows import RunRecord, rows_of
from crucible_core.runs.index.shared import shared_home
from crucible_core.runs.index.store import Store
from crucible_core.runs.manifest import ManifestFold
from crucible_core.runs.rebuild import rebuild_manifest
from crucible_core.runs.tags import TagsError, spec_tags, tags_of

if TYPE_CHECKING:
    from crucible_core.runs.index.postgres import PostgresConnection
    from crucible_core.trace.event import Event

_SELDOM_S = 1.0
"""Seconds between two pushes, at least: a run of short stages is not pushed after each of them."""

_SHARE = 20
"""A push is followed by a pause of so many times as long: the run has the processor for most of the time."""

_LONGEST_PAUSE_S = 30.0
_LONGEST_RETRY_S = 60.0


class Pushing:
    """A run on its way to a shared index.

    Args:
        url: Where the index is.
        run_dir: The run's directory.
        missed: Set where events were lost on the way here: the journal has them.
    """

    def __init__(self, url: str, run_dir: Path, missed: threading.Event) -> None:
        self._url = url
        self._run_dir = run_dir
        self._output_dir = run_dir.parent.parent
        self._home = shared_home(self._output_dir)
        self._missed = missed
        self._fold: ManifestFold | None = None
        self._definition: dict[str, Any] | None = None
        self._connection: PostgresConnection | None = None
        self._dirty = False
        self._due = 0.0
        self._retry_s = _SELDOM_S
        self._refusal: CrucibleError | None = None

    def idle_s(self) -> float | None:
        """Return how many seconds there are until the next push; None where there is nothing to push."""
        return max(0.0, self._due - time.monotonic()) if self._dirty and self._refusal is None else None

    def take(self, event: Event) -> None:
        """Take an event into account."""
        payload = event.payload
        if event.event_name == "run_start":
            payload = {**payload, "manifest": copy.deepcopy(payload["manifest"])}  # a fold changes what it is given
            self._fold = ManifestFold(copy.deepcopy(payload["manifest"]))
        if self._fold is not None:
            self._fold.add(event.timestamp, event.event_name, event.stage, payload)
        self._dirty = True
        if self.idle_s() == 0.0:
            self.push()

    def push(self) -> None:
        """Push the run as it is known to be; where the index cannot be reached, later again."""
        try:
            store = Store(self._connected())  # once; what it takes to connect says nothing of the pushes that follow
            began = time.monotonic()
            store.write([rows_of(self._record(), self._home)])
        except IndexUnreachableError:
            self._disconnect()
            self._due = time.monotonic() + self._retry_s
            self._retry_s = min(2 * self._retry_s, _LONGEST_RETRY_S)
        except CrucibleError as error:
            self._refusal = error
        else:
            self._dirty, self._retry_s = False, _SELDOM_S
            now = time.monotonic()
            self._due = now + min(max(_SELDOM_S, _SHARE * (now - began)), _LONGEST_PAUSE_S)

    def finish(self, stop: Callable[[], bool]) -> list[str]:
        """Push every run of the output directory that the index has otherwise than it is, this one first.

        Args:
            stop: Asked between two runs whether to leave the others to the next run.

        Returns:
            What a person should know.
        """
        try:
            if self._refusal is not None:
                raise self._refusal
            try:
                caught = self._catch_up(stop)
            except IndexUnreachableError:  # the connection may be one that was lost long ago
                self._disconnect()
                caught = self._catch_up(stop)
        except CrucibleError as error:
            return [f"{error}; the run is recorded in {self._run_dir}, and {_LATER}"]
        finally:
            self._disconnect()
        return [f"{caught.left} older runs are not in the shared index yet; {_LATER}"] if caught.left else []

    def _catch_up(self, stop: Callable[[], bool]) -> CaughtUp:
        place = f"{self._run_dir.parent.name}/{self._run_dir.name}"
        return catch_up(self._connected(), self._output_dir, self._home, first=place, stop=stop)

    def _record(self) -> RunRecord:
        """Return what is known of the run; from the journal where events were lost on the way here."""
        if self._fold is None or self._missed.is_set():
            self._fold = None
            manifest = rebuild_manifest(self._run_dir, skim=True)
        else:
            manifest = self._fold.manifest
        if self._definition is None:
            self._definition = json.loads((self._run_dir / "spec.json").read_bytes())
        try:
            tags = tags_of(self._run_dir, manifest)
        except TagsError:
            tags = spec_tags(manifest)
        place = f"{self._run_dir.parent.name}/{self._run_dir.name}"
        return RunRecord(place, manifest, tags, self._definition)

    def _connected(self) -> PostgresConnection:
        if self._connection is None:
            from crucible_core.runs.index.postgres import PostgresConnection

            self._connection = PostgresConnection(self._url)
        return self._connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(Exception):  # it is lost anyway
                self._connection.close()
            self._connection = None


_LATER = "`crucible runs reindex --index URL`, or the next run, brings it into the index"
