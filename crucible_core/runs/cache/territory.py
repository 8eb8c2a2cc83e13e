"""Which code is fixed by the version of a distribution, and which has to be looked at file by file."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from crucible_core.runs.cache.distributions import CORE

if TYPE_CHECKING:
    from crucible_core.runs.cache.distributions import Distribution, Distributions
    from crucible_core.runs.cache.module_finder import FoundModule, ModuleFinder

__all__ = ["CORE_PACKAGE", "Home", "Place", "Territory", "outermost", "prefixes"]

CORE_PACKAGE = "crucible_core"


class Place(Enum):
    """What says which code a module holds."""

    STANDARD = "the version of Python"
    VERSION = "the version of its distribution"
    SOURCE = "its own source, and that of what it uses"
    CORE_SOURCE = "all files of crucible_core"
    MISSING = "nothing: there is no such module"


class Home(NamedTuple):
    """Where a module belongs.

    Attributes:
        place: What says which code it holds.
        module: The module; None where it is missing.
        distribution: The distribution that it was installed with, if any.
    """

    place: Place
    module: FoundModule | None = None
    distribution: Distribution | None = None


class Territory:
    """Tell where modules belong.

    A distribution that was installed and is not editable holds what its version says. The rest is looked at: the
    stage's own package and distribution even where they were installed, what no distribution installed, editable ones,
    and whatever builds on Crucible.

    Args:
        finder: Finds modules.
        distributions: What is installed.
        own: The stage's own package, or its module where it lies in none.
        own_distribution: Name of the distribution that offers the stage.
    """

    def __init__(
        self, finder: ModuleFinder, distributions: Distributions, own: str = "", own_distribution: str | None = None
    ) -> None:
        self._finder = finder
        self._distributions = distributions
        self._own = own
        self._own_distribution = own_distribution
        self._roots: dict[str, Home] = {}

    def home(self, name: str) -> Home:
        """Return where a module belongs, as its outermost package says that is no namespace."""
        for root in prefixes(name):
            home = self._root(root)
            if home.place is Place.MISSING or home.module is None:
                return home
            if home.module.origin is not None or home.place is not Place.SOURCE:
                return home if root == name else home._replace(module=self._finder.find(name))
        return home

    def _root(self, name: str) -> Home:
        if name not in self._roots:
            self._roots[name] = self._look(name)
        return self._roots[name]

    def _look(self, name: str) -> Home:
        module = self._finder.find(name)
        if module is None:
            return Home(Place.MISSING)
        if module.standard:
            return Home(Place.STANDARD, module)
        owner = self._distributions.owner(module.origin) if module.origin else None
        if name == CORE_PACKAGE:
            return Home(Place.CORE_SOURCE if owner is None else Place.VERSION, module, owner)
        fixed = owner is not None and not self._is_own(name, owner) and not self._builds_on_core(owner)
        return Home(Place.VERSION if fixed else Place.SOURCE, module, owner)

    def _is_own(self, name: str, owner: Distribution) -> bool:
        return name == self._own or name.startswith(f"{self._own}.") or owner.name == self._own_distribution

    def _builds_on_core(self, owner: Distribution) -> bool:
        return CORE in self._distributions.behind([owner.name])


def outermost(finder: ModuleFinder, name: str) -> FoundModule | None:
    """Return the package of a module whose files count together: the outermost, a namespace where there is no other."""
    found = [module for each in prefixes(name) if (module := finder.find(each)) is not None]
    packages = [module for module in found if module.locations]
    regular = [module for module in packages if module.origin is not None]
    return next(iter(regular or packages), None)


def prefixes(name: str) -> Iterator[str]:
    """Yield a module's packages, outermost first, and the module itself.

    >>> list(prefixes("a.b.c"))
    ['a', 'a.b', 'a.b.c']
    """
    end = name.find(".")
    while end >= 0:
        yield name[:end]
        end = name.find(".", end + 1)
    yield name
