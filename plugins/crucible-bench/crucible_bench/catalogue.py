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
            Design.MANY_DATASETS: "several models on the same items or data sets",
        }[self]


@dataclass(frozen=True)
class Procedure:
    """One test.

    Attributes:
        name: Canonical name.
        designs: What it can answer.
        title: The name in words.
        location: `module:function`, imported by `load`.
        resamples: The stage's option that says how many resamples; None for a test without `rng` and `resamples`.
        directional: Whether it takes `alternative`.
        binary: Whether it takes scores of 0 and 1 only.
        ranks: Whether it takes `higher_is_better`.
        pairwise: Whether it corrects for the number of its pairs and takes `correction`.
    """

    name: str
    designs: tuple[Design, ...]
    title: str
    location: str
    resamples: str | None = None
    directional: bool = True
    binary: bool = False
    ranks: bool = False
    pairwise: bool = False

    def load(self) -> Callable[..., Any]:
        """Import and return the function."""
        module, function = self.location.split(":")
        loaded: Callable[..., Any] = getattr(import_module(module), function)
        return loaded


_TWO, _PAIRED, _MANY, _DATASETS = (Design.TWO_GROUPS,), (Design.PAIRED,), (Design.MANY_GROUPS,), (Design.MANY_DATASETS,)
_ONE_WAY = (Design.TWO_GROUPS, Design.MANY_GROUPS)
_BOOTSTRAP, _PERMUTATIONS = "bootstrap_iterations", "permutations"


def _two_groups(name: str, title: str, where: str, resamples: str | None = None) -> Procedure:
    return Procedure(name, _TWO, title, f"crucible_bench.two_groups.{where}:{name}", resamples)


def _paired(name: str, title: str, where: str, resamples: str | None = None, *, binary: bool = False) -> Procedure:
    return Procedure(name, _PAIRED, title, f"crucible_bench.paired.{where}:{name}", resamples, binary=binary)


def _one_way(name: str, title: str, where: str) -> Procedure:
    return Procedure(name, _ONE_WAY, title, f"crucible_bench.many_groups.{where}:{name}", directional=False)


def _ranked(name: str, title: str) -> Procedure:
    where = f"crucible_bench.many_datasets.{name}:{name}"
    return Procedure(name, _DATASETS, title, where, directional=False, ranks=True)


def _successes(name: str, title: str, resamples: str | None = None, *, pairwise: bool = False) -> Procedure:
    where = f"crucible_bench.many_datasets.{name}:{name}"
    return Procedure(name, _DATASETS, title, where, resamples, directional=False, binary=True, pairwise=pairwise)


TESTS: Mapping[str, Procedure] = MappingProxyType(
    {
        procedure.name: procedure
        for procedure in (
            _two_groups("welch", "Welch's t test", "t_tests"),
            _two_groups("student", "Student's t test", "t_tests"),
            _two_groups("mannwhitney", "Mann-Whitney test", "mann_whitney"),
            _two_groups("permutation", "permutation test", "permutation", _PERMUTATIONS),
            _two_groups("bootstrap", "bootstrap", "bootstrap", _BOOTSTRAP),
            _paired("paired_ttest", "paired t test", "t_test"),
            _paired("wilcoxon", "Wilcoxon signed rank test", "wilcoxon"),
            _paired("sign", "sign test", "sign"),
            _paired("mcnemar", "McNemar's test", "sign", binary=True),
            _paired("paired_permutation", "paired permutation test", "permutation", _PERMUTATIONS),
            _paired("paired_bootstrap", "paired bootstrap", "bootstrap", _BOOTSTRAP),
            _one_way("anova", "analysis of variance", "anova"),
            _one_way("welch_anova", "Welch's analysis of variance", "anova"),
            _one_way("kruskal", "Kruskal-Wallis test", "kruskal"),
            _ranked("friedman", "Friedman test"),
            _ranked("nemenyi", "Nemenyi's test"),
            _successes("cochran", "Cochran's Q test", _BOOTSTRAP),
            _successes("pairwise_mcnemar", "McNemar's test of all pairs", pairwise=True),
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
        "mcnemar": ("mcnemar", "pairwise_mcnemar"),
        "cochrans_q": ("cochran",),
        "cochran_q": ("cochran",),
    }
)
"""Other name -> the procedures it can mean, one for each design."""


def known_names() -> tuple[str, ...]:
    """Return every name that `find_test` knows: canonical ones, then aliases."""
    return (*TESTS, *(alias for alias in ALIASES if alias not in TESTS))


def fitting_tests(design: Design | str) -> tuple[str, ...]:
    """Return the canonical names of the tests that answer a design."""
    return tuple(name for name, procedure in TESTS.items() if Design(design) in procedure.designs)


def meanings(name: str) -> tuple[str, ...]:
    """Return the canonical names that a name can mean; case and `-` against `_` do not matter.

    Raises:
        BenchError: `unknown_test` with a near match and the names there are.
    """
    key = str(name).strip().lower().replace("-", "_")
    meant = ALIASES.get(key, (key,) if key in TESTS else ())
    if not meant:
        raise BenchError("unknown_test", _unknown(str(name), key))
    return meant


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
    meant, asked = meanings(name), Design(design)
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
    hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(TESTS)}"
    return f"no test is named {name!r}; {hint}"
