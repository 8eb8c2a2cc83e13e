"""What sources say, kept by what they are: parsing takes a hundred times longer than reading it back."""

from __future__ import annotations

import contextlib
import json
import sys
from pathlib import Path

from crucible_core.runs.atomic import atomic_write
from crucible_core.runs.cache.file_content import sha256_of_text
from crucible_core.runs.cache.source_facts import SourceFacts, source_facts

__all__ = ["SourceMemo"]

_FORMAT = 2
"""To be raised when `source_facts` learns something new."""


class SourceMemo:
    """Facts by the SHA-256 of the source.

    Args:
        directory: Where they are kept between processes; None to keep them in memory only.
    """

    def __init__(self, directory: Path | None) -> None:
        version = f"{_FORMAT}-{sys.version_info.major}.{sys.version_info.minor}"
        self._directory = None if directory is None else directory / version
        self._known: dict[str, SourceFacts] = {}

    def facts(self, sha256: str, source: bytes | None) -> SourceFacts | None:
        """Return what a source says; None where it has to be given and is not.

        Args:
            sha256: Its hash.
            source: The source itself.
        """
        if sha256 not in self._known:
            facts = self._read(sha256)
            if facts is None and source is not None:
                facts = source_facts(source)
                self._write(sha256, facts)
            if facts is None:
                return None
            self._known[sha256] = facts
        return self._known[sha256]

    def _read(self, sha256: str) -> SourceFacts | None:
        if self._directory is None:
            return None
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            check, _, text = self._path(sha256).read_text(encoding="utf-8").partition("\n")
            if check == sha256_of_text(text):
                return SourceFacts.from_dict(json.loads(text))
        return None

    def _write(self, sha256: str, facts: SourceFacts) -> None:
        if self._directory is None:
            return
        text = json.dumps(facts.to_dict())
        with contextlib.suppress(OSError):  # a directory that cannot be written costs time, nothing else
            path = self._path(sha256)
            path.parent.mkdir(parents=True, exist_ok=True)
            atomic_write(path, f"{sha256_of_text(text)}\n{text}".encode())

    def _path(self, sha256: str) -> Path:
        assert self._directory is not None
        return self._directory / sha256[:2] / f"{sha256}.json"
