"""The values of one run on the disk."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crucible_core.plugins.codec_ref import CodecRef
    from crucible_core.runs.codecs import ObjectStore, Values
    from crucible_core.runs.directory import RunDirectory
    from crucible_core.runs.secret_values import SecretValues


def run_store(directory: RunDirectory, *, sync: bool = False) -> ObjectStore:
    """Return the store of a run."""
    from crucible_core.runs.codecs import ObjectStore

    return ObjectStore(directory.checkpoints, sync=sync)


def run_values(
    directory: RunDirectory, codecs: Callable[[], Iterable[CodecRef]], secrets: SecretValues, *, sync: bool
) -> Values:
    """Return the codecs over the store of a run; none of its secrets gets there.

    Args:
        directory: Where the run lies.
        codecs: Returns the codecs there are.
        secrets: The secrets of the run.
        sync: Wait for the disk with every value.
    """
    from crucible_core.runs.codecs import Values

    return Values(run_store(directory, sync=sync), codecs, secrets=secrets.texts)
