"""The options of the stage."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from crucible_bench.catalogue import Design, fitting_tests, known_names, meanings
from crucible_bench.correction import Correction, correction, known_corrections
from crucible_core import StageOptions

_BY_DESIGN = "; ".join(f"{design}: {', '.join(fitting_tests(design))}" for design in Design)
_TESTS = f"Tests by name; by default those usual for the design and the scores. {_BY_DESIGN}."
_CORRECTION = (
    f"{', '.join(Correction)}: correct the p-values of all tests together, and with the same method those of the pairs "
    "of pairwise_mcnemar, which are holm-corrected by default."
)


class BenchOptions(StageOptions):
    """Where the scores are, how they were collected, and what to ask of them."""

    data: Annotated[str, Field(description="Context path of the rows.")] = "outputs"
    columns: Annotated[
        list[str] | None,
        Field(description="Fields that each hold the scores of one group or model, a row being one item or data set."),
    ] = None
    group: Annotated[str, Field(description="Field that names the group or model, where columns is not given.")] = (
        "group"
    )
    score: Annotated[str, Field(description="Field that holds the score, where columns is not given.")] = "score"
    item: Annotated[
        str | None,
        Field(
            description="Field that names the item or data set; rows of one item are compared with each other. "
            "Its name is what the report calls the items: question gives 40 questions."
        ),
    ] = None
    groups: Annotated[
        list[str] | None,
        Field(min_length=2, description="Groups to compare, in this order; by default all, in order of appearance."),
    ] = None
    design: Annotated[
        Literal["auto", "two_groups", "paired", "many_groups", "many_datasets"],
        Field(description="How the scores were collected; auto decides by columns, item and the number of groups."),
    ] = "auto"
    tests: Annotated[
        list[Annotated[str, Field(json_schema_extra={"enum": list(known_names())})]] | None,
        Field(min_length=1, description=_TESTS),
    ] = None
    alpha: Annotated[
        float | None,
        Field(gt=0, lt=1, description="Significance level; 1 - confidence_level where that is given, else 0.05."),
    ] = None
    confidence_level: Annotated[
        float | None, Field(gt=0, lt=1, description="Level of the intervals; 1 - alpha, which it must agree with.")
    ] = None
    alternative: Annotated[
        Literal["two-sided", "greater", "less"], Field(description="What the first group may be against the second.")
    ] = "two-sided"
    higher_is_better: Annotated[bool, Field(description="Whether a higher score ranks better.")] = True
    multiple_testing_correction: Annotated[
        Annotated[str, Field(json_schema_extra={"enum": list(known_corrections())})] | None,
        Field(description=_CORRECTION),
    ] = None
    bootstrap_iterations: Annotated[
        int, Field(ge=99, description="Resamples of a bootstrap, also that of cochran.")
    ] = 9999
    permutations: Annotated[int, Field(ge=99, description="Resamples of a permutation test.")] = 9999

    @field_validator("tests")
    @classmethod
    def _known_tests(cls, names: list[str] | None) -> list[str] | None:
        """Refuse a name that no test has; whether a test fits the design only the data can say."""
        for name in names or ():
            meanings(name)
        return names

    @field_validator("multiple_testing_correction")
    @classmethod
    def _known_correction(cls, name: str | None) -> str | None:
        """Refuse a name that no correction has."""
        if name is not None:
            correction(name)
        return name
