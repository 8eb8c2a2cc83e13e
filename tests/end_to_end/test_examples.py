"""The examples, run as they stand: they reproduce what was published, and show what they promise."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """Return what makes a run of an example, each once: (manifest, run directory, what the command printed)."""
    made = {}

    def run(name):
        if name not in made:
            where = tmp_path_factory.mktemp(name)
            command = [
                sys.executable,
                "-m",
                "crucible_core",
                "run",
                f"examples/{name}.yaml",
                "--output-dir",
                str(where),
            ]
            done = subprocess.run(
                command, cwd=ROOT, capture_output=True, text=True, check=False, env={**os.environ, "NO_COLOR": "1"}
            )
            assert done.returncode == 0, done.stderr
            (run_dir,) = (where / name).iterdir()
            made[name] = json.loads((run_dir / "manifest.json").read_text()), run_dir, done
        return made[name]

    return run


def test_demsar_2006_is_reproduced(ran):
    """J. Demsar, JMLR 7 (2006), p. 15-16: mean ranks, chi2_F 9.28, F_F 3.69, CD at .05 1.25."""
    ranks = ran("compare_classifiers")[0]["metrics"]["ranks"]
    rounded = {name: round(rank, 3) for name, rank in ranks["mean_ranks"].items()}
    assert rounded == {"C4.5": 3.143, "C4.5+m": 2.0, "C4.5+cf": 2.893, "C4.5+m+cf": 1.964}
    assert round(ranks["friedman"]["chi2"]["value"], 2) == 9.28
    assert round(ranks["friedman"]["iman_davenport"]["value"], 2) == 3.69
    assert round(ranks["nemenyi"]["critical_difference"], 2) == 1.25


def test_the_tie_corrected_statistic_stands_beside_the_plain_one(ran):
    """scipy.stats.friedmanchisquare corrects for ties."""
    from scipy.stats import friedmanchisquare

    with (ROOT / "examples/data/demsar_2006_c45.csv").open() as stream:
        rows = [list(map(float, row[1:])) for row in list(csv.reader(stream))[1:]]
    friedman = ran("compare_classifiers")[0]["metrics"]["ranks"]["friedman"]
    assert friedman["chi2_tie_corrected"]["value"] == pytest.approx(
        friedmanchisquare(*zip(*rows, strict=True)).statistic
    )


def test_the_report_of_the_main_job_shows_the_diagram(ran):
    page = (ran("compare_classifiers")[1] / "artifacts/report/compare_classifiers.html").read_text()
    assert "Critical difference of mean ranks" in page
    assert "<svg" in page


def test_the_command_says_where_the_results_are(ran):
    _, run_dir, done = ran("compare_classifiers")
    assert f"record: {run_dir}" in done.stdout
    assert "succeeded" in done.stdout


def test_two_classifiers_are_compared_item_by_item(ran):
    manifest = ran("compare_two_classifiers")[0]
    comparison = manifest["metrics"]["comparison"]
    accuracy = manifest["metrics"]["cross_validate"]["accuracy"]
    assert comparison["n"] == {"logistic_regression": 569, "tree": 569}
    difference = accuracy["logistic_regression"] - accuracy["tree"]
    assert comparison["mcnemar"]["estimate"]["value"] == pytest.approx(difference)
    assert manifest["verdicts"][0]["passed"]


def test_a_post_hoc_test_is_made_after_a_significant_omnibus_test(ran):
    """scipy.stats.wilcoxon over the same two columns; scipy knows no exact p-value with ties."""
    from scipy.stats import wilcoxon

    manifest, run_dir, done = ran("post_hoc_test")
    with (ROOT / "examples/data/demsar_2006_c45.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    plain, both = ([float(row[name]) for row in rows] for name in ("C4.5", "C4.5+m+cf"))
    test = manifest["metrics"]["pair"]["wilcoxon"]
    assert test["statistic"] == wilcoxon(plain, both).statistic
    assert test["p_value"] < 0.05
    stages = {stage["id"]: stage for stage in manifest["stages"]}
    assert (stages["pair"]["status"], stages["pair_by_sign"]["status"]) == ("succeeded", "skipped")
    assert stages["pair_by_sign"]["reason"].startswith("condition: not defined(metrics.pair)")
    assert "pair_by_sign skipped: not defined(metrics.pair)" in done.stderr
    assert stages["accuracies"]["policies"]["isolation"] == "process"
    page = (run_dir / "artifacts/report/post_hoc_test.md").read_text()
    assert "| pair_by_sign | Skipped: not defined" in page


def test_every_example_is_run_here_or_by_the_plugin_that_it_is_of():
    names = {path.stem for path in (ROOT / "examples").glob("*.yaml")}
    trained = {"sft_tiny"}  # by plugins/crucible-train/tests/test_example.py, where torch is
    assert names - trained == {"compare_classifiers", "compare_two_classifiers", "post_hoc_test"}


def test_a_traced_program_sees_the_run_and_its_stages_below_its_own_span(tmp_path):
    done = subprocess.run(
        [sys.executable, "examples/traced_run.py", str(tmp_path)],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if not name.startswith("OTEL_")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("nightly evaluation ")
    assert lines[1].startswith("  RUN compare_classifiers ")
    assert len(lines) > 4
    assert all(line.startswith("    ") and line.endswith(" success") for line in lines[2:])
