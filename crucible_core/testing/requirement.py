"""What a plugin requires of crucible-core, compared with what it should say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from crucible_core.plugins.names import normalise
from crucible_core.plugins.record import CORE

if TYPE_CHECKING:
    from packaging.requirements import Requirement
    from packaging.specifiers import SpecifierSet

    from crucible_core.testing.installed import Installed

_LOWEST = "0"
_HIGHEST = "1000000000"
Problem = tuple[str, str]
"""What was expected, and what was seen."""


def requirement_problems(distribution: Installed) -> Iterator[Problem]:
    """Yield what is wrong with the requirement on the core, and with the lines that name and version it."""
    try:
        lines = distribution.requirements
    except (OSError, UnicodeDecodeError) as error:
        yield "metadata that can be read", str(error)
        return
    for header in ("Name", "Version"):
        if not distribution.header(header):
            yield f"metadata with a {header}", "there is none"
    yield from _of_lines(lines)


def _of_lines(lines: tuple[str, ...]) -> Iterator[Problem]:
    from packaging.requirements import InvalidRequirement, Requirement

    found: list[Requirement] = []
    for line in lines:
        try:
            requirement = Requirement(line)
        except InvalidRequirement as error:
            if normalise(line).startswith(CORE):
                yield "a requirement on crucible-core that can be read", str(error).splitlines()[0]
                return
            continue
        if normalise(requirement.name) == CORE:
            found.append(requirement)
    yield from _of_requirements(found)


def _of_requirements(found: list[Requirement]) -> Iterator[Problem]:
    from packaging.specifiers import SpecifierSet

    holding = [each for each in found if each.marker is None or each.marker.evaluate({"extra": ""})]
    if not holding:
        seen = "; ".join(map(str, found)) or "none"
        yield f"a requirement on {CORE} that holds here", seen
        return
    together = SpecifierSet(",".join(str(each.specifier) for each in holding if each.specifier))
    yield from _of_bounds(together, " and ".join(map(str, holding)))


def _of_bounds(specifier: SpecifierSet, shown: str) -> Iterator[Problem]:
    from crucible_core import __version__

    for bound, beyond in (("a lower", _LOWEST), ("an upper", _HIGHEST)):
        if specifier.contains(beyond, prereleases=True):
            yield f"{bound} bound on {CORE}", shown
    if not specifier.contains(__version__, prereleases=True):
        yield f"a requirement that admits {CORE} {__version__}", shown
