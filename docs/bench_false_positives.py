"""Simulate how often the tests that `bench` runs by default find a difference where there is none."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from crucible_bench.asked_tests import USUAL, USUAL_FOR_BINARY
from crucible_bench.catalogue import TESTS, Design
from crucible_bench.effects.mean_difference import paired_difference, welch_difference
from crucible_bench.paired.differences import paired_differences
from crucible_bench.question import ask
from crucible_bench.resampling.bootstrap_law import (
    BootstrapLaw,
    BootstrapMethod,
    bootstrap_difference,
    bootstrap_mean,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

PAGE = Path(__file__).resolve().parents[1] / "docs" / "bench_false_positives.md"
BEGIN, END = "<!-- simulated: begin -->", "<!-- simulated: end -->"
REPETITIONS = 1000
SIZES = (3, 5, 8, 10, 20)
SEED = 20261124
ALPHA = 0.05
RESAMPLES = 9_999
QUESTION = ask("two-sided", ALPHA)

Draw = Callable[[np.random.Generator, int], "NDArray[Any]"]
SCORES: Mapping[str, Draw] = {
    "normal": lambda rng, n: rng.normal(size=n),
    "exponential": lambda rng, n: rng.exponential(size=n),
    "0/1, half 1": lambda rng, n: rng.binomial(1, 0.5, size=n).astype(float),
    "0/1, nine in ten 1": lambda rng, n: rng.binomial(1, 0.9, size=n).astype(float),
}
GROUPS = {Design.TWO_GROUPS: 2, Design.PAIRED: 2, Design.MANY_GROUPS: 3, Design.MANY_DATASETS: 3}


def groups_of(design: Design, kind: str, n: int, rng: np.random.Generator) -> list[NDArray[Any]]:
    """Draw groups of the same law; scores of one item have a part in common, 0/1 scores are often the same."""
    groups = [SCORES[kind](rng, n) for _ in range(GROUPS[design])]
    if design not in (Design.PAIRED, Design.MANY_DATASETS):
        return groups
    item = SCORES[kind](rng, n)
    if kind.startswith("0/1"):
        return [np.where(rng.integers(2, size=n) == 0, item, group) for group in groups]
    return [item + group for group in groups]


def finds(name: str, design: Design, groups: Sequence[NDArray[Any]], rng: np.random.Generator) -> bool:
    """Tell whether a test calls anything about these groups significant."""
    if name in P_VALUES:
        p_value = P_VALUES[name](groups, rng)
        return p_value is not None and p_value <= ALPHA
    given: dict[str, Any] = {"rng": rng, "resamples": 99} if TESTS[name].resamples else {}  # of cochran's interval
    named = {f"model {index}": group for index, group in enumerate(groups)}
    test = TESTS[name].load()
    result = test(*groups, alpha=ALPHA) if design is Design.PAIRED else test(named, alpha=ALPHA, **given)
    return any(pair.significant for pair in result.pairs) if hasattr(result, "pairs") else bool(result.significant)


def _bootstrap_p(law: BootstrapLaw) -> float | None:
    if law.degenerate or law.undefined(BootstrapMethod.EXPANDED, QUESTION):
        return None
    return QUESTION.p_value(*law.one_sided(BootstrapMethod.EXPANDED))


P_VALUES: Mapping[str, Callable[[Sequence[Any], np.random.Generator], float | None]] = {
    "welch": lambda groups, _: welch_difference(*groups).p_value(QUESTION),
    "bootstrap": lambda groups, rng: _bootstrap_p(bootstrap_difference(*groups, RESAMPLES, rng)),
    "paired_ttest": lambda groups, _: paired_difference(paired_differences(*groups)).p_value(QUESTION),
    "paired_bootstrap": lambda groups, rng: _bootstrap_p(bootstrap_mean(paired_differences(*groups), RESAMPLES, rng)),
}
"""What the tests of two groups compute their p-values with."""


def share(task: tuple[str, Design, str, int]) -> float:
    """Return how often one test finds something in scores of one kind and number."""
    name, design, kind, n = task
    rng = np.random.default_rng([SEED, n, *map(ord, f"{name}/{kind}")])
    found = [finds(name, design, groups_of(design, kind, n, rng), rng) for _ in range(REPETITIONS)]
    return float(np.mean(found))


def rows() -> list[tuple[str, Design, str]]:
    """Return every test that is run by default, with the scores it is run on."""
    return [
        (name, design, kind)
        for design in Design
        for kind in SCORES
        for name in (USUAL_FOR_BINARY if kind.startswith("0/1") else USUAL)[design]
    ]


def render() -> Iterator[str]:
    """Yield the lines of the table."""
    yield f"| design | scores | test | {' | '.join(f'n = {n}' for n in SIZES)} |"
    yield "|---|---|---|" + "---|" * len(SIZES)
    with ProcessPoolExecutor(2) as pool:
        shares = pool.map(share, [(name, design, kind, n) for name, design, kind in rows() for n in SIZES])
        for name, design, kind in rows():
            cells = " | ".join(f"{next(shares):.3f}" for _ in SIZES)
            yield f"| {design.words} | {kind} | `{name}` | {cells} |"


def main() -> int:
    """Rewrite the table of the page; takes some ten minutes."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    table = "\n".join(render())
    PAGE.write_text(f"{before}{BEGIN}\n{table}\n{END}{rest.partition(END)[2]}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
