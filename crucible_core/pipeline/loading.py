"""From a stage definition to a stage class and what it says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, NamedTuple

from crucible_core.contract.description import StageDescription
from crucible_core.contract.description_reading import description_from
from crucible_core.contract.errors import named
from crucible_core.contract.options import StageOptions
from crucible_core.contract.stage import Stage, class_description
from crucible_core.pipeline.sections import section_problem
from crucible_core.plugins.containment import OwnInterruptError, ProcessExit, contained
from crucible_core.plugins.errors import StageUnavailableError, StageUnloadableError, UnknownStageError
from crucible_core.plugins.loading import explain, load_stage
from crucible_core.plugins.problems import LoadProblemError, ProblemKind
from crucible_core.plugins.record import StageRef
from crucible_core.plugins.time_limit import TimeUp

if TYPE_CHECKING:
    from pydantic import BaseModel

    from crucible_core.contract.stage import StageLike
    from crucible_core.ir import StageDef
    from crucible_core.pipeline.problems import ProblemCode
    from crucible_core.plugins.registry import Registry
    from crucible_core.plugins.time_limit import TimeLimit


class LoadFailure(NamedTuple):
    """Why a stage cannot be used, and what to do about it."""

    code: ProblemCode
    message: str
    hint: str | None


_WHERE = "modules are looked for where Python looks; the crucible command adds the working directory and the spec's"


class Loaded(NamedTuple):
    """A stage class that can be used, or why it cannot.

    Args:
        ref: Where it came from.
        kind: The class.
        description: What it says of itself without options.
        model: Its ``Options`` class, or None.
        derived: Whether the description follows from class attributes alone, so that it need not be asked again.
        failure: Why it cannot be used, or None.
        fix: What to do where its code fails.
        limit: How long it may take to be made, and to describe itself; None for ever, and where none of its code runs.
    """

    ref: StageRef
    kind: type
    description: StageDescription
    model: type[BaseModel] | None = None
    derived: bool = False
    failure: LoadFailure | None = None
    fix: str | None = None
    limit: TimeLimit | None = None

    def make(self) -> StageLike:
        """Make the one instance that belongs to a stage definition."""
        with _looked_at(self.limit):
            stage: StageLike = self.kind()
        return stage

    def describe(self, options: Mapping[str, Any], stage: StageLike | None = None) -> StageDescription:
        """Ask an instance, a new one where none is given, to describe itself with these options."""
        asked = stage or self.make()
        with _looked_at(self.limit):
            return description_from(asked.describe(dict(options)))


class StageLoader:
    """Load each stage once, however many definitions use it."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._loaded: dict[tuple[str | None, str], Loaded] = {}

    def load(self, definition: StageDef) -> Loaded:
        """Return the class a definition names, by module or through the registry."""
        key = definition.module, "" if definition.module else definition.name
        if key not in self._loaded:
            self._loaded[key] = self._load(definition)
        return self._loaded[key]

    def _load(self, definition: StageDef) -> Loaded:
        ref = StageRef(definition.name, definition.module or "")
        if definition.module is not None:
            return _own(ref)
        try:
            ref = self._registry.resolve(definition.name)
            return inspected(ref, self._registry.load(ref), limit=self._registry.limit(ref))
        except UnknownStageError as error:
            return _failed(ref, "unknown_stage", str(error), error.hint)
        except (StageUnavailableError, StageUnloadableError) as error:
            return _failed(ref, "stage_unloadable", str(error), error.hint)


def _own(ref: StageRef) -> Loaded:
    """Load a class that the spec names itself; no plugin is to blame for it."""
    try:
        return inspected(ref, load_stage(ref), "correct its code")
    except LoadProblemError as error:
        missing = error.problem.kind is ProblemKind.MODULE_MISSING
        message = f"{ref.value} cannot be used: {error.problem.reason}"
        return _failed(ref, "stage_unloadable", message, _WHERE if missing else None)


def inspected(
    ref: StageRef, kind: type, fix: str = "run `crucible plugins doctor`", limit: TimeLimit | None = None
) -> Loaded:
    """Look at a stage class: its description, its options, and whether it can be made and asked at all.

    Args:
        ref: Where it came from.
        kind: The class.
        fix: What to do where it cannot.
        limit: How long it may take to be made and to describe itself; for ever when None.
    """
    derived = issubclass(kind, Stage) and kind.describe is Stage.describe
    if derived and getattr(kind, "__init__", None) is object.__init__:
        limit = None  # none of its code runs, as with most stages
    try:
        with _looked_at(limit):
            made = kind()
            description = class_description(kind) if derived else description_from(made.describe(None))
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - a stage's own code: whatever it raises, it is of no use
        message = f"the stage {ref.name!r} cannot be made or described: {why_not(error)}"
        return _failed(ref, "stage_unloadable", message, fix)
    if ref.distribution is not None and description.name != ref.name:
        message = f"entry point {ref.name!r} names a stage that calls itself {description.name!r}"
        return _failed(ref, "stage_unloadable", message, fix)
    wrong = _class_problem(kind, description)
    if wrong is not None:
        return _failed(ref, "stage_unloadable", f"the stage {ref.name!r} cannot be used: {wrong}", fix)
    return Loaded(ref, kind, description, getattr(kind, "Options", None), derived, fix=fix, limit=limit)


def _looked_at(limit: TimeLimit | None) -> AbstractContextManager[None]:
    return contained(limit) if limit else nullcontext()


def why_not(error: BaseException) -> str:
    """Say in one line what came of it that a stage was made or asked."""
    ended = isinstance(error, (OwnInterruptError, ProcessExit, TimeUp))
    return explain(error).reason if ended else named(error)


def _class_problem(kind: type, description: StageDescription) -> str | None:
    """Say what else keeps a class that describes itself from being a stage, or None."""
    options = getattr(kind, "Options", None)
    if options is not None and not (isinstance(options, type) and issubclass(options, StageOptions)):
        return "its Options is no options class; write class Options(StageOptions)"
    if getattr(kind, "run", None) is Stage.run:
        return "it does not define run(context, options)"
    return section_problem(description.section) if description.section is not None else None


def _failed(ref: StageRef, code: ProblemCode, message: str, hint: str | None) -> Loaded:
    return Loaded(ref, object, StageDescription(ref.name, ""), failure=LoadFailure(code, message, hint))
