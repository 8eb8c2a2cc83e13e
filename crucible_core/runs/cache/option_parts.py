"""What a stage's options say in a key: their values, the files they name, and the code they name."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from crucible_core.contract.json_values import as_text
from crucible_core.contract.options import option_values
from crucible_core.contract.type_spec import is_secret
from crucible_core.runs.cache.errors import UncacheableError
from crucible_core.runs.cache.key_values import digest_of

if TYPE_CHECKING:
    from crucible_core.pipeline.plan import PlannedStage
    from crucible_core.runs.cache.file_content import FileContents
    from crucible_core.runs.cache.key_values import KeyValues

__all__ = ["OptionParts", "given_order"]

_CODE = re.compile(r"([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*):[A-Za-z_][\w.]*")
_MODULE = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
_LONGEST_PATH = 4096
_PATTERN = re.compile(r"[*?\[]")
_ORDER_SHOWS = frozenset({"__fields_set__", "__pydantic_fields_set__", "exclude_unset", "model_fields_set"})
"""Names in the code of a stage that may ask which options were given, default or not."""


class OptionParts:
    """Turn the options of stages into parts of keys.

    Args:
        values: Turns values into texts.
        contents: Hashes files.
        beside: The directory of the spec file, where stages may look for files too; None without one.
    """

    def __init__(self, values: KeyValues, contents: FileContents, beside: Path | None) -> None:
        self._values = values
        self._contents = contents
        self._beside = beside

    def of(self, planned: PlannedStage, names: frozenset[str]) -> tuple[dict[str, str], set[str]]:
        """Return the parts that a stage's options are, and the modules that they name.

        Args:
            planned: The stage.
            names: Every identifier in its code.

        Raises:
            UncacheableError: One is a secret, has no canonical form, or names a file that cannot be read.
        """
        assert planned.description is not None
        types = planned.description.options.types
        parts: dict[str, str] = {}
        modules = {type(planned.options).__module__}
        for name, value in sorted(option_values(planned.options).items()):
            spec = types.get(name, "any")
            if is_secret(spec) and value:
                raise UncacheableError(f"its option {name} is a secret, of which nothing is kept, not even a hash")
            said, brought = self._values.key_value(value, f"options.{name}")
            parts[f"option {name}"] = said
            modules |= brought
            texts = list(_texts(value))
            modules |= set(_modules(texts, is_module=_holds(spec, "module")))
            for text in texts:
                parts |= self._files(name, text, is_path=_holds(spec, "path"))
        parts |= given_order(planned, names)
        return parts, modules

    def _files(self, name: str, text: str, *, is_path: bool) -> dict[str, str]:
        """Return what the files hold that an option names: by its type, or because there is a file of this name.

        A relative path may be looked for beside the spec as well as in the working directory.
        """
        if not text or len(text) > _LONGEST_PATH or "\0" in text or (not is_path and "\n" in text):
            return {}
        found = {}
        for where, path in self._candidates(text.removeprefix("file://")):
            if (path.exists() or path.is_symlink()) and (is_path or path.is_file()):
                found[f"file {text} of option {name}{where}"] = self._contents.whatever(os.fspath(path))
            elif _PATTERN.search(text) and (is_path or "/" in text or "." in text):
                found |= self._matches(name, text, where, path)
        if is_path and not found:
            found[f"file {text} of option {name}"] = "nothing there"
        return found

    def _matches(self, name: str, text: str, where: str, path: Path) -> dict[str, str]:
        """Return what the files hold that a pattern such as ``data/*.csv`` stands for."""
        from glob import glob

        paths = sorted(each for each in glob(str(path), recursive=True) if Path(each).is_file())  # noqa: PTH207 - absolute patterns
        held = {each: self._contents.file(each) for each in paths}
        return {f"files {text} of option {name}{where}": digest_of(as_text(sorted(held.items())))} if held else {}

    def _candidates(self, text: str) -> Iterator[tuple[str, Path]]:
        path = Path(text)
        yield "", path
        if text.startswith("~"):
            try:
                yield " (home)", path.expanduser()
            except RuntimeError:
                return
        elif self._beside is not None and not path.is_absolute() and self._beside.resolve() != Path.cwd():
            yield " (beside the spec)", self._beside / path


def given_order(planned: PlannedStage, names: frozenset[str]) -> dict[str, str]:
    """Return what a stage may see of how its options were given, beside their values.

    Args:
        planned: The stage.
        names: Every identifier in its code.
    """
    if isinstance(planned.options, Mapping):  # without a class, options come in the order in which they were given
        return {"options in order": ", ".join(planned.options)}
    if names & _ORDER_SHOWS:
        return {"options given": ", ".join(sorted(getattr(planned.options, "model_fields_set", ())))}
    return {}


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, PurePath):
        yield str(value)
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from _texts(key)
            yield from _texts(each)
    elif isinstance(value, (list, tuple, set, frozenset)):
        for each in value:
            yield from _texts(each)
    elif hasattr(value, "model_fields_set"):
        yield from _texts(dict(iter(value)))


def _modules(texts: Iterable[str], *, is_module: bool) -> Iterator[str]:
    """Yield the modules that texts name, as ``module:name`` or where the type of the option is a module."""
    for text in texts:
        match = _CODE.fullmatch(text)
        if match is not None:
            yield match[1]
        elif is_module and _MODULE.fullmatch(text):
            yield text


def _holds(spec: Any, primitive: str) -> bool:
    """Tell whether a type spec is a primitive, or has it somewhere in it."""
    if isinstance(spec, Mapping):
        return any(_holds(each, primitive) for each in spec.values())
    if isinstance(spec, (list, tuple)):
        return any(_holds(each, primitive) for each in spec)
    return bool(spec == primitive)
