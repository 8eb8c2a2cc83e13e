"""The directory of a cache: entries by stage and key, and the objects that they need."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from crucible_core.runs.atomic import atomic_write
from crucible_core.runs.cache.entry import DamagedEntryError, Entry
from crucible_core.runs.cache.key_values import digest_of
from crucible_core.runs.codecs import ObjectStore
from crucible_core.runs.faults import reached

if TYPE_CHECKING:
    from crucible_core.runs.codecs import ObjectRef

__all__ = ["CACHE_DIR", "CacheDirectory"]

CACHE_DIR = ".cache"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")


class CacheDirectory:
    """A cache on the disk; any number of processes may use it at once.

    Args:
        output_dir: The directory that the runs lie in.
    """

    def __init__(self, output_dir: Path) -> None:
        self.path = output_dir / CACHE_DIR
        self._stages: dict[str, str] = {}
        self._lock = -1
        self.objects = ObjectStore(self.path / "objects")

    @property
    def temporary(self) -> Path:
        """Where large values lie while they are hashed."""
        return self.path / "tmp"

    @property
    def sources(self) -> Path:
        """Where it is kept what sources say."""
        return self.path / "sources"

    def entry_path(self, stage: str, key: str) -> Path:
        """Return where an entry lies, or would."""
        return Path(f"{self._of_stage(stage)}/{key}.json")

    def find(self, stage: str, key: str) -> Entry | None:
        """Return the entry of a key.

        Raises:
            DamagedEntryError: There is one, and it is not what was written.
        """
        try:
            with open(f"{self._of_stage(stage)}/{key}.json", "rb") as stream:  # noqa: PTH123 - for every stage
                data = stream.read()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise DamagedEntryError(error.strerror or str(error)) from error
        entry = Entry.from_bytes(data)
        if (entry.stage, entry.key) != (stage, key):
            raise DamagedEntryError("it belongs to another key")
        return entry

    def put(self, entry: Entry) -> None:
        """Write an entry whose objects are there.

        Raises:
            OSError: It cannot be written.
        """
        path = self.entry_path(entry.stage, entry.key)
        path.parent.mkdir(parents=True, exist_ok=True)
        reached("cache.kept")
        atomic_write(path, entry.to_bytes())
        reached("cache.written")

    def asked(self, stage: str, key: str) -> frozenset[str]:
        """Return what stages of a key asked the context for without declaring it; nothing where that is not known."""
        try:
            with open(self._asked_path(stage, key), "rb") as stream:  # noqa: PTH123 - for every stage
                return frozenset(map(str, json.load(stream)))
        except (OSError, ValueError, TypeError):
            return frozenset()

    def put_asked(self, stage: str, key: str, names: frozenset[str]) -> None:
        """Write down what a stage of a key asked for.

        Raises:
            OSError: It cannot be written.
        """
        path = Path(self._asked_path(stage, key))
        path.parent.mkdir(parents=True, exist_ok=True)
        atomic_write(path, json.dumps(sorted(names)).encode())

    def _asked_path(self, stage: str, key: str) -> str:
        return f"{self._of_stage(stage)}/asked/{key}.json"

    def put_text(self, text: str) -> ObjectRef:
        """Write a JSON text as an object.

        Raises:
            StoreError: The disk did not take it.
        """
        data = text.encode("utf-8", "backslashreplace")
        return self.objects.put(lambda stream: stream.write(data), ".json")

    def remove(self, stage: str, key: str) -> None:
        """Take an entry away; what cannot be removed stays."""
        with contextlib.suppress(OSError):
            self.entry_path(stage, key).unlink()

    def used(self, entry: Entry) -> None:
        """Take note that an entry was used now: what was not used for longest goes first."""
        with contextlib.suppress(OSError):
            os.utime(f"{self._of_stage(entry.stage)}/{entry.key}.json")

    def files(self, stage: str | None = None) -> Iterator[Path]:
        """Yield the files of all entries, or of those of one stage, in the order of their names."""
        directory = self.path / "entries" if stage is None else Path(self._of_stage(stage))
        yield from sorted(directory.glob("*/*.json" if stage is None else "*.json"))

    def entries(self, stage: str | None = None) -> Iterator[tuple[Path, Entry]]:
        """Yield file and content of all whole entries, or of those of one stage."""
        for path in self.files(stage):
            with contextlib.suppress(OSError, DamagedEntryError):  # removed meanwhile, or of no use
                yield path, Entry.from_bytes(path.read_bytes())

    @contextlib.contextmanager
    def in_use(self) -> Iterator[None]:
        """Keep the objects of this cache from being cleared away while something is read or written."""
        with self._locked(fcntl.LOCK_SH):
            yield

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Wait until nobody reads or writes, and let nobody until the end."""
        with self._locked(fcntl.LOCK_EX):
            yield

    def close(self) -> None:
        """Give back the file by which processes wait for each other."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    @contextlib.contextmanager
    def _locked(self, how: int) -> Iterator[None]:
        if self._lock < 0:
            self.path.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        fcntl.flock(self._lock, how)
        try:
            yield
        finally:
            fcntl.flock(self._lock, fcntl.LOCK_UN)

    def _of_stage(self, stage: str) -> str:
        if stage not in self._stages:
            name = stage if _NAME.fullmatch(stage) else digest_of(stage).partition(":")[2]
            self._stages[stage] = str(self.path / "entries" / name)
        return self._stages[stage]
