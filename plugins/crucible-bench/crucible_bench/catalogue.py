"""Every test by name: which design it answers, and where it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from types import MappingProxyType
from typing import Any

from crucible_bench.errors import BenchError


class Design(StrEnum):
    """How the scores were collected."""

    TWO_GROUPS = "two_groups"
    PAIRED = "paired"
    MANY_GROUPS = "many_groups"
    MANY_DATASETS = "many_datasets"

    @property
    def words(self) -> str:
        """The design in words."""
        return {
            Design.TWO_GROUPS: "two independent groups",
            Design.PAIRED: "two paired groups",
            Design.MANY_GROUPS: "three or more independent groups",
            Design.MANY_DATASETS: "several models over several data sets",
        }[self]


@dataclass(frozen=True)
class Procedure:
    """One test.

    Attributes:
        name: Canonical name.
        designs: What it can answer.
        title: The name in words.
        location: `module:function`, imported by `load`.
        resamples: Whether it takes `rng` and `resamples`.
        directional: Whether it takes `alternative`.
    """

    name: str
    designs: tuple[Design, ...]
    title: str
    location: str
    resamples: bool = False
    directional: bool = True

    def load(self) -> Callable[..., Any]:
        """Import and return the function."""
        module, function = self.location.split(":")
        loaded: Callable[..., Any] = getattr(import_module(module), function)
        return loaded


_TWO, _PAIRED, _MANY, _DATASETS = (Design.TWO_GROUPS,), (Design.PAIRED,), (Design.MANY_GROUPS,), (Design.MANY_DATASETS,)
_ONE_WAY = (Design.TWO_GROUPS, Design.MANY_GROUPS)
_AT = "crucible_bench"

TESTS: Mapping[str, Procedure] = MappingProxyType(
    {
        procedure.name: procedure
        for procedure in (
            Procedure("welch", _TWO, "Welch's t test", f"{_AT}.two_groups.t_tests:welch"),
            Procedure("student", _TWO, "Student's t test", f"{_AT}.two_groups.t_tests:student"),
            Procedure("mannwhitney", _TWO, "Mann-Whitney test", f"{_AT}.two_groups.mann_whitney:mannwhitney"),
            Procedure(
                "permutation", _TWO, "permutation test", f"{_AT}.two_groups.permutation:permutation", resamples=True
            ),
            Procedure("bootstrap", _TWO, "bootstrap", f"{_AT}.two_groups.bootstrap:bootstrap", resamples=True),
            Procedure("paired_ttest", _PAIRED, "paired t test", f"{_AT}.paired.t_test:paired_ttest"),
            Procedure("wilcoxon", _PAIRED, "Wilcoxon signed rank test", f"{_AT}.paired.wilcoxon:wilcoxon"),
            Procedure("sign", _PAIRED, "sign test", f"{_AT}.paired.sign:sign"),
            Procedure("mcnemar", _PAIRED, "McNemar's test (binary scores)", f"{_AT}.paired.sign:mcnemar"),
            Procedure(
                "paired_permutation",
                _PAIRED,
                "paired permutation test",
                f"{_AT}.paired.permutation:paired_permutation",
                resamples=True,
            ),
            Procedure(
                "paired_bootstrap",
                _PAIRED,
                "paired bootstrap",
                f"{_AT}.paired.bootstrap:paired_bootstrap",
                resamples=True,
            ),
            Procedure("anova", _ONE_WAY, "analysis of variance", f"{_AT}.many_groups.anova:anova", directional=False),
            Procedure(
                "welch_anova",
                _ONE_WAY,
                "Welch's analysis of variance",
                f"{_AT}.many_groups.anova:welch_anova",
                directional=False,
            ),
            Procedure(
                "kruskal", _ONE_WAY, "Kruskal-Wallis test", f"{_AT}.many_groups.kruskal:kruskal", directional=False
            ),
            Procedure(
                "friedman", _DATASETS, "Friedman test", f"{_AT}.many_datasets.friedman:friedman", directional=False
            ),
            Procedure(
                "nemenyi", _DATASETS, "Nemenyi's test", f"{_AT}.many_datasets.nemenyi:nemenyi", directional=False
            ),
        )
    }
)
"""Canonical name -> procedure."""

ALIASES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "ttest": ("welch", "paired_ttest"),
        "t_test": ("welch", "paired_ttest"),
        "permutation": ("permutation", "paired_permutation"),
        "bootstrap": ("bootstrap", "paired_bootstrap"),
        "mann_whitney": ("mannwhitney",),
        "mann_whitney_u": ("mannwhitney",),
        "wilcoxon_signed_rank": ("wilcoxon",),
        "paired_t_test": ("paired_ttest",),
        "kruskal_wallis": ("kruskal",),
        "sign_test": ("sign",),
    }
)
"""Other name -> the procedures it can mean, one for each design."""


def known_names() -> tuple[str, ...]:
    """Return every name that `find_test` knows: canonical ones, then aliases."""
    return (*TESTS, *(alias for alias in ALIASES if alias not in TESTS))


def fitting_tests(design: Design | str) -> tuple[str, ...]:
    """Return the canonical names of the tests that answer a design."""
    return tuple(name for name, procedure in TESTS.items() if Design(design) in procedure.designs)


def find_test(name: str, design: Design | str) -> Procedure:
    """Find the test that a name means for a design: `ttest` is Welch's for two groups and the paired one for pairs.

    Args:
        name: Canonical name or alias; case and `-` against `_` do not matter.
        design: How the scores were collected.

    Raises:
        BenchError: `unknown_test` with the names there are, or `test_does_not_fit` with the tests that do.

    Example:
        >>> find_test("ttest", "paired").name
        'paired_ttest'
    """
    key, asked = str(name).strip().lower().replace("-", "_"), Design(design)
    meant = ALIASES.get(key, (key,) if key in TESTS else ())
    if not meant:
        raise BenchError("unknown_test", _unknown(str(name), key))
    fitting = next((TESTS[each] for each in meant if asked in TESTS[each].designs), None)
    if fitting is None:
        answers = " or ".join(sorted({design.words for each in meant for design in TESTS[each].designs}))
        fit = ", ".join(fitting_tests(asked))
        raise BenchError(
            "test_does_not_fit",
            f"{name} is for {answers}, and these scores are {asked.words}; tests that fit: {fit}",
        )
    return fitting


def _unknown(name: str, key: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(key, known_names(), n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    return f"no test is named {name!r}; {hint}known names: {', '.join(known_names())}"
