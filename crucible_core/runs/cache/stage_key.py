"""The key of a stage's result: everything that the result depends on, in parts that can be compared."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache as cached
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from crucible_core.contract.json_values import as_text
from crucible_core.contract.runtime import derive_seed
from crucible_core.runs.cache.code_closure import CodeClosures
from crucible_core.runs.cache.context_parts import ContextParts
from crucible_core.runs.cache.errors import UncacheableError
from crucible_core.runs.cache.file_content import FileContents
from crucible_core.runs.cache.key_values import KeyValues, digest_of
from crucible_core.runs.cache.option_parts import OptionParts
from crucible_core.runs.cache.source_memo import SourceMemo

if TYPE_CHECKING:
    from crucible_core.contract.context import Context
    from crucible_core.contract.traits import Traits
    from crucible_core.pipeline.plan import Plan, PlannedStage
    from crucible_core.plugins.codec_ref import CodecRef
    from crucible_core.runs.cache.cache_directory import CacheDirectory
    from crucible_core.runs.cache.code_closure import CodeClosure
    from crucible_core.runs.cache.run_paths import RunPaths
    from crucible_core.runs.secret_values import SecretValues

__all__ = ["FORMAT", "StageKey", "StageKeys", "is_cacheable", "stage_keys"]

FORMAT = "1"
"""To be raised when keys, or entries, come to mean something else."""
_REPEATABLE = ("bitwise", "seeded")


@dataclass(frozen=True)
class StageKey:
    """What the result of one stage in one run depends on.

    Args:
        parts: Name of a part to its text.
        code: What the parts ``code`` and ``code of values`` stand for.
    """

    parts: Mapping[str, str]
    code: Mapping[str, CodeClosure] = field(default_factory=dict, repr=False)

    @cached_property
    def digest(self) -> str:
        """The key itself."""
        return digest_of(as_text(sorted(self.parts.items()))).partition(":")[2]

    @cached_property
    def files(self) -> dict[str, str]:
        """Path to hash of every file of the code."""
        return {path: sha256 for closure in self.code.values() for path, sha256 in closure.files.items()}


@dataclass(frozen=True)
class StageKeys:
    """Make the keys of the stages of one run.

    Args:
        seed: The run's seed.
        contents: Hashes files.
        closures: Finds code.
        options: Makes parts of options.
        inputs: Makes parts of what stages read.
    """

    seed: int
    contents: FileContents
    closures: CodeClosures
    options: OptionParts
    inputs: ContextParts

    def of(self, planned: PlannedStage, context: Context) -> StageKey:
        """Return the key of a stage.

        Args:
            planned: The stage; `is_cacheable`.
            context: What the stages before it left.

        Raises:
            UncacheableError: Something that its result depends on cannot be part of a key.
        """
        loaded, about = planned.loaded, planned.description
        assert loaded is not None
        assert about is not None
        if about.ephemeral:
            raise UncacheableError(f"it writes {', '.join(about.ephemeral)}, which is declared ephemeral")
        own = self.closures.of_stage(loaded.kind, loaded.ref.distribution)
        options, named = self.options.of(planned, own.names)
        inputs, brought = self.inputs.declared(planned, context)
        given = self.closures.of_modules((named | brought) - own.modules.keys())
        code = {"code": own, "code of values": given}
        parts = {
            "format": FORMAT,
            "python": _python(),
            "stage name": about.name,
            "stage class": f"{loaded.kind.__module__}:{loaded.kind.__qualname__}",
            "stage version": about.version,
            "stage id": planned.id,
            "distribution": f"{loaded.ref.distribution} {loaded.ref.version}" if loaded.ref.distribution else "none",
            "seed of the run": str(self.seed),
            "seed of the stage": str(derive_seed(self.seed, planned.id)),
            **{name: closure.digest for name, closure in code.items()},
            **options,
            **inputs,
        }
        return StageKey(parts, code)

    def also(self, key: StageKey, context: Context, asked: frozenset[str]) -> StageKey:
        """Return a key that holds what a stage asks for without declaring it as well.

        Args:
            key: What `of` returned.
            context: What the stages before it left.
            asked: What stages of this key are known to ask for.

        Raises:
            UncacheableError: It cannot be part of a key.
        """
        return replace(key, parts={**key.parts, **self.inputs.asked(context, asked)}) if asked else key


def stage_keys(
    cache: CacheDirectory,
    plan: Plan,
    seed: int,
    codecs: Callable[[], Iterable[CodecRef]],
    secrets: SecretValues,
    paths: RunPaths,
) -> StageKeys:
    """Return what makes the keys of one run.

    Args:
        cache: Keeps what sources say.
        plan: What is run.
        seed: The run's seed.
        codecs: Returns the codecs for values.
        secrets: The secrets of the run.
        paths: The run's directory.
    """
    contents = FileContents()
    values = KeyValues(cache.temporary, codecs, secrets=secrets.texts, contents=contents, paths=paths)
    source = plan.document.source if plan.document is not None else None
    return StageKeys(
        seed,
        contents,
        CodeClosures(SourceMemo(cache.sources), contents),
        OptionParts(values, contents, Path(source).parent if source else None),
        ContextParts(values),
    )


def is_cacheable(traits: Traits) -> bool:
    """Tell whether a stage promises the same result for the same inputs, and lets it be kept."""
    return traits.cacheable and traits.determinism in _REPEATABLE


@cached
def _python() -> str:
    implementation, version = platform.python_implementation(), platform.python_version()
    optimised = f" -O{sys.flags.optimize}" if sys.flags.optimize else ""
    return f"{implementation} {version} on {sys.platform} {platform.machine()}{optimised}"
