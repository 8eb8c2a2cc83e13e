"""The built-in stage ``validate``: what a plan check cannot know."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from crucible_core.contract.errors import StageError
from crucible_core.contract.example import StageExample
from crucible_core.contract.options import StageOptions
from crucible_core.contract.paths import covers
from crucible_core.contract.stage import Stage
from crucible_core.contract.traits import Traits
from crucible_core.pipeline.planning import RENDERER
from crucible_core.stages.named_data import missing_and_unknown

if TYPE_CHECKING:
    from crucible_core.contract.context import Context

_GIB = 1 << 30


class Validate(Stage):
    """Check what a plan cannot know: targets, datasets, models, sinks, free space and packages."""

    name = "validate"
    version = "1.0.0"
    may_read = ("metrics.*",)
    writes = ("metrics.{id}",)
    errors = {"validation_failed": "Something the experiment needs is not there; the message lists all of it."}
    traits = Traits(
        determinism="none",
        reasons={
            "determinism": "The answer depends on files, packages and free space of this machine.",
            "metrics.*": "Quality targets may name metrics that are in the context from the start.",
        },
    )

    class Options(StageOptions):
        """How much to ask for."""

        strict: Annotated[bool, Field(description="Fail on a problem; otherwise record it and go on.")] = True
        packages: Annotated[
            list[str], Field(description="Requirements that must be installed, e.g. 'scipy>=1.11'.")
        ] = []
        min_free_gib: Annotated[
            float, Field(ge=0, description="Free space the output directory must have, in GiB.")
        ] = 0.1

    examples = (
        StageExample("Nothing is missing.", options={"packages": ["pydantic>=2"]}),
        StageExample("A package that is not there is recorded.", options={"packages": ["no-such"], "strict": False}),
        StageExample("A disk that large does not exist.", options={"min_free_gib": 1e12}, raises="validation_failed"),
    )

    def run(self, context: Context, options: Any) -> Context:
        """Look for everything and list what is missing.

        Raises:
            StageError: ``validation_failed``, where strict.
        """
        missing, unknown = missing_and_unknown(context)
        problems = [
            *_targets(context),
            *missing,
            *_sink_problems(context),
            *_space_problems(context, options.min_free_gib),
            *_package_problems([*options.packages, *_needed_packages(context)]),
        ]
        if problems and options.strict:
            raise StageError("validation_failed", "; ".join(problems), problems=problems)
        found = {"status": "problems" if problems else "passed", "problems": problems, "unchecked": unknown}
        return context.put_metric(context.runtime.stage_id, found)


def _targets(context: Context) -> Iterator[str]:
    """Yield a problem for each quality target whose metric is not there and will not be."""
    if context.experiment is None or context.runtime.plan is None:
        return
    stages = context.runtime.plan.stages
    for path in context.experiment.quality_targets:
        if context.read(path, None) is not None:
            continue
        writers = [stage.id for stage in stages if any(covers(each, path) for each in stage.writes)]
        if not writers:
            named = sorted(each for stage in stages for each in stage.writes if each.startswith("metrics."))
            yield f"quality target {path}: no stage writes it; metrics written: {', '.join(named) or 'none'}"
        elif all(map(context.stage_completed, writers)):
            done = ", ".join(writers)
            yield f"quality target {path}: {done} is done and did not write it; {_measured(context, path)}"


def _measured(context: Context, path: str) -> str:
    """Say what there is where a metric was looked for."""
    parent, _, _ = path.rpartition(".")
    held = context.read(parent, None)
    return (
        f"{parent} holds {', '.join(sorted(map(str, held))) or 'nothing'}"
        if isinstance(held, Mapping)
        else (f"there is no {parent}")
    )


def _sink_problems(context: Context) -> Iterator[str]:
    """Yield what the stage report, which runs last, would refuse."""
    from crucible_core.stages.report.destinations import refuse_missing_sinks

    planned = context.runtime.plan.stages if context.runtime.plan is not None else ()
    names = [each.description.name for each in planned if each.description]
    if context.experiment is None or RENDERER not in names:
        return
    try:
        refuse_missing_sinks(context.experiment.outputs or ())
    except StageError as error:
        yield error.message


def _space_problems(context: Context, min_free_gib: float) -> Iterator[str]:
    import shutil

    where = Path(context.runtime.record().get("output_dir") or ".")
    free = shutil.disk_usage(where if where.exists() else ".").free / _GIB
    if free < min_free_gib:
        yield f"{where.resolve()} has {free:.2f} GiB free, {min_free_gib:g} are asked for"


def _needed_packages(context: Context) -> Iterator[str]:
    """Yield what the stages of this run say they need."""
    for stage in context.runtime.plan.stages if context.runtime.plan is not None else ():
        if stage.description is not None:
            yield from stage.description.traits.resources.get("packages", ())


def _package_problems(requirements: Iterable[str]) -> Iterator[str]:
    from importlib_metadata import PackageNotFoundError, version
    from packaging.requirements import InvalidRequirement, Requirement

    for text in dict.fromkeys(requirements):
        try:
            requirement = Requirement(text)
            installed = version(requirement.name)
        except InvalidRequirement as error:
            yield f"package {text!r}: not a requirement: {error}"
        except PackageNotFoundError:
            yield f"package {text} is not installed; type: pip install '{text}'"
        else:
            if not requirement.specifier.contains(installed, prereleases=True):
                yield f"package {requirement.name} is {installed}, {text} is asked for; type: pip install '{text}'"
