"""The installed distribution of a stage as its metadata files describe it; nothing of it is imported."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable
from email.parser import HeaderParser
from functools import cached_property
from typing import TYPE_CHECKING

from crucible_core.plugins.find import find_candidates
from crucible_core.plugins.metadata import parse_entry_points
from crucible_core.plugins.record import CORE
from crucible_core.testing.check import NotApplicableError

if TYPE_CHECKING:
    from email.message import Message

    from crucible_core.plugins.find import Candidate
    from crucible_core.plugins.metadata import EntryPoint
    from crucible_core.testing.target import Target


class Installed:
    """One installed distribution; its files are read when they are asked for.

    Args:
        candidate: Where it is.
    """

    def __init__(self, candidate: Candidate) -> None:
        self._candidate = candidate

    @property
    def name(self) -> str:
        """Its normalised name."""
        return self._candidate.name

    @property
    def builtin(self) -> bool:
        """Whether it is the core's own."""
        return self.name == CORE

    @cached_property
    def headers(self) -> Message:
        """What METADATA says; its payload is the long description.

        Raises:
            OSError: It cannot be read.
            UnicodeDecodeError: It is not UTF-8 text.
        """
        return HeaderParser().parsestr(self._candidate.read("METADATA", "PKG-INFO"))

    def header(self, name: str) -> tuple[str, ...]:
        """Return the values of a header, none of them empty."""
        values = (str(value).strip() for value in self.headers.get_all(name) or ())
        return tuple(value for value in values if value and value != "UNKNOWN")

    @cached_property
    def requirements(self) -> tuple[str, ...]:
        """What it requires, as it writes it."""
        return self.header("Requires-Dist") or (
            self._candidate.requirements_txt() if self._candidate.location.endswith(".egg-info") else ()
        )

    @cached_property
    def entry_points(self) -> tuple[EntryPoint, ...]:
        """All its entry points."""
        return parse_entry_points(self._candidate.entry_points)

    @cached_property
    def files(self) -> tuple[str, ...]:
        """The files that were installed, relative to where packages are; none where nobody wrote them down."""
        rows = csv.reader(self._candidate.read("RECORD").splitlines())
        return tuple(row[0].replace("\\", "/") for row in rows if row)

    @cached_property
    def in_place(self) -> str:
        """Why its files are not those of a wheel; empty where they are."""
        if not self.files:
            return "nothing wrote down which files were installed"
        if self._editable or any("/" not in file and file.endswith(".pth") for file in self.files):
            return "it is installed in editable mode, so that its files are those of the source directory"
        return ""

    @property
    def _editable(self) -> bool:
        try:
            origin = json.loads(self._candidate.read("direct_url.json") or "{}")
            return bool(origin.get("dir_info", {}).get("editable", False))
        except (OSError, ValueError, AttributeError):
            return False


def installed(target: Target, path: Iterable[str] | None = None) -> Installed:
    """Return the distribution that a stage belongs to; where there are two of that name, the first on the path.

    Raises:
        NotApplicableError: It belongs to none.
    """
    if target.distribution is None:
        raise NotApplicableError("a class that no distribution offers has no metadata")
    for candidate in find_candidates(sys.path if path is None else path):
        if candidate.name == target.distribution:
            return Installed(candidate)
    raise NotApplicableError(f"no metadata of {target.distribution} is on the module search path")


def installed_plugin(target: Target) -> Installed:
    """Return the distribution that a stage belongs to, if it is not the core's.

    Raises:
        NotApplicableError: It belongs to the core, or to none.
    """
    found = installed(target)
    if found.builtin:
        raise NotApplicableError("the core's own stages come with the core")
    return found
