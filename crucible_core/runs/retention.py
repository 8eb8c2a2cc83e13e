"""Which runs may go: by number, age and what they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from crucible_core.runs.tags import TagsError, tags_of

if TYPE_CHECKING:
    from crucible_core.runs.recorded import RecordedRun

__all__ = ["Retention"]


@dataclass(frozen=True)
class Retention:
    """Which runs may go; none, where neither a number nor an age is given.

    Args:
        keep: The newest of each experiment that stay, whatever their age.
        older_than: How long ago a run has to have begun.
        experiments: Only runs of these experiments; of all where none is named.
        statuses: Only runs of these statuses.
        tags: Only runs with all of these tags.
        now: The time that ages count from.
    """

    now: datetime
    keep: int | None = None
    older_than: timedelta | None = None
    experiments: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    @property
    def asked(self) -> bool:
        """Whether any run may go."""
        return self.keep is not None or self.older_than is not None

    def concerns(self, run: RecordedRun) -> bool:
        """Whether a run is one of those that are asked about; one that runs never is."""
        experiment = run.directory.path.parent.name
        return (
            run.status != "running"
            and (not self.experiments or experiment in self.experiments)
            and (not self.statuses or run.status in self.statuses)
            and (not self.tags or set(self.tags) <= _tags(run))
        )

    def going(self, runs: Iterable[RecordedRun]) -> Iterator[tuple[RecordedRun, str]]:
        """Yield the runs that go, with the reason; one that does not say when it began stays."""
        by_experiment: dict[str, list[tuple[datetime, RecordedRun]]] = {}
        for run in runs if self.asked else ():
            began = _began(run)
            if began is not None and self.concerns(run):
                by_experiment.setdefault(run.directory.path.parent.name, []).append((began, run))
        for found in by_experiment.values():
            found.sort(key=lambda one: (one[0], one[1].directory.path.name), reverse=True)
            for began, run in found[self.keep or 0 :]:
                if self.older_than is None or self.now - began > self.older_than:
                    yield run, self._reason(began)

    def _reason(self, began: datetime) -> str:
        parts = [f"not among the newest {self.keep}"] if self.keep is not None else []
        parts += [f"began {(self.now - began).days} days ago"] if self.older_than is not None else []
        return ", ".join(parts)


def _began(run: RecordedRun) -> datetime | None:
    try:
        began = datetime.fromisoformat(run.manifest["started_at"] or run.manifest["created_at"] or "")
    except ValueError:
        return None
    return began if began.tzinfo is not None else None


def _tags(run: RecordedRun) -> set[str]:
    """Return the tags of a run; none where they cannot be read, so that it stays."""
    try:
        return set(tags_of(run.directory.path, run.manifest))
    except TagsError:
        return set()
