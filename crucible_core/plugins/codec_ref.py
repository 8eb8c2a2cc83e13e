"""Where the codec for some types is to be found."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["SUFFIX", "CodecRef"]

SUFFIX = re.compile(r"(\.[a-z0-9]{1,16}){0,2}")
"""How the names of a codec's files may end."""


@dataclass(frozen=True, slots=True)
class CodecRef:
    """A codec, and the types it writes; nothing is imported before a value of one of them is met.

    Attributes:
        name: Its name, unique in an environment and kept for good: what was written is read by it.
        types: The types it writes, as ``module:QualName``, each as ``type(value)`` names itself.
        target: The codec's class, as ``module:Class``; made without arguments.
        subclasses: Whether it writes instances of subclasses too, and brings them back as what they were.
        distribution: Normalised name of the distribution that offers it; filled in.
    """

    name: str
    types: tuple[str, ...]
    target: str
    subclasses: bool = False
    distribution: str | None = None
