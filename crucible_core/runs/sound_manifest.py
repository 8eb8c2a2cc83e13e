"""A manifest as every reader may rely on it, from one of any age and in any state."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

_TEXT, _NUMBER, _COUNT = (str,), (int, float), (int,)

_SHAPES: dict[str, tuple[tuple[type, ...], Callable[[], Any]]] = {
    "crucible_version": (_TEXT, lambda: None),
    "run_id": (_TEXT, lambda: None),
    "experiment_id": (_TEXT, lambda: None),
    "description": (_TEXT, lambda: None),
    "status": (_TEXT, lambda: "unknown"),
    "created_at": (_TEXT, lambda: None),
    "started_at": (_TEXT, lambda: None),
    "finished_at": (_TEXT, lambda: None),
    "duration_s": (_NUMBER, lambda: None),
    "seed": (_COUNT, lambda: None),
    "spec_file": (_TEXT, lambda: None),
    "command": ((list,), lambda: None),
    "tags": ((list,), list),
    "params": ((dict,), dict),
    "inputs": ((dict,), dict),
    "stages": ((list,), list),
    "metrics": ((dict,), dict),
    "verdicts": ((list,), list),
    "datasets": ((dict,), dict),
    "checkpoints": ((list,), list),
    "artifacts": ((list,), list),
    "quality_targets": ((dict,), dict),
    "failure": ((dict,), lambda: None),
    "git": ((dict,), lambda: None),
    "python": ((dict,), dict),
    "packages": ((dict,), dict),
    "process": ((dict,), dict),
    "journal_sha256": (_TEXT, lambda: None),
}
"""Key to the types its value may have, and what stands there where it has none of them."""

_STAGE: dict[str, tuple[tuple[type, ...], Callable[[], Any]]] = {
    "name": (_TEXT, lambda: None),
    "module": (_TEXT, lambda: None),
    "version": (_TEXT, lambda: None),
    "distribution": (_TEXT, lambda: None),
    "distribution_version": (_TEXT, lambda: None),
    "options": ((dict,), dict),
    "reads": ((list,), list),
    "may_read": ((list,), list),
    "writes": ((list,), list),
    "may_write": ((list,), list),
    "status": (_TEXT, lambda: "unknown"),
    "reason": (_TEXT, lambda: None),
    "attempts": (_COUNT, lambda: 0),
    "cache": ((dict,), lambda: None),
    "started_at": (_TEXT, lambda: None),
    "duration_s": (_NUMBER, lambda: None),
}


def sound_manifest(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a manifest that has every key that readers look at, each with a value of the right type.

    What is missing, as in a manifest of an older version, or damaged is empty; keys nobody asks for stay.
    """
    sound = _shaped(document, _SHAPES)
    sound["stages"] = [_shaped(each, _STAGE) for each in sound["stages"] if _has_texts(each, "id")]
    sound["artifacts"] = [each for each in sound["artifacts"] if _has_texts(each, "path", "stage")]
    sound["checkpoints"] = [each for each in sound["checkpoints"] if _has_texts(each, "path", "stage")]
    sound["verdicts"] = [each for each in sound["verdicts"] if isinstance(each, Mapping)]
    sound["datasets"] = {key: each for key, each in sound["datasets"].items() if isinstance(each, Mapping)}
    given = sound["inputs"].get("assigns")
    rows = sound["inputs"].get("outputs")
    sound["inputs"] = {
        "assigns": {key: each for key, each in given.items() if isinstance(each, Mapping)}
        if isinstance(given, Mapping)
        else {},
        "outputs": rows if isinstance(rows, int) else 0,
    }
    if not isinstance(sound["process"].get("pid"), int):
        sound["process"] = {}
    return sound


def _shaped(
    document: Mapping[str, Any], shapes: Mapping[str, tuple[tuple[type, ...], Callable[[], Any]]]
) -> dict[str, Any]:
    wrong = {key: empty() for key, (types, empty) in shapes.items() if not _is_a(document.get(key), types)}
    return {**document, **wrong}


def _is_a(value: Any, types: tuple[type, ...]) -> bool:
    return isinstance(value, types) and not isinstance(value, bool)


def _has_texts(value: Any, *keys: str) -> bool:
    return isinstance(value, Mapping) and all(isinstance(value.get(key), str) for key in keys)
