"""In which order sets are gone through under a hash seed, told without an interpreter that has it."""

from __future__ import annotations

import json
import random
import subprocess
import sys

import pytest

from crucible_core.testing.hash_orders import SEEDS, order, telling_seed

TEXTS = ["a", "b", "control", "treatment", "m", "f", "yes", "no", "é", "日本", "\U0001f600", "one two", "x" * 20]
ASK = "import json, sys; print(json.dumps([list(set(each)) for each in json.loads(sys.argv[1])]))"


@pytest.mark.every_interpreter
@pytest.mark.parametrize("seed", [0, SEEDS[0], SEEDS[-1]])
def test_the_order_is_that_of_an_interpreter_with_the_seed(seed):
    draw = random.Random(1)
    sets = [draw.sample(TEXTS, draw.randint(2, 4)) for _ in range(200)]
    done = subprocess.run(
        [sys.executable, "-c", ASK, json.dumps(sets)],
        env={"PYTHONHASHSEED": str(seed), "PYTHONUTF8": "1"},
        capture_output=True,
        check=True,
    )
    assert [list(order(each, seed)) for each in sets] == json.loads(done.stdout)


def test_nearly_every_pair_of_texts_changes_places_under_the_seed_that_is_chosen():
    draw = random.Random(2)
    pairs = [("".join(draw.choices("abcdefgh", k=3)), "".join(draw.choices("xyz", k=4))) for _ in range(200)]
    missed = [pair for pair in pairs if order(pair, 0) == order(pair, telling_seed([pair]))]
    assert len(missed) < 0.1 * len(pairs)


def test_without_texts_it_is_the_usual_seed():
    assert telling_seed([]) == telling_seed([("only",)]) == SEEDS[0]
