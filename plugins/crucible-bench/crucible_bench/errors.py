"""The one error of the library, and every code it can carry."""

from __future__ import annotations

from typing import Final

CODES: Final[dict[str, str]] = {
    "not_numeric": "A score is not a number.",
    "not_finite": "A score is NaN or infinite.",
    "out_of_range": "Scores are so large, or differ by so little, that their squares cannot be computed.",
    "not_one_dimensional": "A group of scores is not one-dimensional.",
    "not_binary": "A test of binary scores was given a score other than 0 and 1.",
    "too_few_observations": "A group has fewer observations than the test needs.",
    "too_few_groups": "Fewer groups than the test needs.",
    "too_few_models": "Fewer than two models in a comparison over data sets.",
    "too_few_datasets": "Fewer than two data sets in a comparison over data sets.",
    "unequal_lengths": "Paired groups differ in length.",
    "missing_cells": "A model has no score on some data set.",
    "missing_label": "A row does not say to which group or item its score belongs.",
    "duplicate_names": "Two groups, models or data sets share a name.",
    "invalid_table": "The table of models and data sets has the wrong shape.",
    "invalid_alpha": "The significance level is not strictly between 0 and 1.",
    "invalid_alternative": "The alternative is not two-sided, greater or less.",
    "invalid_rng": "The random generator is neither a numpy Generator nor a seed.",
    "invalid_resamples": "The number of resamples is too small or not an integer.",
    "invalid_p_value": "A p-value is not between 0 and 1.",
    "unknown_test": "No test has this name.",
    "test_does_not_fit": "The test cannot answer the question that the design asks.",
    "unknown_method": "The test has no such method.",
    "wrong_field": "No row has a field that an option names.",
    "wrong_group": "No group has a name that the option groups gives.",
    "inconsistent_levels": "The confidence level and alpha do not add up to 1.",
    "infeasible": "The exact computation asked for is too large.",
}


class BenchError(ValueError):
    """Input that cannot be answered: what is wrong, where, and what to do.

    Attributes:
        code: One of the keys of `CODES`, stable across versions.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code

    def __reduce__(self) -> tuple[type[BenchError], tuple[str, str]]:
        """Keep the code when the error crosses a process boundary."""
        return type(self), (self.code, str(self))
