"""A stage whose result was looked for in vain: whether what runs in its place is what its key says."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from time import perf_counter
from typing import TYPE_CHECKING, Self

from crucible_core.runs.cache.context_parts import UNHOLDABLE
from crucible_core.runs.cache.errors import UncacheableError

if TYPE_CHECKING:
    from crucible_core.contract.runtime import Runtime
    from crucible_core.pipeline.plan import PlannedStage
    from crucible_core.runs.cache.stage_key import StageKey, StageKeys

__all__ = ["LookedFor"]


@dataclass(frozen=True)
class LookedFor:
    """A stage that runs because its result was not there.

    Args:
        planned: The stage.
        key: Its key.
        base: Its key without what is known only once it ran.
        known: What of the context it was known to ask for without declaring it; the key holds that too.
        modules: Names of the modules that were imported before it ran.
        began: When, by ``perf_counter()``.
        imported: Names of those that were imported while it did.
        asked: What it did ask for.
        duration_s: How long it took.
    """

    planned: PlannedStage
    key: StageKey
    base: StageKey
    known: frozenset[str]
    modules: frozenset[str] = frozenset()
    began: float = 0.0
    imported: frozenset[str] = frozenset()
    asked: frozenset[str] = frozenset()
    duration_s: float | None = None

    @property
    def stage(self) -> str:
        """Name of the stage."""
        assert self.planned.description is not None
        return self.planned.description.name

    def begun(self) -> Self:
        """Return the same for a stage that runs from now on."""
        return replace(self, modules=frozenset(sys.modules), began=perf_counter())

    def ended(self, runtime: Runtime) -> Self:
        """Return the same for a stage that has run just now; what is imported from here on is not imported by it."""
        imported = frozenset(sys.modules) - self.modules
        return replace(self, imported=imported, asked=runtime.asked, duration_s=round(perf_counter() - self.began, 6))

    def check(self, keys: StageKeys, runtime: Runtime) -> None:
        """Make sure that the result belongs to the key.

        Raises:
            UncacheableError: It may depend on something else, or something changed while the stage ran.
        """
        if runtime.attempt > 1:
            raise UncacheableError(f"it took {runtime.attempt} attempts, so it depends on more than its inputs")
        unholdable = sorted(self.asked & UNHOLDABLE)
        if unholdable:
            raise UncacheableError(f"it asked for {', '.join(unholdable)}, which is another in every run")
        for path, sha256 in self.key.files.items():
            if keys.contents.file(path) != sha256:
                raise UncacheableError(f"{path} changed while the stage ran")
        options, _ = keys.options.of(self.planned, frozenset())
        if not options.items() <= self.key.parts.items():
            raise UncacheableError("a file that its options name changed while it ran")
        for name in sorted(self.imported):
            self._check_import(name, keys)

    def _check_import(self, name: str, keys: StageKeys) -> None:
        file = getattr(sys.modules.get(name), "__file__", None)
        if isinstance(file, str) and file not in self.key.files and not keys.closures.is_fixed(name):
            raise UncacheableError(f"it imported {name}, which the sources it consists of do not name")
