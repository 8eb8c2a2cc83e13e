"""The code that a stage consists of: its own module, and everything that it uses from there on."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from crucible_core.contract.json_values import as_text
from crucible_core.runs.cache.distributions import CORE, Distributions
from crucible_core.runs.cache.errors import UncacheableError
from crucible_core.runs.cache.file_content import FileContents
from crucible_core.runs.cache.key_values import digest_of
from crucible_core.runs.cache.module_finder import ModuleFinder
from crucible_core.runs.cache.module_walk import ModuleWalk, check_not_newer
from crucible_core.runs.cache.source_memo import SourceMemo
from crucible_core.runs.cache.territory import Place, Territory, outermost
from crucible_core.runs.codecs.class_names import is_importable

__all__ = ["CodeClosure", "CodeClosures", "code_closure"]


@dataclass(frozen=True)
class CodeClosure:
    """All code that a stage, or something it is given, consists of.

    Args:
        modules: Module, or file of a package, to the SHA-256 of its bytes; ``missing`` for a module that it imports
            where there is one, and there is none.
        distributions: Installed distribution to its version and a digest of its files.
        names: Every identifier in it.
        files: Path to the hash of what was read there, to find out whether it is still so.
        whole: Package of which every file counts to the reason why.
    """

    modules: Mapping[str, str] = field(default_factory=dict)
    distributions: Mapping[str, str] = field(default_factory=dict)
    names: frozenset[str] = frozenset()
    files: Mapping[str, str] = field(default_factory=dict)
    whole: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def listed(self) -> str:
        """The code as JSON text."""
        return as_text({"modules": self.modules, "distributions": self.distributions, "whole": sorted(self.whole)})

    @cached_property
    def digest(self) -> str:
        """What stands for the code in a key."""
        return digest_of(self.listed)


class CodeClosures:
    """Find the code of stages; what several of them use is looked at once.

    Args:
        memo: Keeps what sources say.
        contents: Hashes files.
    """

    def __init__(self, memo: SourceMemo, contents: FileContents) -> None:
        self._memo = memo
        self._contents = contents
        self._finder = ModuleFinder()
        self._distributions = Distributions()
        self._stages: dict[type, CodeClosure | UncacheableError] = {}
        self._modules: dict[frozenset[str], CodeClosure] = {}

    def of_stage(self, kind: type, distribution: str | None = None) -> CodeClosure:
        """Return the code of a stage.

        Args:
            kind: Its class.
            distribution: The distribution that offers it.

        Raises:
            UncacheableError: Some of it cannot be known from files.
        """
        if kind not in self._stages:
            try:
                self._stages[kind] = self._of_stage(kind, distribution)
            except UncacheableError as error:
                self._stages[kind] = error
        found = self._stages[kind]
        if isinstance(found, UncacheableError):
            raise found
        return found

    def of_modules(self, names: Iterable[str]) -> CodeClosure:
        """Return the code behind modules that an option or a value names.

        Raises:
            UncacheableError: Some of it cannot be known from files.
        """
        asked = frozenset(names)
        if asked not in self._modules:
            self._modules[asked] = self._walked(sorted(asked))
        return self._modules[asked]

    def is_fixed(self, module: str) -> bool:
        """Tell whether a version says which code a module holds, so that nobody has to look at its source."""
        home = Territory(self._finder, self._distributions).home(module)
        return home.place not in (Place.SOURCE, Place.MISSING)

    def _of_stage(self, kind: type, distribution: str | None) -> CodeClosure:
        if not is_importable(kind):
            name = f"{kind.__module__}:{kind.__qualname__}"
            raise UncacheableError(f"{name} is made while the program runs: no file says all that it does")
        _check_made_of_source(kind)
        modules = dict.fromkeys(each.__module__ for each in kind.__mro__ if each is not object)
        found = self._finder.find(kind.__module__)
        if found is None or found.made:
            raise UncacheableError(f"the module {kind.__module__} has no file that says what it does")
        package = outermost(self._finder, kind.__module__)
        own = kind.__module__ if package is None else package.name
        return self._walked(modules, own, distribution)

    def _walked(self, names: Iterable[str], own: str = "", distribution: str | None = None) -> CodeClosure:
        territory = Territory(self._finder, self._distributions, own, distribution)
        walk = ModuleWalk(self._finder, territory, self._memo, self._contents)
        for name in names:
            walk.add(name)
        walk.finish()
        known = self._distributions.by_name if walk.asks_versions else walk.distributions
        behind = self._distributions.behind((CORE, *([distribution] if distribution else ()), *known))
        for each in behind.values():
            check_not_newer(each.changed, each.name)
        versions = {name: each.version for name, each in behind.items()}
        return CodeClosure(dict(sorted(walk.modules.items())), versions, frozenset(walk.names), walk.files, walk.whole)


def _check_made_of_source(kind: type) -> None:
    """Refuse a ``run`` that was compiled from a text: a cell of a notebook, or what ``exec`` was given.

    Raises:
        UncacheableError: It was.
    """
    run = inspect.unwrap(inspect.getattr_static(kind, "run"))
    file = getattr(getattr(run, "__code__", None), "co_filename", "")
    if file.startswith("<"):
        raise UncacheableError(f"{kind.__qualname__}.run was made of a text that no file holds ({file})")


def code_closure(kind: type) -> Mapping[str, str]:
    """Return the modules that a stage consists of, each with the SHA-256 of its bytes.

    These are its own module and those of its bases, everything they import from the same package, from modules that
    no distribution installed and from editable distributions, transitively and wherever the import stands. Of a package
    in which something is imported by a name that only shows at run time, or which reads files beside itself, it is all
    files.

    Raises:
        UncacheableError: Some of the code cannot be known from files.
    """
    return CodeClosures(SourceMemo(None), FileContents()).of_stage(kind).modules
