"""Distributions to install a plugin beside: broken ones, a rival, and all but the plugin itself."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from crucible_core.plugins.find import SUFFIXES, name_of

BROKEN = "crucible-conformance-broken"
RIVAL = "crucible-conformance-rival"
_RAISING = "_crucible_conformance_raising"
_BROKEN_ENTRIES = f"""\
[crucible.stages]
conformance_missing = _crucible_conformance_missing:Stage
conformance_raising = {_RAISING}:Stage
[crucible.plugins]
conformance = {_RAISING}
"""


def broken_site(directory: Path) -> str:
    """Make a directory of installed packages with a plugin whose modules are missing or raise; return its path."""
    _install(directory, BROKEN, _BROKEN_ENTRIES)
    (directory / f"{_RAISING}.py").write_text("raise RuntimeError('a sibling that is broken')\n", encoding="utf-8")
    return str(directory)


def malformed_site(directory: Path) -> str:
    """Make a directory of installed packages with plugins whose metadata cannot be read; return its path."""
    _install(directory, f"{BROKEN}-a", "[crucible.stages\nno line of the form that there is\n")
    _install(directory, f"{BROKEN}-b", b"[crucible.stages]\nconformance_bytes = \xff\xfe\n")
    _install(directory, f"{BROKEN}-c", _BROKEN_ENTRIES, metadata=b"\xff\xfe")
    return str(directory)


def rival_site(directory: Path, stage: str) -> str:
    """Make a directory of installed packages with another plugin that offers a stage of this name; return its path."""
    _install(directory, RIVAL, f"[crucible.stages]\n{stage} = _crucible_conformance_missing:Stage\n")
    return str(directory)


def _install(directory: Path, name: str, entries: str | bytes, *, metadata: bytes = b"") -> None:
    from crucible_core import __version__

    info = directory / f"{name.replace('-', '_')}-1.0.dist-info"
    info.mkdir(parents=True)
    headers = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\nRequires-Dist: crucible-core=={__version__}\n"
    (info / "METADATA").write_bytes(metadata or headers.encode())
    (info / "entry_points.txt").write_bytes(entries if isinstance(entries, bytes) else entries.encode())


def path_without(distribution: str, path: Iterable[str], place: Path) -> Iterator[str]:
    """Yield a module search path on which discovery finds all that is installed but this distribution.

    Args:
        distribution: Its normalised name.
        path: The path; it does not change.
        place: An empty directory, for directories of links to what else is installed beside it.
    """
    for number, entry in enumerate(path):
        names = _metadata_directories(entry)
        if not any(name_of(each) == distribution for each in names):
            yield entry
            continue
        links = place / str(number)
        links.mkdir(parents=True)
        for each in names:
            if name_of(each) != distribution:
                (links / each).symlink_to(os.path.abspath(os.path.join(entry, each)))  # noqa: PTH100, PTH118 - texts
        yield str(links)


def _metadata_directories(entry: str) -> list[str]:
    try:
        return [each for each in os.listdir(entry or ".") if each.endswith(SUFFIXES)]  # noqa: PTH208 - as discovery
    except OSError:
        return []  # an archive, or nothing
