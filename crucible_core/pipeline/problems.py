"""What keeps an experiment from being run, all of it at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal, NamedTuple

from crucible_core.ir.errors import CrucibleError, Location, SpecError

ProblemCode = Literal[
    "unknown_stage",
    "stage_unloadable",
    "invalid_options",
    "missing_input",
    "duplicate_id",
    "invalid_policy",
    "invalid_condition",
]


class Problem(NamedTuple):
    """One thing wrong with a plan.

    Args:
        code: What kind of thing.
        message: What is wrong, in words.
        stage: Id of the stage it is about; None where it is about the experiment.
        path: Place within the spec, e.g. ``pipeline[2].options.alpha``.
        location: Place in the spec file; None where the experiment came from Python.
        hint: What to do about it, or None.
    """

    code: ProblemCode
    message: str
    stage: str | None
    path: str
    location: Location | None = None
    hint: str | None = None

    def __str__(self) -> str:
        where = f"{self.location}: {self.path}" if self.location else self.path
        return f"{where}: {self.message}" + (f"\n    {self.hint}" if self.hint else "")

    def to_dict(self) -> dict[str, Any]:
        """Return the problem as JSON values."""
        place = self.location
        return {
            "code": self.code,
            "message": self.message,
            "stage": self.stage,
            "path": self.path,
            "file": place.file if place else None,
            "line": place.line if place else None,
            "column": place.column if place else None,
            "hint": self.hint,
        }


class PlanError(CrucibleError):
    """An experiment that cannot be run, with every reason; nothing was run or written.

    Args:
        problems: The reasons, in the order of the pipeline.
    """

    exit_code = 2

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by the problems, from which the text is made again."""
        return type(self), (self.problems,)


def problem_documents(error: SpecError | PlanError) -> list[dict[str, Any]]:
    """Return the problems of a spec or plan as JSON values of one shape; those of a spec have the code invalid_spec."""
    if isinstance(error, PlanError):
        return [problem.to_dict() for problem in error.problems]
    return [
        {
            "code": "invalid_spec",
            "message": problem.message,
            "stage": None,
            "path": problem.path,
            "file": problem.location.file if problem.location else None,
            "line": problem.location.line if problem.location else None,
            "column": problem.location.column if problem.location else None,
            "hint": f"did you mean {problem.suggestion!r}?" if problem.suggestion else None,
        }
        for problem in error.problems
    ]
