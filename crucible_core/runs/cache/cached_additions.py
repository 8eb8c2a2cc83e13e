"""What a stage added to the context, and what the cache did for it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crucible_core.runs.additions import StageAdditions

if TYPE_CHECKING:
    from crucible_core.contract.context import Context
    from crucible_core.contract.runtime import EventSink, Runtime
    from crucible_core.runs.additions import Keep
    from crucible_core.runs.cache.run_cache import RunCache

__all__ = ["CachedAdditions"]


class CachedAdditions(StageAdditions):
    """Record what a stage added, whether it ran or not, and keep the result of one that ran.

    Args:
        sink: As for `StageAdditions`.
        run_dir: Likewise.
        keep: Likewise.
        cache: The cache.
    """

    def __init__(self, sink: EventSink, run_dir: Path | None, keep: Keep | None, cache: RunCache) -> None:
        super().__init__(sink, run_dir, keep)
        self._cache = cache

    def __call__(self, before: Context, after: Context, stage_id: str, runtime: Runtime) -> Mapping[str, Any]:
        """Record what is new in ``after``.

        Raises:
            StageError: ``no_codec``: a value cannot be kept.
        """
        self._cache.ran(runtime)
        if self._cache.restored_files(stage_id):
            runtime.wrote_files = True
        added = super().__call__(before, after, stage_id, runtime)
        self._cache.keep(before, after, runtime)
        outcome = self._cache.outcome(stage_id)
        if outcome.get("outcome") == "hit":
            added = {**added, "detail": f"the result of {outcome['experiment_id']}/{outcome['run_id']}"}
        return {**added, "cache": outcome} if outcome else added
