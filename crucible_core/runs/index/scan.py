"""Which run directories there are, and which of them look otherwise than when they were read."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from crucible_core.runs.index.errors import RunIndexError
from crucible_core.runs.index.fitting import storable

_SETTLED_S = 2.0
"""A file system may give two changes within this time the same time stamp."""


class Changed(NamedTuple):
    """A directory to be read: ``experiment/run``, its path, and what it looks like."""

    place: str
    path: Path
    fingerprint: str


class Scan(NamedTuple):
    """What a look at an output directory found.

    Attributes:
        changed: Directories to be read.
        gone: Places that were known, and where nothing is any more.
        notes: What could not be looked at, and why.
    """

    changed: list[Changed]
    gone: list[str]
    notes: list[str]


def scan(output_dir: Path, known: Mapping[str, str]) -> Scan:
    """Compare the directories of runs with what they looked like when they were read.

    A directory costs two system calls: one for its journal, which grows, and one for itself, which looks otherwise
    after anything in it was added, removed or replaced. Size, inode and the time of the last change (``ctime``, which
    no program can set) say whether either is as it was. That a clock was set back does not matter: nothing is asked
    about before and after. Names that begin with a dot are left out.

    Args:
        output_dir: Where runs lie.
        known: Place to fingerprint.

    Raises:
        RunIndexError: The output directory cannot be read.
    """
    found = _Found(output_dir, known)
    try:
        with os.scandir(output_dir) as entries:
            experiments = sorted(entry.name for entry in entries if entry.name[0] != "." and entry.is_dir())
    except OSError as error:
        raise RunIndexError(f"cannot read {output_dir}: {error.strerror or error}") from error
    for experiment in experiments:
        try:
            found.look_into(experiment)
        except OSError as error:
            found.cannot(experiment, error)
    return found.scan()


class _Found:
    """What was found so far."""

    def __init__(self, output_dir: Path, known: Mapping[str, str]) -> None:
        self._output_dir = output_dir
        self._known = known
        self._changed: list[Changed] = []
        self._notes: list[str] = []
        self._places: set[str] = set()

    def look_into(self, experiment: str) -> None:
        """Look at every run of an experiment.

        Raises:
            OSError: Its directory cannot be read.
        """
        descriptor = os.open(self._output_dir / experiment, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            for name in os.listdir(descriptor):  # noqa: PTH208 - a Path for each of 10,000 runs costs a third of the look
                if name[0] != ".":
                    looks = _looks(name, descriptor)
                    if looks is not None:
                        self._take(experiment, name, looks, descriptor)
        finally:
            os.close(descriptor)

    def _take(self, experiment: str, name: str, looks: str, descriptor: int) -> None:
        place = f"{experiment}/{name}"
        if not place.isascii():
            place = storable(place)
        self._places.add(place)
        was = self._known.get(place)
        if was == looks:
            return
        tags = _tags(name, descriptor)
        if was != looks + tags or not tags:
            fingerprint = _marked(looks + tags)
            self._changed.append(Changed(place, self._output_dir / experiment / name, fingerprint))

    def cannot(self, experiment: str, error: OSError) -> None:
        """Take note that an experiment's directory cannot be read; what is known of its runs stands."""
        self._notes.append(f"{self._output_dir / experiment} cannot be read: {error.strerror or error}")
        self._places |= {place for place in self._known if place.startswith(f"{storable(experiment)}/")}

    def scan(self) -> Scan:
        """Return all of it."""
        return Scan(self._changed, sorted(self._known.keys() - self._places), self._notes)


def _looks(name: str, descriptor: int) -> str | None:
    """Return what a run's directory looks like; None where there is no directory of this name."""
    try:
        directory = os.stat(name, dir_fd=descriptor)
        journal = os.stat(f"{name}/telemetry.jsonl", dir_fd=descriptor)
    except NotADirectoryError:
        return None
    except OSError:  # no journal, or a directory that may not be looked into; or it was removed just now
        try:
            directory = os.stat(name, dir_fd=descriptor)
        except OSError:
            return None
        return f"-:{directory.st_ino}:0:{directory.st_ctime_ns}:"
    return f"{journal.st_size}:{journal.st_ino}:{journal.st_ctime_ns}:{directory.st_ctime_ns}:"


def _tags(name: str, descriptor: int) -> str:
    """Return what ``tags.json`` looks like, which can be written to in place; empty where there is none.

    It is looked at only where there was one before: where it is new, the directory looks otherwise.
    """
    try:
        tags = os.stat(f"{name}/tags.json", dir_fd=descriptor)
    except OSError:
        return ""
    return f"{tags.st_size}:{tags.st_ino}:{tags.st_ctime_ns}"


def _marked(fingerprint: str) -> str:
    """Return a fingerprint that matches nothing where the next change might leave the same time stamp."""
    parts = fingerprint.split(":")
    newest = max(int(time_ns) for time_ns in parts[2:4] + parts[6:]) / 1e9
    return f"{fingerprint}?" if abs(time.time() - newest) < _SETTLED_S else fingerprint
