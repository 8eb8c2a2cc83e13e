"""Which run directories there are, and which of them look otherwise than when they were read."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from stat import S_ISDIR
from typing import NamedTuple

from crucible_core.runs.index.errors import RunIndexError
from crucible_core.runs.index.fitting import storable

_Looks = tuple[int, ...]
"""Size, inode and time of the last change of the journal, that time of the directory, and of its tags what there is."""

UNSETTLED = 0
"""The fingerprint of a directory that is to be read again in any case."""

_SETTLED_S = 2.0
"""A file system may give two changes within this time the same time stamp."""


class Changed(NamedTuple):
    """A directory to be read: ``experiment/run``, its path, and what it looks like."""

    place: str
    path: Path
    fingerprint: int


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


def scan(output_dir: Path, known: Mapping[str, int]) -> Scan:
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

    def __init__(self, output_dir: Path, known: Mapping[str, int]) -> None:
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
        known, stat, prefix, add = self._known.get, os.stat, f"{experiment}/", self._places.add
        descriptor = os.open(self._output_dir / experiment, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            for name in os.listdir(descriptor):  # noqa: PTH208 - of ten thousand runs: this loop is what a look costs
                try:
                    journal = stat(name + "/telemetry.jsonl", dir_fd=descriptor)
                    directory = stat(name, dir_fd=descriptor)
                except OSError:
                    looks = _without_journal(name, descriptor)
                else:
                    looks = (journal.st_size, journal.st_ino, journal.st_ctime_ns, directory.st_ctime_ns)
                place = prefix + name
                if known(place) == hash(looks):
                    add(place)
                elif looks is not None and name[0] != ".":
                    self._take(place, name, looks, descriptor)
        finally:
            os.close(descriptor)

    def _take(self, place: str, name: str, looks: _Looks, descriptor: int) -> None:
        """Take note of a directory that looks otherwise than what is known of it, unless that is due to its tags.

        ``tags.json`` may be written in place, so that the directory looks as before: it is looked at by itself.
        """
        path, place = self._output_dir / place, storable(place)
        self._places.add(place)
        try:
            tags = os.stat(f"{name}/tags.json", dir_fd=descriptor)
            looks = (*looks, tags.st_size, tags.st_ino, tags.st_ctime_ns)
        except OSError:
            pass
        if self._known.get(place) != hash(looks):
            self._changed.append(Changed(place, path, _fingerprint(looks)))

    def cannot(self, experiment: str, error: OSError) -> None:
        """Take note that an experiment's directory cannot be read; what is known of its runs stands."""
        self._notes.append(f"{self._output_dir / experiment} cannot be read: {error.strerror or error}")
        self._places |= {place for place in self._known if place.startswith(f"{storable(experiment)}/")}

    def scan(self) -> Scan:
        """Return all of it."""
        return Scan(self._changed, sorted(self._known.keys() - self._places), self._notes)


def _without_journal(name: str, descriptor: int) -> _Looks | None:
    """Return what a directory without a journal that can be read looks like; None where there is no directory."""
    try:
        directory = os.stat(name, dir_fd=descriptor)
    except OSError:
        return None
    return (-1, directory.st_ino, 0, directory.st_ctime_ns) if S_ISDIR(directory.st_mode) else None


def _fingerprint(looks: _Looks) -> int:
    """Return a number that stands for what a directory looks like.

    It is one that matches nothing where the next change might leave the same time stamp.
    """
    newest = max(looks[2], looks[3], *looks[6:]) / 1e9
    return UNSETTLED if abs(time.time() - newest) < _SETTLED_S else hash(looks)
