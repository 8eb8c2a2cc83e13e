"""A run as a reader would meet it: three stages over the accuracies of Demsar (2006), a verdict of each kind."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

from crucible_core.contract.context import Context
from crucible_core.contract.report_parts import Figure, Table, Text
from crucible_core.contract.runtime import RunServices, Runtime
from crucible_core.contract.verdict import Verdict
from crucible_core.ir import Experiment

DATA = Path(__file__).parents[3] / "examples" / "data" / "demsar_2006_c45.csv"
CRITICAL_DIFFERENCE = 1.25  # Demsar (2006), section 3.2.2: Nemenyi, four classifiers, 14 data sets, alpha .05
STARTED = datetime(2026, 3, 14, 9, 26, 53, tzinfo=UTC)
DESCRIPTION = """Does tuning make C4.5 more accurate?

Four variants of **C4.5** on 14 data sets, as in Demsar (2006): plain, with tuned `m` (least number of examples in a
leaf), with tuned `cf` (confidence of pruning), and with both."""
EXPERIMENT = {
    "id": "compare_classifiers",
    "description": DESCRIPTION,
    "params": {"metric": "area under the ROC curve", "source": "Demsar 2006, table 6"},
    "pipeline": ["load_dataset", "bench", "report"],
    "quality_targets": {
        "metrics.bench.friedman.p_value": "< 0.05",
        "metrics.bench.critical_difference": "<= 1",
    },
}


def scores() -> tuple[list[str], list[dict[str, object]]]:
    """Return the classifiers and one row a data set."""
    with DATA.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = [name for name in rows[0] if name != "dataset"]
    return names, [{"dataset": row["dataset"], **{name: float(row[name]) for name in names}} for row in rows]


def mean_ranks(names: list[str], rows: list[dict[str, object]]) -> dict[str, float]:
    """Return the mean rank of each classifier, 1 for the best, ties shared."""
    ranks = dict.fromkeys(names, 0.0)
    for row in rows:
        for name in names:
            better = sum(row[other] > row[name] for other in names)
            equal = sum(row[other] == row[name] for other in names)
            ranks[name] += (better + (equal + 1) / 2) / len(rows)
    return ranks


def diagram(ranks: dict[str, float]) -> str:
    """Return a critical-difference diagram whose ink is the page's."""
    left, right, axis = 70, 570, 70
    low, high = 1, len(ranks)

    def x(rank: float) -> float:
        return left + (rank - low) / (high - low) * (right - left)

    ordered = sorted(ranks.items(), key=lambda item: item[1])
    marks = [f'<path d="M{left} {axis}H{right}"/>']
    words = []
    for rank in range(low, high + 1):
        marks.append(f'<path d="M{x(rank)} {axis}v-8"/>')
        words.append(f'<text x="{x(rank)}" y="{axis - 14}" text-anchor="middle">{rank}</text>')
    for index, (name, rank) in enumerate(ordered):
        first = index < len(ordered) / 2
        depth = axis + 34 + 26 * (index if first else len(ordered) - 1 - index)
        end = left - 10 if first else right + 10
        marks.append(f'<path d="M{x(rank):.1f} {axis}V{depth}H{end}"/>')
        anchor = "end" if first else "start"
        words.append(f'<text x="{end + (-6 if first else 6)}" y="{depth + 5}" text-anchor="{anchor}">{name}</text>')
    cd = CRITICAL_DIFFERENCE / (high - low) * (right - left)
    marks.append(f'<path d="M{left} 26h{cd:.1f}M{left} 21v10M{left + cd:.1f} 21v10"/>')
    words.append(f'<text x="{left + cd / 2:.1f}" y="16" text-anchor="middle">CD = {CRITICAL_DIFFERENCE}</text>')
    for start, stop, drop in ((ordered[0][1], ordered[2][1], 10), (ordered[1][1], ordered[3][1], 20)):
        marks.append(f'<path stroke-width="5" d="M{x(start) - 4:.1f} {axis + drop}H{x(stop) + 4:.1f}"/>')
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="-40 0 720 160" font-family="sans-serif" font-size="14">'
        f'<g fill="none" stroke="currentColor" stroke-width="1.5">{"".join(marks)}</g>'
        f'<g fill="currentColor">{"".join(words)}</g></svg>'
    )


def metrics(ranks: dict[str, float]) -> dict[str, object]:
    """Return what the stage `bench` leaves; the statistics are the paper's."""
    return {
        "friedman": {"statistic": 9.28, "p_value": 0.0258, "iman_davenport_f": 3.69},
        "critical_difference": CRITICAL_DIFFERENCE,
        "alpha": 0.05,
        "classifiers": {
            name: {"mean_rank": rank, "distance_to_best": rank - min(ranks.values()), "n": 14}
            for name, rank in ranks.items()
        },
    }


def stage_record(stage_id: str, begin: float, duration: float | None, **more: object) -> dict[str, object]:
    """Return one stage as a run's record has it."""
    return {
        "id": stage_id,
        "name": stage_id,
        "version": "1.0.0",
        "status": "running" if duration is None else "succeeded",
        "started_at": (STARTED + timedelta(seconds=begin)).isoformat(),
        "duration_s": duration,
        "reason": None,
        "options": {},
        "given_options": [],
        **more,
    }


def record() -> dict[str, object]:
    """Return the record of the run while its report is made."""
    return {
        "schema_version": "1.0",
        "crucible_version": "0.1.0",
        "run_id": "20260314T092653Z-3f9a1c",
        "experiment_id": "compare_classifiers",
        "description": DESCRIPTION,
        "status": "running",
        "params": EXPERIMENT["params"],
        "seed": 2006,
        "started_at": STARTED.isoformat(),
        "spec_file": "examples/compare_classifiers.yaml",
        "output_dir": "artifacts/crucible/compare_classifiers/20260314T092653Z-3f9a1c",
        "stages": [
            stage_record(
                "load_dataset",
                0.004,
                0.0213,
                distribution="crucible-datasets",
                distribution_version="0.1.0",
                description="Load a dataset from a file or a library.",
                options={
                    "source": "examples/data/demsar_2006_c45.csv",
                    "format": None,
                    "limit": None,
                    "into": "dataset",
                },
                given_options=["source"],
            ),
            stage_record(
                "bench",
                0.0262,
                0.4128,
                distribution="crucible-bench",
                distribution_version="0.1.0",
                description="Compare groups of scores and say whether their difference is more than noise.",
                options={
                    "test": "friedman",
                    "post_hoc": "nemenyi",
                    "alpha": 0.05,
                    "data": "assigns.dataset",
                    "seed": None,
                },
                given_options=["test", "post_hoc", "alpha"],
            ),
            stage_record("report", 0.44, None, distribution="crucible-core", distribution_version="0.1.0"),
        ],
        "datasets": {
            "dataset": {
                "source": "examples/data/demsar_2006_c45.csv",
                "sha256": "9f64a747e1b97f131fabb6b447296c9b6f0201e79fb3c5356e6c77e89b6a806a",
                "rows": 14,
                "columns": ["dataset", "C4.5", "C4.5+m", "C4.5+cf", "C4.5+m+cf"],
                "split": {},
            }
        },
        "artifacts": [
            {
                "stage": "bench",
                "name": "ranks.csv",
                "path": "artifacts/bench/ranks.csv",
                "bytes": 412,
                "sha256": "0" * 64,
            }
        ],
        "checkpoints": [],
        "failure": None,
        "git": {"revision": "f823eb1c0a5d6e0a9e7b7f0c2f4f3f0a1d5b6c7e", "dirty": True},
        "python": {"version": "3.11.9", "implementation": "CPython"},
        "packages": {f"package-{letter}": f"1.{index}.0" for index, letter in enumerate("abcdefghijklmnop")},
        "process": {"host": "bench-3", "pid": 4711},
    }


def sample_context(directory: Path | None = None, **experiment: object) -> Context:
    """Return the context of the run as the report stage meets it.

    Args:
        directory: Where stages write their files.
        experiment: Fields of the experiment to set besides.
    """
    names, rows = scores()
    ranks = mean_ranks(names, rows)
    best = min(ranks, key=ranks.__getitem__)
    services = RunServices(
        record=record,
        artifacts=None if directory is None else lambda stage: directory / "artifacts" / stage,
    )
    return (
        Context(
            experiment_id="compare_classifiers",
            run_id="20260314T092653Z-3f9a1c",
            experiment=Experiment.model_validate({**EXPERIMENT, **experiment}),
            outputs=rows,
            runtime=Runtime(services, "report"),
        )
        .put_metric("load_dataset", {"rows": 14, "columns": 5, "missing": 0})
        .put_metric("bench", metrics(ranks))
        .put_artifact(
            "bench",
            [
                Figure(
                    diagram(ranks),
                    "Critical difference",
                    "Mean ranks on a line from 1 (best) to 4: "
                    + ", ".join(f"{name} {rank:.3f}" for name, rank in sorted(ranks.items(), key=lambda item: item[1]))
                    + f". Classifiers joined by a bar differ by less than the critical difference of {CRITICAL_DIFFERENCE}.",
                ),
                Table(
                    ("Pair", "Difference of mean ranks", "Significant"),
                    [
                        (
                            f"{one} and {other}",
                            abs(ranks[one] - ranks[other]),
                            abs(ranks[one] - ranks[other]) > CRITICAL_DIFFERENCE,
                        )
                        for index, one in enumerate(names)
                        for other in names[index + 1 :]
                    ],
                    "Pairs of classifiers",
                ),
                Text(
                    "The Friedman test rejects that all four are alike, but Nemenyi's test, which looks at *every* pair,\n"
                    "is not powerful enough to say **which** differ. Where one classifier is the control, use\n"
                    "[Bonferroni-Dunn](https://www.jmlr.org/papers/v7/demsar06a.html) instead:\n\n"
                    "- fewer comparisons, so a smaller critical difference (`1.16` instead of `1.25`);\n"
                    "- the question must be asked before looking at the data.",
                    "What this means",
                ),
            ],
        )
        .put_verdict(
            Verdict(
                "Do the four variants differ at all?",
                True,
                "Yes: Friedman's chi-square is 9.28 (p = 0.026), Iman and Davenport's F is 3.69.",
                None,
            )
        )
        .put_verdict(
            Verdict(
                f"Is {best} better than plain C4.5?",
                False,
                f"Not shown: the mean ranks differ by {ranks['C4.5'] - ranks[best]:.3f}, less than the critical difference "
                f"of {CRITICAL_DIFFERENCE}.",
                (ranks["C4.5"] - ranks[best] - CRITICAL_DIFFERENCE, ranks["C4.5"] - ranks[best] + CRITICAL_DIFFERENCE),
            )
        )
    )
