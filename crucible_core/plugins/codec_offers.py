"""Judge what implementations of ``crucible_register_codecs`` return."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import replace

from crucible_core.plugins.codec_ref import CodecRef
from crucible_core.plugins.problems import LoadProblem, LoadProblemError, ProblemKind

__all__ = ["CodecOffers"]

_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]*")
_PLACE = re.compile(r"[^:\s]+:[^:\s]+")
_RESERVED = frozenset({"bytearray", "bytes", "pickle", "rows", "tree"})
"""Names of what the core writes without a reference."""


class CodecOffers:
    """The codecs offered so far, by name.

    Args:
        own: Names of the core's own implementations.
    """

    def __init__(self, own: Collection[str]) -> None:
        self._own = own
        self._offered_by = dict.fromkeys(_RESERVED, "crucible-core")

    def checked(self, name: str, returned: object) -> list[CodecRef]:
        """Return the references that an implementation returned, with the name of its distribution.

        Raises:
            LoadProblemError: One is no reference to a codec, or its name is taken; none of them counts then.
        """
        if not isinstance(returned, Iterable):
            raise _bad(f"must return CodecRefs, got {returned!r}")
        distribution = "crucible-core" if name in self._own else name
        refs: list[CodecRef] = []
        for ref in returned:
            self._check(ref, refs)
            refs.append(replace(ref, distribution=distribution))
        self._offered_by |= dict.fromkeys((ref.name for ref in refs), distribution)
        return refs

    def _check(self, ref: object, before: Iterable[CodecRef]) -> None:
        if not isinstance(ref, CodecRef):
            raise _bad(f"must return CodecRefs, got {ref!r}")
        if not isinstance(ref.name, str) or not _NAME.fullmatch(ref.name):
            raise _bad(f"returns a codec with the name {ref.name!r}; use lower-case letters, digits, '_', '.' and '-'")
        if ref.name in self._offered_by or any(ref.name == one.name for one in before):
            other = self._offered_by.get(ref.name, "the same plugin")
            raise _bad(f"returns a codec {ref.name!r}, a name that {other} has taken")
        for place in (ref.target, *(ref.types if isinstance(ref.types, tuple) else (ref.types,))):
            if not isinstance(place, str) or not _PLACE.fullmatch(place):
                raise _bad(
                    f"returns a codec {ref.name!r} with {place!r}; types are a tuple of 'module:QualName', target one"
                )
        if not ref.types:
            raise _bad(f"returns a codec {ref.name!r} for no type")


def _bad(reason: str) -> LoadProblemError:
    return LoadProblemError(LoadProblem(ProblemKind.BAD_HOOKS, f"crucible_register_codecs {reason}"))
