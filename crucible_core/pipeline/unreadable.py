"""Find what else is wrong with a spec of which some parts cannot be read, so that it takes one correction, not two."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from crucible_core.ir import SpecError, parse_experiment
from crucible_core.ir.errors import SpecProblem
from crucible_core.pipeline.problems import PlanError

if TYPE_CHECKING:
    from crucible_core.ir import Experiment, SpecDocument

_STAGE = re.compile(r"pipeline\[(\d+)\]")
_STAND_IN = "unreadable_stage"


def with_plan_problems(
    error: SpecError, document: SpecDocument, make_plan: Callable[[Experiment, SpecDocument], Any]
) -> SpecError:
    """Return the error with the problems that planning finds in the parts that can be read.

    Args:
        error: What cannot be read.
        document: Where it was found.
        make_plan: Plans what is left.
    """
    stages = {int(found[1]) for problem in error.problems if (found := _STAGE.match(problem.path))}
    keys = {problem.path.partition(".")[0] for problem in error.problems if not _STAGE.match(problem.path)}
    if keys & {"", "id", "pipeline"} or not isinstance(document.data.get("pipeline"), list):
        return error
    data = {key: value for key, value in document.data.items() if key not in keys}
    data["pipeline"] = [
        {"name": _STAND_IN, "id": f"{_STAND_IN}-{index}"} if index in stages else each
        for index, each in enumerate(data["pipeline"])
    ]
    readable = replace(document, data=data)
    try:
        make_plan(parse_experiment(readable), readable)
    except PlanError as found:
        unread = tuple(f"pipeline[{index}]" for index in stages)
        more = [problem for problem in found.problems if not problem.path.startswith(unread)]
        return SpecError([*error.problems, *(_as_spec_problem(problem) for problem in more)], hint=error.hint)
    except SpecError:  # leaving out what is wrong made something else wrong: what was found first is the cause
        return error
    return error


def _as_spec_problem(problem: Any) -> SpecProblem:
    message = f"{problem.message}; {problem.hint}" if problem.hint else problem.message
    return SpecProblem(message, problem.path, problem.location)
