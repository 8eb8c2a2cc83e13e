"""From a stage definition to a stage class and what it says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crucible_core.contract.description import StageDescription
from crucible_core.contract.description_reading import description_from
from crucible_core.contract.options import StageOptions
from crucible_core.contract.stage import Stage, class_description
from crucible_core.pipeline.problems import ProblemCode
from crucible_core.plugins.errors import StageUnavailableError, StageUnloadableError, UnknownStageError
from crucible_core.plugins.loading import load_stage
from crucible_core.plugins.problems import LoadProblemError, ProblemKind
from crucible_core.plugins.record import StageRef

if TYPE_CHECKING:
    from pydantic import BaseModel

    from crucible_core.contract.stage import StageLike
    from crucible_core.ir import StageDef
    from crucible_core.plugins.registry import Registry

Failure = tuple[ProblemCode, str, str | None]

_WHERE = "modules are looked for where Python looks; the crucible command adds the working directory and the spec's"


@dataclass(frozen=True, slots=True)
class Loaded:
    """A stage class that can be used, or why it cannot.

    Args:
        ref: Where it came from.
        kind: The class.
        description: What it says of itself without options.
        model: Its ``Options`` class, or None.
        derived: Whether the description follows from class attributes alone, so that it need not be asked again.
        failure: Problem code, message and hint where it cannot be used.
    """

    ref: StageRef
    kind: type
    description: StageDescription
    model: type[BaseModel] | None = None
    derived: bool = False
    failure: Failure | None = None

    def make(self) -> StageLike:
        """Make the one instance that belongs to a stage definition."""
        stage: StageLike = self.kind()
        return stage

    def filled(self, options: Mapping[str, Any]) -> StageDescription:
        """Return its description with what these options, and the defaults of the others, say about its paths."""
        return self.description.filled({**self.description.options.defaults, **options})

    def describe(self, options: Mapping[str, Any]) -> StageDescription:
        """Ask a new instance to describe itself with these options."""
        return description_from(self.make().describe(dict(options)))


class StageLoader:
    """Load each stage once, however many definitions use it."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._loaded: dict[str, Loaded] = {}

    def load(self, definition: StageDef) -> Loaded:
        """Return the class a definition names, by module or through the registry."""
        key = definition.module or definition.name
        if key not in self._loaded:
            self._loaded[key] = self._load(definition)
        return self._loaded[key]

    def _load(self, definition: StageDef) -> Loaded:
        ref = StageRef(definition.name, definition.module or "")
        if definition.module is not None:
            return _own(ref)
        try:
            ref = self._registry.resolve(definition.name)
            return inspected(ref, self._registry.load(ref))
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


def inspected(ref: StageRef, kind: type, fix: str = "run `crucible plugins doctor`") -> Loaded:
    """Look at a stage class: its description, its options, and whether it can be made and asked at all.

    Args:
        ref: Where it came from.
        kind: The class.
        fix: What to do where it cannot.
    """
    derived = issubclass(kind, Stage) and kind.describe is Stage.describe
    model = getattr(kind, "Options", None)
    try:
        description = class_description(kind) if issubclass(kind, Stage) and derived else None
        made = kind()
        description = description or description_from(made.describe(None))
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a stage's own code: whatever it raises, it is of no use
        message = f"the stage {ref.name!r} cannot be made or described: {type(error).__name__}: {error}"
        return _failed(ref, "stage_unloadable", message, fix)
    usable = isinstance(model, type) and issubclass(model, StageOptions)
    return Loaded(ref, kind, description, model if usable else None, derived)


def _failed(ref: StageRef, code: ProblemCode, message: str, hint: str | None) -> Loaded:
    return Loaded(ref, object, StageDescription(ref.name, ""), failure=(code, message, hint))
