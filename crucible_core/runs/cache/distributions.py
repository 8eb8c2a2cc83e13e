"""Installed distributions: whose a file is, and which versions stand behind what a stage imports."""

from __future__ import annotations

import hashlib
import os
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from crucible_core.plugins.metadata import Headers, parse_headers

__all__ = ["CORE", "Distribution", "Distributions", "normalised"]

CORE = "crucible-core"

_SEPARATORS = re.compile(r"[-_.]+")
_REQUIRED = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)")
_EXTRA = re.compile(r"""extra\s*==\s*["']([^"']+)["']""")
_DEVELOPMENT = re.compile(
    "benchmark|build|check|ci|cover|dev|doc|enabler|format|lint|mypy|nightly|pre-commit|release|test|typ"
)
"""How the extras begin that serve those who work on a distribution; what they install is not used by who uses it."""
_LISTED = re.compile(rb"^(?!\.\./)([^,\r\n]+|\"[^\"\r\n]+\"),(sha256=[^,\r\n]+)", re.MULTILINE)
_INSTALLED = ("site-packages", "dist-packages")
_SHOWN = 12


def normalised(name: str) -> str:
    """Return the name of a distribution as PEP 503 compares it."""
    return _SEPARATORS.sub("-", name).lower()


@dataclass(frozen=True)
class Distribution:
    """One installed distribution.

    Args:
        name: Its normalised name.
        metadata: Its ``.dist-info`` or ``.egg-info``.
    """

    name: str
    metadata: Path

    @cached_property
    def headers(self) -> Headers:
        """What its metadata say of its version and of what it requires."""
        for file in ("METADATA", "PKG-INFO", ""):
            try:
                return parse_headers((self.metadata / file).read_text(encoding="utf-8", errors="replace"))
            except OSError:
                continue
        return Headers(self.name, "", ())

    @cached_property
    def record(self) -> bytes:
        """The list of its files, each with its hash; empty where there is none."""
        try:
            return (self.metadata / "RECORD").read_bytes()
        except OSError:
            return b""

    @cached_property
    def version(self) -> str:
        """Its version, and a digest of the hashes of its files: one that is built anew need not get a new version.

        What is made on installation, scripts among it, does not count: it holds the path of the environment.
        """
        digest = hashlib.sha256()
        own = self.metadata.name.encode() + b"/"
        for path, sha in _LISTED.findall(self.record):
            if not path.startswith(own):
                digest.update(path + b"," + sha + b"\n")
        return f"{self.headers.version} {digest.hexdigest()[:_SHOWN]}"

    @cached_property
    def requires(self) -> frozenset[str]:
        """Return the names of what it requires, and of what its extras do that are not for its own developers.

        Whether a requirement holds on this platform is not asked: one that does not is not installed.
        """
        found = set()
        for line in self.headers.requires:
            extras = _EXTRA.findall(line)
            if not extras or not all(_DEVELOPMENT.match(each.lower()) for each in extras):
                match = _REQUIRED.match(line)
                found.add(normalised(match[1]) if match else "")
        return frozenset(found - {""})

    def holds(self, relative: str) -> bool:
        """Tell whether a file belongs to it, by its path in the directory that the distribution is installed in."""
        if self.record:
            line = relative.encode()
            return self.record.startswith(line + b",") or b"\n" + line + b"," in self.record
        try:
            top = (self.metadata / "top_level.txt").read_text(encoding="utf-8").split()
        except OSError:
            top = [self.name.replace("-", "_")]
        return relative.partition("/")[0].partition(".")[0] in top

    @property
    def changed(self) -> int:
        """When its metadata last changed, in nanoseconds as the file system counts them."""
        for file in ("RECORD", "METADATA", "PKG-INFO"):
            try:
                return (self.metadata / file).stat().st_ctime_ns
            except OSError:
                continue
        return 0


class Distributions:
    """All distributions of an environment, read as they are needed."""

    def __init__(self) -> None:
        self._owners: dict[tuple[str, str], list[Distribution]] = {}

    @cached_property
    def _by_site(self) -> dict[str, dict[str, Distribution]]:
        """Return directory of ``sys.path`` to name to distribution."""
        return {site: dict(_listed(site)) for site in dict.fromkeys(sys.path) if site}

    @cached_property
    def by_name(self) -> dict[str, Distribution]:
        """Return normalised name to distribution; the first on ``sys.path`` counts."""
        found: dict[str, Distribution] = {}
        for site in self._by_site.values():
            found = {**site, **found}
        return found

    def owner(self, file: str) -> Distribution | None:
        """Return the distribution that a file was installed with, None where it is nobody's.

        An editable distribution owns none: its version says nothing of the files it leads to.
        """
        for site, distributions in self._by_site.items():
            if file.startswith(f"{site}/") and Path(site).name in _INSTALLED:
                relative = file[len(site) + 1 :]
                return next((each for each in self._near(site, distributions, relative) if each.holds(relative)), None)
        return None

    def _near(self, site: str, distributions: dict[str, Distribution], relative: str) -> Iterable[Distribution]:
        """Return the distributions of a directory, those first that have files of the same beginning."""
        first = relative.partition("/")[0]
        if (site, first) not in self._owners:
            start = first.encode() + (b"/" if first != relative else b",")
            guess = distributions.get(normalised(first))
            known = [guess] if guess is not None and guess.holds(relative) else []
            self._owners[site, first] = known or [
                each for each in distributions.values() if not each.record or _begins(each.record, start)
            ]
        return self._owners[site, first]

    def behind(self, names: Iterable[str]) -> dict[str, Distribution]:
        """Return these distributions and everything installed that they require, by name; sorted."""
        found: dict[str, Distribution] = {}
        left = [normalised(name) for name in names]
        while left:
            name = left.pop()
            distribution = self.by_name.get(name)
            if distribution is not None and name not in found:
                found[name] = distribution
                left += distribution.requires
        return dict(sorted(found.items()))


def _begins(record: bytes, start: bytes) -> bool:
    return record.startswith(start) or b"\n" + start in record


def _listed(site: str) -> Iterator[tuple[str, Distribution]]:
    try:
        names = os.listdir(site)  # noqa: PTH208 - a Path for each of a thousand names costs milliseconds
    except OSError:
        return
    for entry in names:
        stem, _, suffix = entry.rpartition(".")
        if suffix in ("dist-info", "egg-info"):
            name = normalised(stem.partition("-")[0])
            yield name, Distribution(name, Path(site, entry))
