"""What the source of a module says about what else it uses; nothing of it is run."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

__all__ = ["ImportedName", "SourceFacts", "source_facts"]

_MODULE_NAME = re.compile(r"([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)(?::[A-Za-z_][\w.]*)?")
_LONGEST = 200
"""Characters; a longer text names no module."""

_IMPORTING = frozenset({"__import__", "import_module"})
"""Functions that import what their argument says."""
_RUNNING = frozenset({"compile", "eval", "exec"})
"""Functions that run what their argument says; methods of these names (``re.compile``, ``model.eval``) do not."""
_FINDING = frozenset(
    """ExtensionFileLoader SourceFileLoader SourcelessFileLoader entry_points find_spec iter_modules module_from_spec
    run_module run_path spec_from_file_location spec_from_loader walk_packages""".split()  # noqa: SIM905 - a list of quotes hides the names
)
"""Names that only those use who look for modules themselves."""
_BESIDE = frozenset(
    """PackageLoader __file__ __loader__ __path__ __spec__ findsource getfile getsource getsourcefile getsourcelines
    pkg_resources""".split()  # noqa: SIM905 - likewise
)
"""Names that lead to the files of a package."""
_RESOURCE_MODULES = ("importlib.resources", "importlib_resources", "pkg_resources", "pkgutil")
_METADATA_MODULES = ("importlib.metadata", "importlib_metadata", "pkg_resources")


@dataclass(frozen=True, slots=True)
class ImportedName:
    """One name that an import statement names.

    Args:
        module: The module; empty in ``from . import name``.
        level: How many dots are in front of it.
        name: What is taken from it: a name or ``*``; None in ``import module``.
    """

    module: str
    level: int = 0
    name: str | None = None


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """What a source says.

    Args:
        imports: Everything that import statements name, wherever they stand: in functions and conditions too.
        names: Every attribute and identifier in it, and every text that could be one.
        texts: Texts that could name a module, ``package.module`` or ``package.module:name``.
        computed: The place and the way in which it imports or runs what only shows at run time; None where it does not.
        beside: The place at which it looks for files beside itself; None where it does not.
        asks_versions: Whether it may ask for the version of any distribution.
    """

    imports: tuple[ImportedName, ...] = ()
    names: frozenset[str] = frozenset()
    texts: frozenset[str] = frozenset()
    computed: str | None = None
    beside: str | None = None
    asks_versions: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return the facts as JSON values."""
        return {
            "imports": [[each.module, each.level, each.name] for each in self.imports],
            "names": sorted(self.names),
            "texts": sorted(self.texts),
            "computed": self.computed,
            "beside": self.beside,
            "asks_versions": self.asks_versions,
        }

    @classmethod
    def from_dict(cls, document: dict[str, Any]) -> SourceFacts:
        """Read what `to_dict` gave."""
        imports = tuple(ImportedName(*each) for each in document["imports"])
        names, texts = frozenset(document["names"]), frozenset(document["texts"])
        return cls(imports, names, texts, document["computed"], document["beside"], bool(document["asks_versions"]))


def source_facts(source: bytes) -> SourceFacts:
    """Return what a source says; what cannot be parsed cannot be imported and says nothing.

    Example:
        >>> facts = source_facts(b"from .helper import scale")
        >>> facts.imports
        (ImportedName(module='helper', level=1, name='scale'),)
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return SourceFacts(computed="it cannot be parsed")
    found = _Found()
    for node in ast.walk(tree):
        _LOOK.get(type(node), _nothing)(found, node)
    _lazy_package(found, tree)
    if found.importers > 0 and found.computed is None:
        found.computed = f"line {found.importer_line} imports a module whose name only shows at run time"
    return SourceFacts(
        tuple(dict.fromkeys(found.imports)),
        frozenset(found.names),
        frozenset(found.texts),
        found.computed,
        found.beside,
        found.asks_versions,
    )


@dataclass(slots=True)
class _Found:
    """What was found so far."""

    imports: list[ImportedName] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    texts: set[str] = field(default_factory=set)
    computed: str | None = None
    beside: str | None = None
    asks_versions: bool = False
    importers: int = 0
    """How often a function that imports is mentioned and not called with the name of a module."""
    importer_line: int = 0


def _nothing(_: _Found, __: Any) -> None:
    """Learn nothing from a node."""


def _import(found: _Found, node: ast.Import) -> None:
    for alias in node.names:
        found.imports.append(ImportedName(alias.name))
        _note_module(found, alias.name, node)


def _import_from(found: _Found, node: ast.ImportFrom) -> None:
    module = node.module or ""
    for alias in node.names:
        found.imports.append(ImportedName(module, node.level, alias.name))
        _note_module(found, f"{module}.{alias.name}", node)
        if alias.asname is not None and alias.name in _IMPORTING | _RUNNING:
            found.computed = found.computed or f"line {node.lineno} gives {alias.name} another name"
        elif alias.name not in _IMPORTING:
            _note(found, alias.name, node)


def _note_module(found: _Found, module: str, node: ast.stmt | ast.expr) -> None:
    if module.startswith(_RESOURCE_MODULES):
        found.beside = found.beside or f"line {node.lineno} imports {module}"
    if module.startswith(_METADATA_MODULES):
        found.asks_versions = True


def _attribute(found: _Found, node: ast.Attribute) -> None:
    _note(found, node.attr, node)
    if isinstance(node.value, ast.Name) and node.value.id == "importlib":
        _note_module(found, f"importlib.{node.attr}", node)


def _name(found: _Found, node: ast.Name) -> None:
    if node.id in _RUNNING or node.id == "__getattr__":
        found.computed = found.computed or f"line {node.lineno} uses {node.id}"
    _note(found, node.id, node)


def _text(found: _Found, node: ast.Constant) -> None:
    value = node.value
    if type(value) is str and len(value) <= _LONGEST and _MODULE_NAME.fullmatch(value):
        found.texts.add(value)
        if value.isidentifier():
            _note(found, value, node)


def _note(found: _Found, name: str, node: ast.expr | ast.stmt) -> None:
    found.names.add(name)
    if name in _IMPORTING:
        found.importers, found.importer_line = found.importers + 1, node.lineno
    elif name in _FINDING:
        found.computed = found.computed or f"line {node.lineno} uses {name}"
    elif name in _BESIDE:
        found.beside = found.beside or f"line {node.lineno} uses {name}"


def _call(found: _Found, node: ast.Call) -> None:
    """Take note of an import by a function that says what it imports."""
    function = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
    if function not in _IMPORTING or len(node.args) != 1 or node.keywords or not isinstance(node.args[0], ast.Constant):
        return
    module = node.args[0].value
    if isinstance(module, str) and not module.startswith("."):
        found.imports.append(ImportedName(module))
        found.importers -= 1


def _lazy_package(found: _Found, tree: ast.Module) -> None:
    """Take note of a module that makes its attributes when they are asked for (PEP 562)."""
    for node in _top_level(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name == "__getattr__":
            found.computed = found.computed or f"line {node.lineno} defines __getattr__ of the module"


def _top_level(tree: ast.Module) -> Iterator[ast.AST]:
    """Yield the statements of a module, and those within its conditions."""
    left: list[ast.AST] = list(tree.body)
    while left:
        node = left.pop()
        yield node
        if isinstance(node, (ast.If, ast.Try, ast.TryStar, ast.With, ast.ExceptHandler)):
            left += ast.iter_child_nodes(node)


_LOOK: dict[type, Any] = {
    ast.Import: _import,
    ast.ImportFrom: _import_from,
    ast.Attribute: _attribute,
    ast.Name: _name,
    ast.Constant: _text,
    ast.Call: _call,
}
