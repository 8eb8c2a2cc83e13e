"""Write rows into an index, the same way whatever the database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from crucible_core.contract.json_values import as_record
from crucible_core.runs.index import statements as sql
from crucible_core.runs.index.errors import RunIndexError
from crucible_core.runs.index.fitting import fitted
from crucible_core.runs.index.home import Home
from crucible_core.runs.index.rows import RunRecord, RunRows, definition_row, metric_rows, rows_of
from crucible_core.runs.index.schema import ARTIFACTS, DEFINITIONS, LOOKS, METRICS, PARTS, RUNS
from crucible_core.trace.timestamps import utc_now

if TYPE_CHECKING:
    from crucible_core.runs.index.connection import Connection

__all__ = ["Store"]


class Store:
    """An index that can be written.

    Each method is one transaction, but for `write_within`. Locks are taken in one order, runs before definitions before
    experiments and each by key, so that writers wait for each other and never in a circle.

    Args:
        connection: The database.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def doubt(self, home: Home) -> None:
        """Forget what the directories there looked like, so that each is read again; the runs stay until then."""
        unknown = "UPDATE looks SET fingerprint = 0 WHERE home = :home"
        self.connection.writing(lambda: self.connection.do(unknown, [{"home": home.id}]))

    def write(self, runs: Iterable[RunRows], looks: Iterable[Mapping[str, Any]] = ()) -> None:
        """Put runs in the place of what is known of them.

        Args:
            runs: Their rows.
            looks: Rows that say what directories looked like when they were read; one without a run holds none.
        """
        given, seen = list(runs), list(looks)
        self.connection.writing(lambda: self.write_within(given, seen))

    def write_within(self, runs: Iterable[RunRows], looks: Sequence[Mapping[str, Any]]) -> None:
        """Do what `write` does, as a part of a transaction that goes on."""
        self._write(sorted({run.key: run for run in runs}.values(), key=lambda run: run.key), looks)

    def forget(self, home: Home, places: Sequence[str]) -> None:
        """Take away the runs that were at these places."""
        gone = [{"home": home.id, "place": place} for place in sorted(places)]

        def work() -> None:
            touched = self._at(gone)
            self.connection.do(f"DELETE FROM runs WHERE {sql.AT}", gone)
            self.connection.do(f"DELETE FROM looks WHERE {sql.AT}", gone)
            self._settle(touched)

        self.connection.writing(work)

    def upsert_experiment(
        self, experiment_id: str, *, definition: Mapping[str, Any] | None = None, description: str | None = None
    ) -> None:
        """Put an experiment into the index, or replace what is said of it; its next run's record has the last word."""
        row = definition_row(definition)

        def work() -> None:
            self.connection.insert(DEFINITIONS, [row] if row else [], replace=True)
            about = {"id": experiment_id, "description": description, "definition": row and row["sha256"]}
            self.connection.do(sql.DESCRIBE_EXPERIMENT, [about])

        self.connection.writing(work)

    def start_run(
        self,
        manifest: Mapping[str, Any],
        *,
        home: Home = Home(),  # noqa: B008 - a constant
        definition: Mapping[str, Any] | None = None,
        tags: Iterable[str] = (),
    ) -> str:
        """Put a run into the index and return its key.

        Args:
            manifest: What is known of it, with at least ``experiment_id`` and ``run_id``; it began now and is running
                where nothing else is said.
            home: Where its directory lies.
            definition: The experiment as it is run.
            tags: Its tags.
        """
        now = utc_now()
        about = as_record({"status": "running", "created_at": now, **manifest})
        place = f"{manifest['experiment_id']}/{manifest['run_id']}"
        rows = rows_of(RunRecord(place, about, tags, definition), home)
        self.write([rows])
        return rows.key

    def record_artifact(self, run: str, artifact: Mapping[str, Any]) -> None:
        """Add a file that a run wrote.

        Args:
            run: The run's key.
            artifact: Its ``name``, and as far as known ``stage``, ``path``, ``bytes`` and ``sha256``.

        Raises:
            RunIndexError: There is no such run.
        """

        def work() -> None:
            self._lock(run)
            position = self.connection.rows(sql.NEXT_ARTIFACT, {"run": run})[0][0]
            row = fitted(ARTIFACTS, {**as_record(artifact), "run": run, "position": position})
            self.connection.insert(ARTIFACTS, [row])

        self.connection.writing(work)

    def finish_run(
        self,
        run: str,
        status: str,
        *,
        metrics: Mapping[str, Any] | None = None,
        outputs: int | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        """Say how a run ended.

        Args:
            run: The run's key.
            status: How.
            metrics: Its metrics, in the place of those it had; None to leave them.
            outputs: How many rows of outputs it made.
            metadata: Values of other columns of the table ``runs``, such as ``failure_code``; it finished now where
                ``finished_at`` is not among them.

        Raises:
            RunIndexError: There is no such run, or no such column.
        """
        now = utc_now()
        changes = {"finished_at": now, **as_record(metadata or {}), "status": status}
        if outputs is not None:
            changes["outputs"] = outputs
        rows, changes["metrics_left_out"] = metric_rows(run, as_record(metrics or {}))
        if metrics is None:
            del changes["metrics_left_out"]
        for name in changes:
            if name not in RUNS.names or name == "key":
                raise RunIndexError(f"runs in an index have no {name!r} to set; they have {', '.join(RUNS.names[1:])}")
        row = {name: fitted(RUNS, changes)[name] for name in changes}
        assignments = ", ".join(f"{name} = :{name}" for name in row)

        def work() -> None:
            touched = self._lock(run)
            self.connection.do(f"UPDATE runs SET {assignments} WHERE key = :key", [{**row, "key": run}])
            if metrics is not None:
                self.connection.do("DELETE FROM metrics WHERE run = :run", [{"run": run}])
                self.connection.insert(METRICS, rows)
            self._settle([touched])

        self.connection.writing(work)

    def _lock(self, run: str) -> tuple[str, str | None]:
        """Keep other writers from a run until this transaction ends, and return its experiment and definition."""
        self.connection.do(sql.LOCK_RUN, [{"key": run}])
        found = self.connection.rows("SELECT experiment, definition FROM runs WHERE key = :key", {"key": run})
        if not found:
            raise RunIndexError(f"there is no run {run!r} in {self.connection.name}")
        return found[0][0], found[0][1]

    def _write(self, runs: Sequence[RunRows], looks: Sequence[Mapping[str, Any]]) -> None:
        do = self.connection.do
        rows = [run.run for run in runs]
        vacant = [look for look in looks if look["run"] is None]
        touched = [*self._at([*rows, *vacant]), *((row["experiment"], row["definition"]) for row in rows)]
        do(f"DELETE FROM runs WHERE {sql.AT}", vacant)
        do(f"DELETE FROM runs WHERE {sql.AT} AND key <> :key", rows)
        self.connection.insert(RUNS, rows, replace=True)
        for table in PARTS:
            do(f"DELETE FROM {table.name} WHERE run = :key", rows)
            self.connection.insert(table, [row for run in runs for row in run.parts[table.name]])
        do(sql.LOCK_DEFINITION, _hashes(definition for _, definition in touched))
        definitions = {run.definition["sha256"]: run.definition for run in runs if run.definition is not None}
        self.connection.insert(DEFINITIONS, [definitions[sha256] for sha256 in sorted(definitions)], replace=True)
        self.connection.insert(LOOKS, looks, replace=True)
        self._settle(touched)

    def _at(self, places: Iterable[Mapping[str, Any]]) -> list[tuple[str, str | None]]:
        """Return experiment and definition of what is known at some places."""
        select = f"SELECT experiment, definition FROM runs WHERE {sql.AT}"
        return [(row[0], row[1]) for place in places for row in self.connection.rows(select, place)]

    def _settle(self, touched: Sequence[tuple[str, str | None]]) -> None:
        """Make experiments what their runs say, and take away definitions that no run has any more.

        Each row is locked before it is looked at what it should be: another writer's runs are all there then.
        """
        experiments, definitions = zip(*set(touched), strict=True) if touched else ((), ())
        ids = [{"id": each} for each in sorted(set(experiments))]
        hashes = _hashes(definitions)
        self.connection.do(sql.LOCK_DEFINITION, hashes)
        for statement in (sql.LOCK_EXPERIMENT, sql.UNUSED_EXPERIMENT, sql.SUMMARISE_EXPERIMENT):
            self.connection.do(statement, ids)
        self.connection.do(sql.UNUSED_DEFINITION, hashes)


def _hashes(definitions: Iterable[str | None]) -> list[dict[str, str]]:
    return [{"sha256": each} for each in sorted(set(filter(None, definitions)))]
