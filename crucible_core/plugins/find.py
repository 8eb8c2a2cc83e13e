"""Find the installed distributions that may be plugins, from file names and entry point files alone."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from crucible_core.plugins.names import normalise

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from importlib_metadata import Distribution

__all__ = ["SUFFIXES", "Candidate", "find_candidates", "name_of"]

SUFFIXES = (".dist-info", ".egg-info")
"""How the names of metadata directories end."""
_MARK = b"crucible"


class Candidate(NamedTuple):
    """A distribution whose entry points mention us, or cannot be read although it requires the core.

    Attributes:
        name: Normalised name, from the name of its metadata directory.
        location: Its metadata directory.
        entry_points: The text of its ``entry_points.txt``; empty when that cannot be read.
        problem: Why its entry points cannot be read; empty when they can.
        distribution: What importlib_metadata makes of it, when it is not a plain directory.
    """

    name: str
    location: str
    entry_points: str = ""
    problem: str = ""
    distribution: Distribution | None = None

    def read(self, *files: str) -> str:
        """Return the text of the first of these metadata files that is there; empty when none is.

        Raises:
            OSError: It is there but cannot be read.
            UnicodeDecodeError: It is not UTF-8 text.
        """
        for file in files:
            if self.distribution is not None:
                text = self.distribution.read_text(file)
                if text:
                    return text
                continue
            try:
                with open(f"{self.location}/{file}", "rb") as stream:  # noqa: PTH123 - as below
                    return stream.read().decode()
            except FileNotFoundError:
                continue
        return ""

    def requirements_txt(self) -> tuple[str, ...]:
        """Return the requirements of an ``.egg-info``, which older tools keep in a file and a form of its own."""
        from importlib_metadata import Distribution

        return tuple((self.distribution or Distribution.at(self.location)).requires or ())


def find_candidates(path: Iterable[str]) -> Iterator[Candidate]:
    """Yield the possible plugins on a module search path.

    A distribution that occurs twice (editable and ``.egg-info``, or in two directories) counts once:
    the first on the path wins, as it does for imports, and ``.dist-info`` before ``.egg-info``.
    """
    seen: set[str] = set()
    for entry in dict.fromkeys(path):
        for name, location, distribution in _installed_in(entry):
            if name in seen:
                continue
            seen.add(name)
            candidate = _candidate(name, location, distribution)
            if candidate is not None:
                yield candidate


def _installed_in(entry: str) -> Iterator[tuple[str, str, Distribution | None]]:
    """Yield name, location and reader (None for a plain directory) of what is installed in a path entry."""
    try:
        children = os.listdir(entry or ".")  # noqa: PTH208 - ten times cheaper, and it runs at every start
    except NotADirectoryError:  # a zip file or an egg: rare, so the library's slower way is good enough
        yield from _installed_in_archive(entry)
        return
    except OSError:
        return
    found = [child for child in children if child.endswith(SUFFIXES) and not child.startswith("~")]  # ~: pip's rubbish
    for child in sorted(found, key=lambda child: (child.endswith(".egg-info"), child)):
        yield name_of(child), f"{entry or '.'}/{child}", None


def _installed_in_archive(entry: str) -> Iterator[tuple[str, str, Distribution | None]]:
    from importlib_metadata import Distribution

    try:
        for distribution in Distribution.discover(path=[entry]):
            yield normalise(distribution.name), entry, distribution
    except Exception:  # noqa: BLE001 - an unreadable archive on the path is not a plugin, whatever it raises
        return


def name_of(directory: str) -> str:
    """Return the normalised name of the distribution whose metadata directory is called that."""
    return normalise(directory.rpartition(".")[0].partition("-")[0])


def _candidate(name: str, location: str, distribution: Distribution | None) -> Candidate | None:
    text, problem = "", ""
    try:
        raw = _entry_points(location, distribution)
        mentioned = _MARK in raw
        text = raw.decode()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except UnicodeDecodeError as error:
        problem = f"entry_points.txt is not UTF-8 text (byte {error.start})"
    except (OSError, UnicodeError) as error:
        mentioned, problem = False, f"entry_points.txt cannot be read: {error}"
    if mentioned or (problem and _requires_core(location)):
        return Candidate(name, location, text, problem, distribution)
    return None


def _entry_points(location: str, distribution: Distribution | None) -> bytes:
    if distribution is not None:
        return (distribution.read_text("entry_points.txt") or "").encode()
    with open(f"{location}/entry_points.txt", "rb") as stream:  # noqa: PTH123 - as above
        return stream.read()


def _requires_core(location: str) -> bool:
    """Say whether a distribution with unreadable entry points means to be a plugin."""
    try:
        metadata = Path(location, "METADATA").read_bytes().lower().replace(b"_", b"-")
    except OSError:
        return False
    return b"requires-dist: crucible-core" in metadata
