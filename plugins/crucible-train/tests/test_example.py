"""The example with real text, with fewer epochs: one command, from the spec as it stands."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch")

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def manifest(tmp_path_factory):
    where = tmp_path_factory.mktemp("runs")
    options = ["-o", "train.epochs=2", "-o", "train.warmup_steps=10", "--output-dir", str(where)]
    command = [sys.executable, "-m", "crucible_core", "run", "examples/sft_tiny.yaml", *options]
    environment = {**os.environ, "NO_COLOR": "1", "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 4, done.stderr  # the target is that of the whole training
    (run_dir,) = (where / "sft_tiny").iterdir()
    return json.loads((run_dir / "manifest.json").read_text())


def test_it_learns_of_four_acts_what_holds_in_the_fifth(manifest):
    metrics = manifest["metrics"]
    assert metrics["before"]["loss"] == pytest.approx(math.log(259), abs=0.05)
    assert metrics["train"]["held_out"] > metrics["after"]["items"] == 125  # long speeches are in pieces
    assert metrics["after"]["loss"] < 3.3
    assert metrics["train"]["best_eval_loss"] == pytest.approx(metrics["after"]["loss"], abs=1e-4)


def test_the_difference_is_tested_speech_by_speech(manifest):
    test = manifest["metrics"]["comparison"]["paired_ttest"]
    assert test["p_value"] < 0.001
    assert test["effect_size"]["value"] > 1


def test_the_data_are_as_said():
    rows = [json.loads(line) for line in (ROOT / "examples/data/julius_caesar.jsonl").read_text().splitlines()]
    assert len(rows) == 796
    assert len({row["id"] for row in rows}) == 796
    assert all((row["part"] == "validation") == row["id"].startswith("5.") for row in rows)
    assert any(row["text"].startswith("ANTONY: Friends, Romans, countrymen, lend me your ears;") for row in rows)
