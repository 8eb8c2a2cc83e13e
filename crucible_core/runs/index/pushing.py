"""Bring runs into a shared index, one after the other, each while it goes on and once more when it has ended."""

from __future__ import annotations

import contextlib
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crucible_core.ir.errors import CrucibleError
from crucible_core.runs.index.catch_up import CaughtUp, catch_up
from crucible_core.runs.index.errors import IndexUnreachableError
from crucible_core.runs.index.journal_tail import JournalTail
from crucible_core.runs.index.postgres import PostgresConnection
from crucible_core.runs.index.rows import RunRecord, rows_of
from crucible_core.runs.index.scan import UNSETTLED
from crucible_core.runs.index.shared import shared_home
from crucible_core.runs.index.store import Store
from crucible_core.runs.manifest import ManifestFold
from crucible_core.runs.tags import TagsError, spec_tags, tags_of

if TYPE_CHECKING:
    from crucible_core.runs.index.home import Home

_SELDOM_S = 1.0
"""Seconds between two pushes, at least: a run of short stages is not pushed after each of them."""

_SHARE = 10
"""A push is followed by a pause of so many times as long, so that a large run does not keep the server busy."""

_LONGEST_PAUSE_S = 30.0
_LONGEST_RETRY_S = 60.0


class Pushing:
    """What is pushed to one shared index.

    Args:
        url: Where it is.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: PostgresConnection | None = None

    def begin(self, run_dir: Path) -> None:
        """Turn to another run, which may go on already."""
        self._run_dir = run_dir
        self._home: Home = shared_home(run_dir.parent.parent)
        self._tail = JournalTail(run_dir / "telemetry.jsonl")
        self._fold: ManifestFold | None = None
        self._definition: dict[str, Any] | None = None
        self._dirty, self._due, self._retry_s = False, 0.0, _SELDOM_S
        self._notes: list[str] = []

    def look(self) -> None:
        """Take note of what the run did, and push it where it is time to.

        Raises:
            Exception: The journal holds what no run writes.
        """
        if self._notes:
            return
        for event in self._tail.new_events():
            payload = event["payload"]
            if self._fold is None:
                self._fold = ManifestFold(json.loads(json.dumps(payload["manifest"])))
            self._fold.add(event["timestamp"], event["event_name"], event["stage"], payload)
            self._dirty = True
        if self._dirty and time.monotonic() >= self._due:
            self._push()

    def give_up(self, why: str) -> None:
        """Push the run when it has ended only."""
        self._notes.append(why)

    def _push(self) -> None:
        try:
            store = Store(self._connected())
            began = time.monotonic()
            rows = rows_of(self._record(), self._home)
            look = {"home": self._home.id, "place": rows.run["place"], "fingerprint": UNSETTLED, "run": rows.key}
            store.write([rows], [look])  # to be read again in any case: another process may know more already
        except IndexUnreachableError:
            self._disconnect()
            self._due = time.monotonic() + self._retry_s
            self._retry_s = min(2 * self._retry_s, _LONGEST_RETRY_S)
        else:
            self._dirty, self._retry_s = False, _SELDOM_S
            now = time.monotonic()
            self._due = now + min(max(_SELDOM_S, _SHARE * (now - began)), _LONGEST_PAUSE_S)

    def finish(self, until: float) -> list[str]:
        """Push every run of the output directory that the index has otherwise than it is, this one first.

        Args:
            until: When, by the monotonic clock, to leave what is not pushed to the next run.

        Returns:
            What a person should know.
        """
        try:
            try:
                caught = self._catch_up(until)
            except IndexUnreachableError:  # the connection may be one that was lost long ago
                self._disconnect()
                caught = self._catch_up(until)
        except CrucibleError as error:
            return [f"{error}; the run is recorded in {self._run_dir}, and {_LATER}"]
        left = [f"{caught.left} older runs are not in the shared index yet; {_LATER}"] if caught.left else []
        return [*self._notes, *left]

    def close(self) -> None:
        """Close the connection."""
        self._disconnect()

    @property
    def _place(self) -> str:
        return f"{self._run_dir.parent.name}/{self._run_dir.name}"

    def _catch_up(self, until: float) -> CaughtUp:
        def stop() -> bool:
            return time.monotonic() > until

        return catch_up(self._connected(), self._run_dir.parent.parent, self._home, first=self._place, stop=stop)

    def _record(self) -> RunRecord:
        """Return what is known of the run."""
        assert self._fold is not None
        manifest = self._fold.manifest
        if self._definition is None:
            self._definition = json.loads((self._run_dir / "spec.json").read_bytes())
        try:
            tags = tags_of(self._run_dir, manifest)
        except TagsError:
            tags = spec_tags(manifest)
        return RunRecord(self._place, manifest, tags, self._definition)

    def _connected(self) -> PostgresConnection:
        if self._connection is None:
            self._connection = PostgresConnection(self._url)
        return self._connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(Exception):  # it is lost anyway
                self._connection.close()
            self._connection = None


_LATER = "`crucible runs reindex --index URL`, or the next run, brings it into the index"
