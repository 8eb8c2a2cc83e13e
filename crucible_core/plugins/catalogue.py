"""What can be installed besides: the plugins of this repository, by the stages they offer."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from crucible_core.plugins.names import normalise

__all__ = ["CatalogueEntry", "catalogue", "install_hint", "offered_stages", "source_of"]


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """One distribution of the repository.

    Attributes:
        distribution: Its name.
        source: Where it is in a checkout of the repository.
        summary: What it is for.
        stages: The stages it offers, sorted.
    """

    distribution: str
    source: str
    summary: str
    stages: tuple[str, ...]

    @property
    def command(self) -> str:
        """How to install it. Never a bare name: the names on the public index are not ours."""
        return f"pip install ./{self.source}   # from a checkout of Crucible"


@functools.cache
def catalogue() -> tuple[CatalogueEntry, ...]:
    """Return the distributions that the catalogue knows, sorted by name."""
    import json
    from pathlib import Path

    document = json.loads(Path(__file__).with_name("catalogue.json").read_text(encoding="utf-8"))
    return tuple(
        CatalogueEntry(one["distribution"], one["source"], one["summary"], tuple(one["stages"]))
        for one in document["distributions"]
    )


def find_entry(name: str) -> CatalogueEntry | None:
    """Return the distribution of this name, or that offers a stage of this name; None when there is none."""
    wanted = normalise(name)
    by_name = (entry for entry in catalogue() if normalise(entry.distribution) == wanted)
    by_stage = (entry for entry in catalogue() if wanted in map(normalise, entry.stages))
    return next(by_name, None) or next(by_stage, None)


def install_hint(stage: str) -> str | None:
    """Return how to install the plugin that offers a stage, or None when the catalogue knows none."""
    entry = next((entry for entry in catalogue() if stage in entry.stages), None)
    return entry.command if entry else None


def source_of(distribution: str) -> str | None:
    """Return how to install a distribution, or None when the catalogue does not know it."""
    wanted = normalise(distribution)
    return next((entry.command for entry in catalogue() if normalise(entry.distribution) == wanted), None)


def offered_stages() -> tuple[str, ...]:
    """Return the stages of every distribution in the catalogue, sorted."""
    return tuple(sorted(stage for entry in catalogue() for stage in entry.stages))
