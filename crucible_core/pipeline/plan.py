"""Turn an experiment into a plan: every stage loaded, every option checked, every input accounted for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crucible_core.contract.json_values import REDACTED, as_record
from crucible_core.contract.paths import OPEN, fill, path_problem, placeholders
from crucible_core.contract.type_spec import is_secret
from crucible_core.pipeline.dataflow import Flow, flow_of, missing_inputs
from crucible_core.pipeline.loading import Loaded, StageLoader
from crucible_core.pipeline.options import OptionMode, OptionProblem, checked, section_values
from crucible_core.pipeline.problems import PlanError, Problem, ProblemCode

if TYPE_CHECKING:
    from crucible_core.contract.description import StageDescription
    from crucible_core.contract.stage import StageLike
    from crucible_core.ir import Experiment, SpecDocument, StageDef
    from crucible_core.plugins.registry import Registry


@dataclass(frozen=True, slots=True)
class PlannedStage:
    """One stage, ready to run; ``stage`` is None where it is disabled."""

    index: int
    definition: StageDef
    loaded: Loaded | None = None
    stage: StageLike | None = None
    description: StageDescription | None = None
    options: Any = None
    given: tuple[str, ...] = ()

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
        values = dict(self.options)
        types = self.description.options.types
        return {name: REDACTED if is_secret(types.get(name)) and value else value for name, value in values.items()}

    def shown_options_json(self) -> dict[str, Any]:
        """Return `shown_options` as JSON values."""
        shown: dict[str, Any] = as_record(self.shown_options())
        return shown


@dataclass(frozen=True, slots=True)
class Plan:
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
    document: SpecDocument | None = field(default=None, repr=False)


def make_plan(
    experiment: Experiment,
    registry: Registry,
    *,
    document: SpecDocument | None = None,
    given: Iterable[str] = (),
    mode: OptionMode = OptionMode.ERROR,
) -> Plan:
    """Resolve, load and check everything an experiment asks for; run nothing.

    Args:
        experiment: The experiment.
        registry: Where stages are found.
        document: The spec file it was read from, for places in messages.
        given: Context paths that are there from the start.
        mode: How strictly options are checked.

    Raises:
        PlanError: It cannot run; all reasons are listed.
    """
    planner = _Planner(experiment, StageLoader(registry), document, mode)
    stages = tuple(planner.plan(index, definition) for index, definition in enumerate(experiment.pipeline))
    planner.check_ids()
    planner.check_inputs(stages, given)
    if planner.problems:
        raise PlanError(sorted(planner.problems, key=lambda problem: planner.order[problem.path.partition(".")[0]]))
    return Plan(experiment, stages, tuple(planner.notes), document)


class _Planner:
    """Collect problems while going through a pipeline once."""

    def __init__(
        self, experiment: Experiment, loader: StageLoader, document: SpecDocument | None, mode: OptionMode
    ) -> None:
        self.problems: list[Problem] = []
        self.notes: list[Problem] = []
        self.order = {f"pipeline[{index}]": index for index in range(len(experiment.pipeline))}
        self._experiment = experiment
        self._loader = loader
        self._document = document
        self._mode = mode
        self._sections: dict[str, Mapping[str, Any]] = {}
        self._bare: dict[type, tuple[StageDescription, Any]] = {}
        self._refused: dict[int, frozenset[str]] = {}

    def plan(self, index: int, definition: StageDef) -> PlannedStage:
        """Resolve, load and check one stage."""
        if not definition.enabled:
            return PlannedStage(index, definition)
        loaded = self._loader.load(definition)
        if loaded.failure is not None:
            code, message, hint = loaded.failure
            self._problem(code, message, index, ("module",) if definition.module else ("name",), hint)
            return PlannedStage(index, definition)
        return self._with_options(index, definition, loaded)

    def check_ids(self) -> None:
        """Find ids used twice."""
        first: dict[str, int] = {}
        for index, definition in enumerate(self._experiment.pipeline):
            if first.setdefault(definition.id, index) != index:
                self._problem(
                    "duplicate_id",
                    f"the id {definition.id!r} is taken by pipeline[{first[definition.id]}]",
                    index,
                    ("id",) if "id" in definition.fields_set else ("name",),
                    "give one of them another id",
                )

    def check_inputs(self, stages: tuple[PlannedStage, ...], given: Iterable[str]) -> None:
        """Find reads that nobody satisfies; a stage that did not load might have written anything."""
        planned = [stage for stage in stages if stage.definition.enabled]
        for missing in missing_inputs([_flow(stage) for stage in planned], given):
            stage = planned[missing.index]
            if self._depends_on_refused(stage, missing.path):
                continue
            if missing.later == stage.id:
                hint: str | None = "it writes this itself, but reads it first"
            elif missing.later:
                hint = f"{missing.later!r} writes it, but comes later; move it before {stage.id!r}"
            else:
                hint = f"did you mean {missing.near!r}?" if missing.near else None
            message = f"{stage.id!r} reads {missing.path}, which nothing before it writes"
            self._problem("missing_input", message, stage.index, (), hint)

    def _depends_on_refused(self, stage: PlannedStage, path: str) -> bool:
        """Tell whether a stage reads a path only because of an option whose value was refused."""
        refused = self._refused.get(stage.index, frozenset())
        patterns = stage.loaded.description.reads if stage.loaded else ()
        return path not in patterns and any(refused.intersection(placeholders(pattern)) for pattern in patterns)

    def _with_options(self, index: int, definition: StageDef, loaded: Loaded) -> PlannedStage:
        section = self._section(loaded.description.section)
        names = loaded.description.options.names
        given = {**{name: value for name, value in section.items() if name in names}, **definition.options}
        self._note_unused(index, loaded, section)
        if not given and loaded.kind in self._bare:
            description, options = self._bare[loaded.kind]
        else:
            options, problems = checked(loaded.description, loaded.model, given, self._mode)
            for problem in problems:
                place = ("options", problem.option) if problem.option in definition.options else ("options",)
                self._problem("invalid_options", problem.message, index, place, problem.hint, key=problem.key)
            description = loaded.filled(given) if options is None else self._described(index, loaded, dict(options))
            problems += self._check_paths(index, description, definition)
            self._refused[index] = frozenset(problem.option for problem in problems)
            if not given and not problems:
                self._bare[loaded.kind] = description, options
        return PlannedStage(index, definition, loaded, loaded.make(), description, options, tuple(definition.options))

    def _check_paths(self, index: int, description: StageDescription, definition: StageDef) -> list[OptionProblem]:
        """Find options that name a place in the context that cannot be."""
        paths = description.reads + description.may_read + description.writes + description.may_write
        found = []
        for path in dict.fromkeys(fill(paths, {"id": definition.id})):
            wrong = None if placeholders(path) else path_problem(path)
            if wrong is not None:
                option = next((name for name, value in definition.options.items() if value == path), "")
                found.append(OptionProblem(option, wrong))
                self._problem("invalid_options", wrong, index, ("options", option) if option else ("options",))
        return found

    def _note_unused(self, index: int, loaded: Loaded, section: Mapping[str, Any]) -> None:
        """Say which set fields of a stage's section it does not take: what was asked for will not be done."""
        for name in section:
            if name not in loaded.description.options.names:
                where = f"{loaded.description.section}.{name}"
                message = f"{where} is set, but {loaded.description.name} has no such option and leaves it out"
                self.notes.append(Problem("invalid_options", message, self._id(index), f"pipeline[{index}]"))

    def _described(self, index: int, loaded: Loaded, options: Mapping[str, Any]) -> StageDescription:
        """Ask a stage that describes itself about these options; fill in the paths of one that does not."""
        values = {**loaded.description.options.defaults, **options}
        if loaded.derived:
            return loaded.description.filled(values)
        try:
            return loaded.describe(values).filled(values)
        except Exception as error:  # noqa: BLE001 - a stage's own code: whatever it raises is its description failing
            message = f"describe(options) of {loaded.description.name} failed: {type(error).__name__}: {error}"
            self._problem("stage_unloadable", message, index, ("name",), None)
            return loaded.description

    def _section(self, section: str | None) -> Mapping[str, Any]:
        if section is None:
            return {}
        if section not in self._sections:
            self._sections[section] = section_values(self._experiment, section)
        return self._sections[section]

    def _id(self, index: int) -> str:
        return self._experiment.pipeline[index].id

    def _problem(
        self,
        code: ProblemCode,
        message: str,
        index: int,
        place: tuple[str, ...],
        hint: str | None = None,
        *,
        key: bool = False,
    ) -> None:
        path: tuple[str | int, ...] = ("pipeline", index, *place)
        text = f"pipeline[{index}]" + "".join(f".{step}" for step in place)
        location = self._document.locate(path, key=key) if self._document else None
        found = Problem(code, message, self._id(index), text, location, hint)
        lenient = code == "invalid_options" and self._mode is not OptionMode.ERROR
        (self.notes if lenient else self.problems).append(found)


def _flow(stage: PlannedStage) -> Flow:
    """Return what a stage reads and writes; one that did not load reads nothing and writes anything."""
    about = stage.description
    if about is None:
        return Flow(stage.id, (), (OPEN,))
    return flow_of(stage.id, about.reads, about.writes + about.may_write)
