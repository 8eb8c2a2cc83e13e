"""Turn an experiment into a plan: every stage loaded, every option checked, every input accounted for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from crucible_core.contract.options import option_values
from crucible_core.contract.paths import OPEN, fill, path_problem, placeholders
from crucible_core.ir.errors import path_text
from crucible_core.ir.stage_def import POLICY_FIELDS
from crucible_core.pipeline.dataflow import Flow, advice, flow_of, missing_inputs
from crucible_core.pipeline.loading import Loaded, StageLoader, why_not
from crucible_core.pipeline.options import OptionMode, OptionProblem, checked
from crucible_core.pipeline.plan import Plan, PlannedStage
from crucible_core.pipeline.problems import PlanError, Problem, ProblemCode
from crucible_core.pipeline.sections import section_values, unused_sections

if TYPE_CHECKING:
    from crucible_core.contract.description import StageDescription
    from crucible_core.contract.stage import StageLike
    from crucible_core.ir import Experiment, SpecDocument, StageDef
    from crucible_core.pipeline.policy_checks import PolicyProblem
    from crucible_core.plugins.registry import Registry

RENDERER = "report"
"""What a stage is called that renders the outputs of an experiment."""

Place = tuple[str | int, ...]


def make_plan(
    experiment: Experiment,
    registry: Registry,
    *,
    document: SpecDocument | None = None,
    given: Iterable[str] = (),
    mode: OptionMode = OptionMode.ERROR,
    overridden: frozenset[tuple[str, str]] = frozenset(),
) -> Plan:
    """Resolve, load and check everything an experiment asks for; run nothing.

    Args:
        experiment: The experiment.
        registry: Where stages are found.
        document: The spec file it was read from, for places in messages.
        given: Context paths that are there from the start.
        mode: How strictly options are checked.
        overridden: Stage id and option of what was given over the experiment's own; no place in the file is theirs.

    Raises:
        PlanError: It cannot run; all reasons are listed.
    """
    planner = _Planner(experiment, StageLoader(registry), document, mode, overridden)
    stages = tuple(planner.plan(index, definition) for index, definition in enumerate(experiment.pipeline))
    planner.check_ids()
    planner.check_inputs(stages, given)
    planner.check_conditions(stages)
    planner.check_asked(stages)
    if planner.problems:
        raise PlanError(problem for _, problem in sorted(planner.problems, key=lambda found: found[0]))
    return Plan(experiment, stages, tuple(planner.notes), document)


class _Planner:
    """Collect problems while going through a pipeline once."""

    def __init__(
        self,
        experiment: Experiment,
        loader: StageLoader,
        document: SpecDocument | None,
        mode: OptionMode,
        overridden: frozenset[tuple[str, str]],
    ) -> None:
        self.problems: list[tuple[int, Problem]] = []
        self.notes: list[Problem] = []
        self._experiment = experiment
        self._loader = loader
        self._document = document
        self._mode = mode
        self._overridden = overridden
        self._sections: dict[str, Mapping[str, Any]] = {}
        self._bare: dict[type, tuple[StageDescription, Any]] = {}
        self._refused: dict[int, frozenset[str]] = {}
        self._has_conditions = False

    def plan(self, index: int, definition: StageDef) -> PlannedStage:
        """Resolve, load and check one stage."""
        if not definition.enabled:
            return PlannedStage(index, definition)
        loaded = self._loader.load(definition)
        if loaded.failure is not None:
            self._problem(loaded.failure.code, loaded.failure.message, index, _name(definition), loaded.failure.hint)
            return PlannedStage(index, definition)
        planned = self._with_options(index, definition, loaded)
        without = definition.model_fields_set.isdisjoint(POLICY_FIELDS)
        return planned if without else self._with_policies(planned, loaded)

    def check_ids(self) -> None:
        """Find ids used twice."""
        first: dict[str, int] = {}
        for index, definition in enumerate(self._experiment.pipeline):
            if first.setdefault(definition.id, index) != index:
                self._problem(
                    "duplicate_id",
                    f"the id {definition.id!r} is taken by pipeline[{first[definition.id]}]",
                    index,
                    ("id",) if "id" in definition.fields_set else _name(definition),
                    "give one of them another id",
                )

    def check_inputs(self, stages: tuple[PlannedStage, ...], given: Iterable[str]) -> None:
        """Find reads that nobody satisfies; a stage that did not load might have written anything."""
        planned = [stage for stage in stages if stage.definition.enabled]
        for missing in missing_inputs([self._flow(stage) for stage in planned], given):
            stage = planned[missing.position]
            if not self._depends_on_refused(stage, missing.path):
                message = f"{stage.id!r} reads {missing.path}, which nothing before it writes"
                self._problem("missing_input", message, stage.position, (), advice(missing, stage.id))

    def check_conditions(self, stages: tuple[PlannedStage, ...]) -> None:
        """Find metrics that a condition asks for and that no stage before it may have written."""
        if self._has_conditions:
            from crucible_core.pipeline.policy_checks import condition_problems

            for stage, problem in condition_problems(stages, lambda stage: self._flow(stage).writes):
                self._wrong_policy(stage, problem)

    def check_asked(self, stages: tuple[PlannedStage, ...]) -> None:
        """Take note of what the experiment asks of no stage of the pipeline: it will not be done."""
        described = [stage.description for stage in stages if stage.description]
        for section in unused_sections(self._experiment, {about.section for about in described if about.section}):
            self._undone(section, "no stage of the pipeline takes its options from it")
        if self._experiment.outputs and RENDERER not in (about.name for about in described):
            self._undone("outputs", f"no stage of the pipeline renders them, as {RENDERER!r} does")

    def _undone(self, place: str, why: str) -> None:
        location = self._document.locate(tuple(place.split(".")), key=True) if self._document else None
        message = f"{place} is set, but {why}: it will not be done"
        self.notes.append(Problem("invalid_options", message, None, place, location))

    def _flow(self, stage: PlannedStage) -> Flow:
        """Return what a stage reads and writes; one that did not load reads nothing and writes anything."""
        about = stage.description
        if about is None or stage.loaded is None:
            return Flow(stage.id, (), (OPEN,))
        refused, patterns = self._refused.get(stage.position), stage.loaded.description
        anywhere = [
            f"{path.partition('.')[0]}.{OPEN}" if not path.startswith("{") else OPEN
            for path in (patterns.writes + patterns.may_write if refused else ())
            if refused and refused.intersection(placeholders(path))
        ]
        return flow_of(stage.id, about.reads, [*about.writes, *about.may_write, *anywhere])

    def _depends_on_refused(self, stage: PlannedStage, path: str) -> bool:
        """Tell whether a stage reads a path only because of an option whose value was refused."""
        refused = self._refused.get(stage.position, frozenset())
        patterns = stage.loaded.description.reads if stage.loaded else ()
        return path not in patterns and any(refused.intersection(placeholders(pattern)) for pattern in patterns)

    def _with_options(self, index: int, definition: StageDef, loaded: Loaded) -> PlannedStage:
        section = self._section(loaded.description.section)
        given: Mapping[str, Any] = definition.options
        if section:
            names = loaded.description.options.names
            given = {**{name: value for name, value in section.items() if name in names}, **given}
            self._note_unused(index, loaded, section)
        stage = self._made(index, loaded)
        if not given and loaded.kind in self._bare:
            description, options = self._bare[loaded.kind]
        else:
            options, problems = checked(loaded.description, loaded.model, given, self._mode)
            for problem in problems:
                self._wrong_option(index, loaded, problem, section)
            description = self._described(index, loaded, stage, given if options is None else option_values(options))
            problems += self._check_paths(index, description, definition)
            self._refused[index] = frozenset(problem.option for problem in problems)
            if not given and not problems and loaded.derived and _is_constant(options):
                self._bare[loaded.kind] = description, options
        return PlannedStage(index, definition, loaded, stage, description, options, tuple(definition.options))

    def _with_policies(self, planned: PlannedStage, loaded: Loaded) -> PlannedStage:
        """Make the stage's policies ready."""
        from crucible_core.pipeline.policy_checks import ready

        assert planned.description is not None
        policies, problems = ready(planned.definition, loaded, planned.description)
        for problem in problems:
            self._wrong_policy(planned, problem)
        self._has_conditions |= policies is not None and policies.condition is not None
        return planned._replace(policies=policies)

    def _wrong_policy(self, planned: PlannedStage, problem: PolicyProblem) -> None:
        from crucible_core.pipeline.policy_checks import placed

        self.problems.append((planned.position, placed(planned, problem, self._document)))

    def _made(self, index: int, loaded: Loaded) -> StageLike | None:
        """Make the one instance that belongs to a stage definition."""
        try:
            return loaded.make()
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - a stage's own code: whatever it raises, it is of no use
            message = f"the stage {loaded.description.name!r} cannot be made: {why_not(error)}"
            self._problem("stage_unloadable", message, index, _name(self._experiment.pipeline[index]), loaded.fix)
            return None

    def _wrong_option(self, index: int, loaded: Loaded, problem: OptionProblem, section: Mapping[str, Any]) -> None:
        """Report a wrong option where it was given: in the definition, in the experiment's section, or nowhere."""
        name, about = problem.option, loaded.description
        if (self._id(index), name) in self._overridden:
            message = f"{problem.message} (given over the experiment's own options)"
            self._problem("invalid_options", message, index, ("options", name), problem.hint, placed=False)
        elif not name or name in self._experiment.pipeline[index].options:
            within = ("options", name) if name else ("options",)
            self._problem("invalid_options", problem.message, index, within, problem.hint, key=problem.key)
        elif name in section:
            message = f"{problem.message}, as the option {name!r} of {about.name}"
            self._problem(
                "invalid_options", message, index, (), problem.hint, at=(*str(about.section).split("."), name)
            )
        else:
            self._problem("invalid_options", f"{name}: {problem.message}", index, ("options",), problem.hint)

    def _check_paths(self, index: int, description: StageDescription, definition: StageDef) -> list[OptionProblem]:
        """Find options that name a place in the context that cannot be."""
        about = description
        paths = (*about.reads, *about.may_read, *about.writes, *about.may_write, *about.ephemeral, *about.pickled)
        found = []
        for path in dict.fromkeys(fill(paths, {"id": definition.id})):
            wrong = None if placeholders(path) else path_problem(path)
            if wrong is not None:
                option = next((name for name, value in definition.options.items() if _names_path(value, path)), "")
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

    def _described(
        self, index: int, loaded: Loaded, stage: StageLike | None, options: Mapping[str, Any]
    ) -> StageDescription:
        """Ask a stage that describes itself about these options; fill in the paths of one that does not."""
        values = {**loaded.description.options.defaults, **options}
        if loaded.derived or stage is None:
            return loaded.description.filled(values)
        try:
            return loaded.describe(values, stage).filled(values)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - a stage's own code: whatever it raises, it is of no use
            message = f"describe(options) of {loaded.description.name} failed: {why_not(error)}"
            self._problem("stage_unloadable", message, index, _name(self._experiment.pipeline[index]), loaded.fix)
            return loaded.description.filled(values)

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
        place: Place,
        hint: str | None = None,
        *,
        key: bool = False,
        at: Place | None = None,
        placed: bool = True,
    ) -> None:
        """Take note of a problem of one stage, within its definition or ``at`` a place, ``placed`` in the file."""
        path = at or ("pipeline", index, *place)
        location = self._document.locate(path, key=key) if self._document and placed else None
        found = Problem(code, message, self._id(index), path_text(path), location, hint)
        if code == "invalid_options" and self._mode is not OptionMode.ERROR:
            self.notes.append(found)
        else:
            self.problems.append((index, found))


def _is_constant(options: Any) -> bool:
    """Tell whether options may be shared by stages: none of their values can be changed."""
    return all(type(value) in (bool, int, float, str, type(None)) for _, value in options)


def _name(definition: StageDef) -> Place:
    return ("module",) if definition.module else ("name",)


def _names_path(value: Any, path: str) -> bool:
    return path in value if isinstance(value, (list, tuple)) else isinstance(value, str) and value == path
