"""The options of the stage."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from crucible_core import StageOptions


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
        Field(description="Field that names the item or data set; rows of one item are compared with each other."),
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
        list[str] | None, Field(min_length=1, description="Tests by name; by default those usual for the design.")
    ] = None
    alpha: Annotated[float, Field(gt=0, lt=1, description="Significance level.")] = 0.05
    confidence_level: Annotated[
        float | None, Field(gt=0, lt=1, description="Level of the intervals; 1 - alpha, which it must agree with.")
    ] = None
    alternative: Annotated[
        Literal["two-sided", "greater", "less"], Field(description="What the first group may be against the second.")
    ] = "two-sided"
    higher_is_better: Annotated[bool, Field(description="Whether a higher score ranks better.")] = True
    multiple_testing_correction: Annotated[
        str | None, Field(description="bonferroni, holm or fdr, over the p-values of all tests.")
    ] = None
    bootstrap_iterations: Annotated[int, Field(ge=99, description="Resamples of a bootstrap.")] = 9999
    permutations: Annotated[int, Field(ge=99, description="Resamples of a permutation test.")] = 9999
