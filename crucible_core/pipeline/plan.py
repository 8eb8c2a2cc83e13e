"""An experiment that can run: its stages, ready."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from crucible_core.contract.json_values import REDACTED, as_record
from crucible_core.contract.options import option_values
from crucible_core.contract.paths import fill
from crucible_core.contract.type_spec import is_secret

if TYPE_CHECKING:
    from crucible_core.contract.description import StageDescription
    from crucible_core.contract.stage import StageLike
    from crucible_core.ir import Experiment, SpecDocument, StageDef
    from crucible_core.pipeline.loading import Loaded
    from crucible_core.pipeline.policies import Policies
    from crucible_core.pipeline.problems import Problem


class PlannedStage(NamedTuple):
    """One stage, ready to run; ``stage`` is None where it is disabled, ``policies`` where it has none."""

    position: int
    definition: StageDef
    loaded: Loaded | None = None
    stage: StageLike | None = None
    description: StageDescription | None = None
    options: Any = None
    given: tuple[str, ...] = ()
    policies: Policies | None = None

    @property
    def id(self) -> str:
        """Id of the stage within the experiment."""
        return self.definition.id

    @property
    def writes(self) -> tuple[str, ...]:
        """Context paths it may write, its id filled in."""
        if self.description is None:
            return ()
        return fill(self.description.writes + self.description.may_write, {"id": self.id})

    def shown_options(self) -> dict[str, Any]:
        """Return the effective options as they may be recorded: secrets as asterisks."""
        if self.description is None or self.options is None:
            return {}
        values = option_values(self.options)
        types = self.description.options.types
        return {name: REDACTED if is_secret(types.get(name)) and value else value for name, value in values.items()}

    def shown_options_json(self) -> dict[str, Any]:
        """Return `shown_options` as JSON values."""
        shown: dict[str, Any] = as_record(self.shown_options())
        return shown


class Plan(NamedTuple):
    """An experiment that can run.

    Args:
        experiment: The experiment.
        stages: Its stages in order, the disabled ones included.
        notes: Problems that do not keep it from running (option mode ``warn``).
        document: Where the experiment was read from; None for Python.
    """

    experiment: Experiment
    stages: tuple[PlannedStage, ...]
    notes: tuple[Problem, ...] = ()
    document: SpecDocument | None = None
