"""Values as keys know them: by what they hold, and by the code that comes with them."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import islice
from pathlib import PurePath
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

from crucible_core.runs.cache.errors import UncacheableError
from crucible_core.runs.codecs.class_names import class_name
from crucible_core.runs.codecs.encoder import Encoder, Kind
from crucible_core.runs.codecs.errors import NoCodecError, SecretValueError, StoreError
from crucible_core.runs.codecs.plain import as_text
from crucible_core.runs.codecs.refusal import Refusal
from crucible_core.runs.codecs.store import ObjectStore
from crucible_core.runs.codecs.values import Values

if TYPE_CHECKING:
    from crucible_core.plugins.codec_ref import CodecRef
    from crucible_core.runs.cache.file_content import FileContents
    from crucible_core.runs.cache.run_paths import RunPaths
    from crucible_core.runs.codecs.object_ref import ObjectRef

__all__ = ["KeyValue", "KeyValues", "digest_of"]

_LONGEST_NAME = 1024
_TEXTS = 64
"""Texts in a value up to which each may be the name of a file."""
_SHOWN = 120
"""Characters; a value whose text is longer is in a key by its hash."""


class KeyValue(NamedTuple):
    """A value in a key.

    Attributes:
        said: Its JSON text where that is short, else its hash.
        modules: Modules whose code comes with it: those of the classes in it, and of functions.
    """

    said: str
    modules: frozenset[str]


class _Nowhere(ObjectStore):
    """A store that says of everything that it is there: what is written is hashed and forgotten."""

    def holds(self, ref: ObjectRef) -> bool:  # noqa: ARG002 - whatever it is
        """Say that it is there."""
        return True


class KeyValues(Values):
    """Turn values into texts that are equal only where the values are, types included.

    Args:
        directory: Where large values lie while they are hashed.
        codecs: As for `Values`.
        secrets: Likewise.
        contents: Hashes the files that paths in values lead to.
        paths: The run's directory, which is another in the next run.
    """

    def __init__(
        self,
        directory: Any,
        codecs: Callable[[], Iterable[CodecRef]],
        *,
        secrets: Iterable[str] = (),
        contents: FileContents,
        paths: RunPaths,
    ) -> None:
        super().__init__(_Nowhere(directory), codecs, secrets=secrets)
        self._contents = contents
        self._paths = paths
        self._modules: set[str] = set()
        self._known: dict[str, tuple[Any, KeyValue]] = {}

    def key_value(self, value: Any, where: str) -> KeyValue:
        """Return what stands for a value in a key.

        The last value of each place is remembered: while it is the same object, it is not looked at again; see
        `forget`.

        Args:
            value: The value.
            where: Its place, such as ``assigns.model``.

        Raises:
            UncacheableError: There is no canonical form of it, or it holds a secret.
        """
        known = self._known.get(where)
        if known is not None and known[0] is value:
            return known[1]
        self._modules = set()
        try:
            encoded = self.encode(value, where=where)
        except SecretValueError as error:
            raise UncacheableError(f"{error.where} holds the value of a secret option") from error
        except (NoCodecError, StoreError) as error:
            raise UncacheableError(str(error)) from error
        text = self._paths.key_text(encoded, self._contents) + self._named_files(encoded)
        found = KeyValue(text if len(text) <= _SHOWN else digest_of(text), frozenset(self._modules))
        self._known[where] = value, found
        return found

    def forget(self) -> None:
        """Look at every value again: what has run since may have changed one where it is."""
        self._known.clear()

    def _named_files(self, encoded: Any) -> str:
        """Return what the files hold that texts in a small value name; a stage that reads the value may open them."""
        texts = list(islice(_leaves(encoded), _TEXTS + 1))
        if len(texts) > _TEXTS:
            texts = [text for text in texts if "/" in text]
        held = {
            text: self._contents.whatever(text) for text in texts if _is_file(text) and not self._paths.are_in(text)
        }
        return as_text(sorted(held.items())) if held else ""

    def kind_of(self, kind: type) -> Kind | None:
        """Return how values of a type are encoded; paths come with what they lead to, functions with their names."""
        self._modules.add(kind.__module__)
        if issubclass(kind, os.PathLike) and issubclass(kind, PurePath):
            return Kind(partial(_path, self._contents), atomic=True)
        if issubclass(kind, (FunctionType, BuiltinFunctionType, type, ModuleType)):
            return Kind(partial(_named, self._modules), atomic=True)
        return super().kind_of(kind)


def digest_of(text: str) -> str:
    """Return the hash of a text as keys show it."""
    return f"sha256:{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"


def _leaves(encoded: Any) -> Iterator[str]:
    """Yield the texts in encoded values, without those that tags are made of."""
    left = [encoded]
    while left:
        node = left.pop()
        if isinstance(node, str):
            yield node
        elif isinstance(node, list):
            left += node
        elif isinstance(node, dict) and node.get("$") not in ("object", "coded", "path"):
            left += node.values()


def _is_file(text: str) -> bool:
    return 0 < len(text) <= _LONGEST_NAME and "\0" not in text and os.path.isfile(text)  # noqa: PTH113 - for many texts


def _path(contents: FileContents, encoder: Encoder, value: PurePath, _depth: int) -> Any:
    encoder.size += 200 + 6 * len(str(value))
    return {"$": "path", "class": type(value).__name__, "value": str(value), "holds": contents.whatever(str(value))}


def _named(modules: set[str], encoder: Encoder, value: Any, _depth: int) -> Any:
    """Return the name of a function, class or module; the code that it leads to is another part of the key."""
    if isinstance(value, ModuleType):
        name, module = value.__name__, value.__name__
    elif isinstance(value, type):
        name, module = class_name(value), value.__module__
    else:
        name, module = _function_name(value), value.__module__
    modules.add(module)
    encoder.size += 64 + 6 * len(name)
    return {"$": "code", "name": name}


def _function_name(value: Any) -> str:
    """Return ``module:name`` of a function.

    Raises:
        Refusal: It is not what that name leads to.
    """
    found: Any = sys.modules.get(value.__module__ or "")
    for part in value.__qualname__.split("."):
        found = getattr(found, part, None)
    if found is not value:
        raise Refusal(value, "it is made while the program runs: no file says all that it does")
    return f"{value.__module__}:{value.__qualname__}"
