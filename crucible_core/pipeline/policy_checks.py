"""Make the policies of a stage ready, and find those that cannot be kept before anything runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from crucible_core.ir.errors import path_text
from crucible_core.pipeline.dataflow import Flow, advice, missing_inputs
from crucible_core.pipeline.policies import Policies
from crucible_core.pipeline.problems import Problem
from crucible_core.pipeline.result import FAILURE_CODES

if TYPE_CHECKING:
    from crucible_core.contract.description import StageDescription
    from crucible_core.ir import SpecDocument, StageDef
    from crucible_core.pipeline.conditions.condition import Condition
    from crucible_core.pipeline.conditions.nodes import Path
    from crucible_core.pipeline.execution.reference import StageReference
    from crucible_core.pipeline.loading import Loaded
    from crucible_core.pipeline.plan import PlannedStage
    from crucible_core.pipeline.problems import ProblemCode

Place = tuple[str | int, ...]


class PolicyProblem(NamedTuple):
    """What is wrong with a policy; ``at`` is the place within a condition's text, None for all else."""

    code: ProblemCode
    place: Place
    message: str
    hint: str | None = None
    at: int | None = None


def ready(
    definition: StageDef, loaded: Loaded, description: StageDescription
) -> tuple[Policies | None, list[PolicyProblem]]:
    """Return the policies of a stage, None where it has none, and what is wrong with them."""
    if not definition.policies:
        return None, []
    problems = list(_retry_problems(definition, description))
    condition = reference = None
    if definition.isolation is not None:
        reference = _reference(definition, loaded, description, problems)
    if definition.when is not None:
        condition = _condition(definition.when, problems)
    policies = Policies(definition.on_failure, definition.retry, definition.timeout_s, condition, reference)
    return policies, problems


def condition_problems(
    stages: Sequence[PlannedStage], writes_of: Callable[[PlannedStage], tuple[str, ...]]
) -> Iterator[tuple[PlannedStage, PolicyProblem]]:
    """Yield what conditions ask for and no stage before them may have written, with the stage that asks.

    What is asked for with ``defined()`` may be that of a stage that is switched off.

    Args:
        stages: All stages in order.
        writes_of: Returns what a stage may write.
    """
    enabled = [stage for stage in stages if stage.definition.enabled]
    conditions = {each.position: each.policies.condition for each in stages if each.policies is not None}
    needed = {position: condition.needed for position, condition in conditions.items() if condition is not None}
    asked = {position: condition.asked for position, condition in conditions.items() if condition is not None}
    yield from _unwritten(enabled, needed, [writes_of(stage) for stage in enabled])
    writes = [writes_of(each) if each.definition.enabled else (f"metrics.{each.id}",) for each in stages]
    yield from _unwritten(stages, asked, writes)


def _unwritten(
    stages: Sequence[PlannedStage], paths: Mapping[int, tuple[Path, ...]], writes: Sequence[tuple[str, ...]]
) -> Iterator[tuple[PlannedStage, PolicyProblem]]:
    flows = [
        Flow(stage.id, tuple(path.root for path in paths.get(stage.position, ())), written)
        for stage, written in zip(stages, writes, strict=True)
    ]
    for missing in missing_inputs(flows, ()):
        stage = stages[missing.position]
        path = next(each for each in paths[stage.position] if each.root == missing.path)
        message = f"{stage.id!r} is to run by {path.text}, which nothing before it writes"
        yield stage, PolicyProblem("missing_input", ("when",), message, advice(missing, stage.id), path.at)


def placed(planned: PlannedStage, problem: PolicyProblem, document: SpecDocument | None) -> Problem:
    """Return a problem with its place in the spec file, and with a caret under the place within a condition."""
    message, path = problem.message, ("pipeline", planned.position, *problem.place)
    location = document.locate(path) if document is not None else None
    if problem.at is not None:
        from crucible_core.pipeline.conditions.place import place_within, pointed

        text = planned.definition.when or ""
        message = pointed(message, text, problem.at)
        location = location and place_within(location, text, problem.at)
    return Problem(problem.code, message, planned.id, path_text(path), location, problem.hint)


def _retry_problems(definition: StageDef, description: StageDescription) -> Iterator[PolicyProblem]:
    from crucible_core.pipeline.retrying import ANY_CODE, NEVER_RETRIED

    known = (*description.errors, *FAILURE_CODES)
    for index, code in enumerate(definition.retry.codes if definition.retry is not None else ()):
        place = ("retry", "codes", index)
        if code in NEVER_RETRIED:
            yield PolicyProblem("invalid_policy", place, f"a stage that ended with {code!r} is never tried again")
        elif code not in known and code != ANY_CODE:
            from difflib import get_close_matches

            close = get_close_matches(code, known, n=1)
            hint = f"did you mean {close[0]!r}?" if close else f"there are: {', '.join(known)}; '*' is any"
            yield PolicyProblem("invalid_policy", place, f"{description.name} never fails with {code!r}", hint)


def _reference(
    definition: StageDef, loaded: Loaded, description: StageDescription, problems: list[PolicyProblem]
) -> StageReference | None:
    """Return by what a process of its own finds the stage, or take note of why none can."""
    from crucible_core.pipeline.execution.reference import UnresolvableError, reference_to

    traits = description.traits
    if not traits.picklable:
        reason = traits.reasons.get("picklable", "it gives no reason")
        message = f"{description.name} does not pickle, so it cannot run in a process of its own: {reason}"
        problems.append(PolicyProblem("invalid_policy", ("isolation",), message, "leave isolation out"))
        return None
    try:
        return reference_to(loaded)
    except UnresolvableError as error:
        message = f"{definition.id} cannot run in a process of its own: {error}"
        hint = "put its class into a module, or leave isolation out"
        problems.append(PolicyProblem("invalid_policy", ("isolation",), message, hint))
        return None


def _condition(text: str, problems: list[PolicyProblem]) -> Condition | None:
    from crucible_core.pipeline.conditions.condition import Condition
    from crucible_core.pipeline.conditions.tokens import ConditionSyntaxError

    try:
        return Condition.of(text)
    except ConditionSyntaxError as error:
        problems.append(PolicyProblem("invalid_condition", ("when",), str(error), error.hint, error.at))
        return None
