"""One entry of the cache: a key in its parts, and the result that belongs to it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from crucible_core.contract.json_values import as_text
from crucible_core.runs.cache.key_values import digest_of
from crucible_core.runs.codecs import DamagedObjectError, ObjectRef, objects_in

__all__ = ["CachedFile", "CachedResult", "DamagedEntryError", "Entry"]


class DamagedEntryError(Exception):
    """An entry is not what was written."""


@dataclass(frozen=True)
class CachedFile:
    """A file that a stage wrote.

    Args:
        name: Its path in the stage's directory.
        sha256: Hash of its content, by which it lies in the store.
        bytes: Its size.
        executable: Whether it may be run.
    """

    name: str
    sha256: str
    bytes: int
    executable: bool = False

    @property
    def object(self) -> ObjectRef:
        """The object that holds it."""
        return ObjectRef(self.sha256, self.bytes)


@dataclass(frozen=True)
class CachedResult:
    """What a stage left behind.

    Args:
        metrics: Metrics, as a record holds them.
        state: What else it changed, as `StageStates` says it; its values lie in the cache's store.
        appends: Whether its outputs come after those that are there, however many these are.
        files: The files it wrote.
        names_run: Whether it names the run's directory, or what stands for it.
    """

    metrics: Mapping[str, Any] = field(default_factory=dict)
    state: Mapping[str, Any] = field(default_factory=dict)
    appends: bool = False
    files: tuple[CachedFile, ...] = ()
    names_run: bool = False

    def objects(self) -> Iterator[ObjectRef]:
        """Yield every object that it needs; one may come twice.

        Raises:
            DamagedObjectError: It refers to something that cannot be an object.
        """
        yield from objects_in(dict(self.state))
        for file in self.files:
            yield file.object


@dataclass(frozen=True)
class Entry:
    """A key and its result.

    Args:
        key: The key.
        stage: Name of the stage.
        stage_id: Id of the step that made it.
        experiment_id: The experiment it was made in.
        run_id: The run it was made in.
        created_at: When.
        parts: What the key was made of.
        code: Name of a part that stands for code to the object that lists it.
        result: The result; None where there is none.
        reason: Why there is none.
        duration_s: How long the stage took.
    """

    key: str
    stage: str
    stage_id: str
    experiment_id: str
    run_id: str
    created_at: str
    parts: Mapping[str, str]
    code: Mapping[str, ObjectRef]
    result: CachedResult | None = None
    reason: str | None = None
    duration_s: float | None = None

    def objects(self) -> Iterator[ObjectRef]:
        """Yield every object that it needs; one may come twice."""
        yield from self.code.values()
        if self.result is not None:
            yield from self.result.objects()

    def to_bytes(self) -> bytes:
        """Return the entry as the file holds it: a hash of the rest, and the rest as JSON."""
        text = as_text({**asdict(self), "code": {name: ref.to_dict() for name, ref in self.code.items()}})
        data = text.encode("utf-8", "backslashreplace")
        return f"{digest_of(data.decode())}\n".encode() + data

    @classmethod
    def from_bytes(cls, data: bytes) -> Entry:
        """Read what `to_bytes` gave.

        Raises:
            DamagedEntryError: It is something else.
        """
        try:
            check, _, text = data.decode("utf-8").partition("\n")
            if check != digest_of(text):
                raise DamagedEntryError("it is not what was written")
            document = json.loads(text)
            return cls(
                **{
                    **document,
                    "code": {name: ObjectRef.from_dict(ref) for name, ref in document["code"].items()},
                    "result": _result(document["result"]),
                }
            )
        except (ValueError, KeyError, TypeError, AttributeError, DamagedObjectError) as error:
            raise DamagedEntryError(str(error)) from error


def _result(document: dict[str, Any] | None) -> CachedResult | None:
    if document is None:
        return None
    return CachedResult(**{**document, "files": tuple(CachedFile(**each) for each in document["files"])})
