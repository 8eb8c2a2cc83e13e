"""The built-in stage ``data_checks``: rows that lack what they must have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from crucible_core.contract.annotations import ModuleName
from crucible_core.contract.errors import StageError
from crucible_core.contract.example import StageExample
from crucible_core.contract.items import read_items
from crucible_core.contract.objects import import_object
from crucible_core.contract.options import StageOptions
from crucible_core.contract.stage import Stage

if TYPE_CHECKING:
    from crucible_core.contract.context import Context

Row = Mapping[str, Any]
_SHOWN = 5


class DataChecks(Stage):
    """Find rows with missing fields or repeated keys, and what a checker of your own objects to."""

    name = "data_checks"
    version = "1.0.0"
    reads = ("{data}",)
    writes = ("metrics.{id}", "assigns.{into}")
    errors = {
        "wrong_data": "There are no rows at the path the option data names.",
        "data_checks_failed": "A row does not pass, and fail_fast is set; or there are too few rows.",
        "not_importable": "The checker cannot be imported.",
        "wrong_checker": "The checker returned something other than a list of row number and problem.",
    }

    class Options(StageOptions):
        """What rows must have."""

        data: Annotated[str, Field(description="Context path of the rows.")] = "assigns.dataset"
        required_fields: Annotated[
            list[str] | None,
            Field(description="Fields that may not be missing, null, empty or NaN; by default all that any row has."),
        ] = None
        unique: Annotated[list[str], Field(description="Fields that together identify a row.")] = []
        min_rows: Annotated[int, Field(ge=0, description="How many rows there must be.")] = 1
        fail_fast: Annotated[bool, Field(description="Fail at the first row that does not pass.")] = False
        checker: Annotated[
            ModuleName | None,
            Field(description="A function of the rows that returns pairs of row number and problem."),
        ] = None
        into: Annotated[str, Field(description="Where in assigns the issues go.")] = "data_issues"

    examples = (
        StageExample(
            "One row lacks its answer and one repeats an id.",
            options={"data": "outputs", "unique": ["id"], "required_fields": ["id", "answer"], "into": "issues"},
            outputs=[{"id": 1, "answer": "a"}, {"id": 2, "answer": ""}, {"id": 1, "answer": "c"}],
        ),
        StageExample(
            "A checker of your own.",
            options={"data": "outputs", "checker": "crucible_core.stages.data_checks:no_surrounding_space"},
            outputs=[{"answer": " a"}],
        ),
        StageExample(
            "The first bad row ends it.",
            options={"data": "outputs", "fail_fast": True},
            outputs=[{"answer": None}],
            raises="data_checks_failed",
        ),
        StageExample(
            "Too few rows.", options={"data": "outputs", "min_rows": 2}, outputs=[{"a": 1}], raises="data_checks_failed"
        ),
        StageExample("Not rows.", assigns={"dataset": 3}, raises="wrong_data"),
        StageExample(
            "No such checker.",
            options={"data": "outputs", "checker": "crucible_core.stages.data_checks:absent"},
            outputs=[{"a": 1}],
            raises="not_importable",
        ),
        StageExample(
            "A function that is no checker.",
            options={"data": "outputs", "checker": "builtins:len"},
            outputs=[{"a": 1}],
            raises="wrong_checker",
        ),
    )

    def run(self, context: Context, options: Any) -> Context:
        """Check every row and record what was found.

        Raises:
            StageError: See ``errors``.
        """
        rows = read_items(context, options.data)
        if len(rows) < options.min_rows:
            message = f"{options.data} has {len(rows)} rows, {options.min_rows} are asked for"
            raise StageError("data_checks_failed", message, rows=len(rows))
        required = options.required_fields
        required = list(dict.fromkeys(name for row in rows for name in row)) if required is None else required
        issues = []
        for issue in _issues(rows, required, options):
            if options.fail_fast:
                raise StageError("data_checks_failed", f"row {issue['row']} of {options.data}: {_said(issue)}", **issue)
            issues.append(issue)
        return context.put_metric(context.runtime.stage_id, _summary(rows, required, issues)).assign(
            {options.into: issues}
        )


def no_surrounding_space(rows: Sequence[Row]) -> Iterator[tuple[int, str]]:
    """Object to strings that begin or end with white space; a checker to use or to learn from."""
    for index, row in enumerate(rows):
        for name, value in row.items():
            if isinstance(value, str) and value != value.strip():
                yield index, f"{name} begins or ends with white space"


def _issues(rows: Sequence[Row], required: Sequence[str], options: Any) -> Iterator[dict[str, Any]]:
    for index, row in enumerate(rows):
        missing = [name for name in required if is_missing(row.get(name))]
        if missing:
            yield {"row": index, "missing": missing, "problem": None}
    if options.unique:
        yield from _repeated(rows, options.unique)
    if options.checker is not None:
        yield from _objections(rows, options.checker)


def is_missing(value: Any) -> bool:
    """Tell whether a value says nothing: null, the empty string or NaN."""
    return value is None or value == "" or (isinstance(value, float) and value != value)  # noqa: PLR0124 - NaN


def _repeated(rows: Sequence[Row], names: Sequence[str]) -> Iterator[dict[str, Any]]:
    first: dict[str, int] = {}
    for index, row in enumerate(rows):
        key = repr([row.get(name) for name in names])
        if first.setdefault(key, index) != index:
            problem = f"repeats {', '.join(names)} of row {first[key]}"
            yield {"row": index, "missing": [], "problem": problem}


def _objections(rows: Sequence[Row], checker: Any) -> Iterator[dict[str, Any]]:
    found = import_object(checker, "checker")(rows)
    if not isinstance(found, Iterable) or isinstance(found, (str, bytes, Mapping)):
        raise StageError("wrong_checker", f"{checker} returned {found!r:.60}; return pairs of row number and problem")
    for entry in found:
        if not (isinstance(entry, (tuple, list)) and len(entry) == 2 and isinstance(entry[0], int)):  # noqa: PLR2004 - a pair
            raise StageError("wrong_checker", f"{checker} gave {entry!r:.60}; return pairs of row number and problem")
        yield {"row": entry[0], "missing": [], "problem": str(entry[1])}


def _said(issue: Mapping[str, Any]) -> str:
    return issue["problem"] or f"missing {', '.join(issue['missing'])}"


def _summary(rows: Sequence[Row], required: Sequence[str], issues: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    missing = Counter(name for issue in issues for name in issue["missing"])
    return {
        "total": len(rows),
        "rows_with_issues": len({issue["row"] for issue in issues}),
        "issues": len(issues),
        "missing_required": {name: missing[name] for name in required},
        "required_fields": list(required),
        "first_issues": [f"row {issue['row']}: {_said(issue)}" for issue in issues[:_SHOWN]],
    }
