"""From some modules to all that they use, by what their sources say."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import TYPE_CHECKING

from crucible_core.runs.cache.errors import UncacheableError
from crucible_core.runs.cache.package_files import package_files, parts_of
from crucible_core.runs.cache.process_start import process_began_ns
from crucible_core.runs.cache.territory import CORE_PACKAGE, Place, Territory, outermost, prefixes

if TYPE_CHECKING:
    from crucible_core.runs.cache.file_content import FileContents
    from crucible_core.runs.cache.module_finder import FoundModule, ModuleFinder
    from crucible_core.runs.cache.source_facts import ImportedName, SourceFacts
    from crucible_core.runs.cache.source_memo import SourceMemo

__all__ = ["MISSING", "ModuleWalk", "check_not_newer"]

MISSING = "missing"
"""Stands for the hash of a module that is not there."""
_DEEPEST = 20
"""Packages within packages; only a link that leads back goes deeper."""


class ModuleWalk:
    """Follow imports; where they cannot be followed, take the whole package.

    Args:
        finder: Finds modules.
        territory: Tells which of them are to be looked at.
        memo: Keeps what sources say.
        contents: Hashes files.

    Attributes:
        modules: Module or file of a package to its hash.
        distributions: Names of those that stand behind the rest.
        names: Every identifier in what was looked at.
        files: Path to hash of what was read.
        whole: Package of which every file counts to the reason why.
        asks_versions: Whether some of it may ask for the version of any distribution.
    """

    def __init__(self, finder: ModuleFinder, territory: Territory, memo: SourceMemo, contents: FileContents) -> None:
        self._finder = finder
        self._territory = territory
        self._memo = memo
        self._contents = contents
        self._left: deque[str] = deque()
        self._seen: set[str] = set()
        self.modules: dict[str, str] = {}
        self.distributions: set[str] = set()
        self.names: set[str] = set()
        self.files: dict[str, str] = {}
        self.whole: dict[str, str] = {}
        self.asks_versions = False

    def add(self, name: str) -> None:
        """Take in a module, and the packages it lies in, whose ``__init__`` run before it."""
        for each in prefixes(name):
            if each not in self._seen:
                self._seen.add(each)
                self._left.append(each)

    def finish(self) -> None:
        """Follow everything that was taken in.

        Raises:
            UncacheableError: Some of it cannot be known from files.
        """
        while self._left:
            self._visit(self._left.popleft())

    def _visit(self, name: str) -> None:
        home = self._territory.home(name)
        if home.distribution is not None:
            self.distributions.add(home.distribution.name)
        if home.place is Place.MISSING:
            self.modules[name] = MISSING
        elif home.place is Place.CORE_SOURCE and home.module is not None:
            if home.module.name == CORE_PACKAGE and CORE_PACKAGE not in self.whole:
                self.whole[CORE_PACKAGE] = "no version says what it holds"
                self._take_files(home.module)
        elif home.place is Place.SOURCE:
            self._look_at(name, home.module)

    def _look_at(self, name: str, module: FoundModule | None) -> None:
        if module is None:
            self.modules[name] = MISSING
        elif module.made:
            raise UncacheableError(f"the module {name} has no file that says what it does")
        elif module.origin is not None and name not in self.modules:
            if module.loaded:
                self._check_unchanged(module.origin)
            self.modules[name] = sha256 = self._hash(module.origin)
            self._follow(name, module, sha256)

    def _follow(self, name: str, module: FoundModule, sha256: str) -> None:
        assert module.origin is not None
        if not module.origin.endswith(".py"):
            if outermost(self._finder, name) is not None:
                self._take_whole(name, f"{module.origin} is no Python source")
            return
        facts = self._facts(module.origin, sha256)
        why = facts.computed or facts.beside
        if why is not None:
            self._take_whole(name, f"{module.origin}: {why}")
        self._take_in(name, bool(module.locations), facts)

    def _take_in(self, name: str, is_package: bool, facts: SourceFacts) -> None:
        """Take in what a module names."""
        self.names |= facts.names
        self.asks_versions = self.asks_versions or facts.asks_versions
        package = name if is_package else name.rpartition(".")[0]
        bound = {package} if is_package else set()
        for each in facts.imports:
            bound |= self._imported(package, each)
        for text in facts.texts:
            module = text.partition(":")[0]
            if ("." in text or ":" in text) and self._finder.find(module) is not None:
                self.add(module)
        self._take_used_parts(bound, facts)

    def _imported(self, package: str, imported: ImportedName) -> set[str]:
        """Take in what one name of an import statement stands for; return the packages that it makes reachable."""
        base = imported.module
        if imported.level:
            above = package.split(".")[: len(package.split(".")) - imported.level + 1]
            base = ".".join([*above, base] if base else above)
        if not base:
            return set()
        self.add(base)
        if imported.name is None:
            return {base.partition(".")[0], base}
        if imported.name == "*":
            return set()
        part = f"{base}.{imported.name}"
        if self._finder.find(part) is not None:
            self.add(part)
        elif self._may_come(base, imported.name):
            self.modules[part] = MISSING
        return {part}

    def _may_come(self, package: str, name: str) -> bool:
        """Tell whether a name that a package lacks would be a module of it, were there one."""
        home = self._territory.home(package)
        module = home.module
        if home.place is not Place.SOURCE or module is None or not module.locations:
            return False
        if module.origin is None or not module.origin.endswith(".py"):
            return True
        return name not in self._facts(module.origin, self._hash(module.origin)).names

    def _take_used_parts(self, packages: Iterable[str], facts: SourceFacts) -> None:
        """Take in modules that are reached as attributes of their package, whoever imported them."""
        left = list(packages)
        while left:
            package = left.pop()
            home = self._territory.home(package)
            if home.place is Place.SOURCE and home.module is not None and package.count(".") < _DEEPEST:
                parts = [f"{package}.{part}" for part in parts_of(home.module) & facts.names]
                left += parts
                for part in parts:
                    if self._finder.find(part) is not None:
                        self.add(part)

    def _take_whole(self, name: str, why: str) -> None:
        """Take the whole package of a module of which not everything can be followed.

        Raises:
            UncacheableError: It is in no package, so that nobody knows what may belong to it.
        """
        package = outermost(self._finder, name)
        if package is None:
            hint = "put it into a package, all files of which then count"
            raise UncacheableError(f"{why}, so what it uses is not known; {hint}")
        if package.name not in self.whole:
            self.whole[package.name] = why
            self._take_files(package)

    def _take_files(self, package: FoundModule) -> None:
        """Take all files of a package, and what its modules use of others."""
        for file in package_files(package):
            self._check_unchanged(file.path)
            self.modules[file.label] = sha256 = self._hash(file.path)
            if file.module is not None and package.name != CORE_PACKAGE:
                self._take_in(file.module, file.path.endswith("/__init__.py"), self._facts(file.path, sha256))

    def _hash(self, path: str) -> str:
        sha256 = self._contents.file(path)
        if self.files.setdefault(path, sha256) != sha256:
            raise UncacheableError(f"{path} changed while it was looked at")
        return sha256

    def _facts(self, path: str, sha256: str) -> SourceFacts:
        facts = self._memo.facts(sha256, None)
        if facts is None:
            facts = self._memo.facts(sha256, self._contents.bytes_of(path, sha256))
        assert facts is not None
        return facts

    def _check_unchanged(self, path: str) -> None:
        check_not_newer(self._contents.changed_ns(path), path)


def check_not_newer(changed_ns: int, what: str) -> None:
    """Refuse what changed after this process may have imported it.

    Raises:
        UncacheableError: It did.
    """
    if changed_ns > process_began_ns():
        raise UncacheableError(
            f"{what} changed after this process began, which may still run what it was before; start a new process"
        )
