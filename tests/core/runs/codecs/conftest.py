"""Values that go through JSON text and a store, as they do in a run."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crucible_core.plugins.builtin_codecs import BUILTIN_CODECS
from crucible_core.runs.codecs import NoCodecError, ObjectStore, Values


@pytest.fixture
def store(tmp_path: Path) -> ObjectStore:
    return ObjectStore(tmp_path / "checkpoints")


@pytest.fixture
def values(store: ObjectStore) -> Values:
    return Values(store, lambda: BUILTIN_CODECS)


@pytest.fixture
def kept(store: ObjectStore) -> Callable[..., Any]:
    """Return what comes back of a value, in another run of the same store."""

    def keep(value: Any, **options: Any) -> Any:
        encoded = Values(store, lambda: BUILTIN_CODECS).encode(value, **options)
        line = json.dumps(encoded, ensure_ascii=False, allow_nan=False).encode("utf-8", "backslashreplace")
        return Values(store, lambda: BUILTIN_CODECS).decode(json.loads(line), **options)

    return keep


@pytest.fixture
def refused(values: Values) -> Callable[..., str]:
    """Return what is said of a value that cannot be kept."""

    def refuse(value: Any, **options: Any) -> str:
        with pytest.raises(NoCodecError) as caught:
            values.encode(value, **options)
        return f"{caught.value}; {caught.value.hint}"

    return refuse
