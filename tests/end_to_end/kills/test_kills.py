"""A run is killed at random moments and at every boundary of its journal, and comes to the same end.

The thousand kills of docs/benchmarks.md are `benchmarks/kills.py`; these are enough to see that nothing broke.
"""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from .killing import Place, Tally, finish, outcome, trial

HERE = Path(__file__).parent
BEGIN = """
import sys
from pathlib import Path

sys.path.insert(0, sys.argv[1])
from killing import Place

Place(Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4]).begin()
"""


def expected(tmp_path, stages):
    """Return the outcome of an uninterrupted run, and the seconds it takes once everything is imported."""
    for name in ("first", "second"):
        place = Place(tmp_path / name, stages)
        place.path.mkdir()
        began = time.perf_counter()
        result = place.begin()
        took = time.perf_counter() - began
    return outcome(result), took


def test_killed_at_random_moments(tmp_path):
    seed = int.from_bytes(os.urandom(4), "big")
    draw, tally = random.Random(seed), Tally()
    result, lasts = expected(tmp_path, 10)
    for number in range(100):  # on a busy machine many a process is done before it is killed
        place = Place(tmp_path / f"trial{number}", 10)
        place.path.mkdir()
        trial(place, draw, lasts, result, tally)
        if tally.kills >= 25:
            break
    assert tally.kills, (seed, tally)
    assert tally.good, (seed, tally)


def begin(place, **env):
    """Begin a run in a process of its own and return its exit code."""
    arguments = [str(HERE), str(place.path), str(place.stages), place.durability]
    command = [sys.executable, "-c", BEGIN, *arguments]
    return subprocess.run(command, check=False, env={**os.environ, **env}, capture_output=True).returncode


def points_reached(place):
    log = place.path / "reached.txt"
    assert begin(place, CRUCIBLE_FAULT_LOG=str(log)) == 0
    return log.read_text().split()


@pytest.mark.parametrize("durability", ["process", "power"])
def test_killed_at_every_boundary(tmp_path, durability):
    result, _ = expected(tmp_path, 2)
    whole = Place(tmp_path / "reached", 2, durability)
    whole.path.mkdir()
    names = points_reached(whole)
    assert {"journal.append", "journal.appended", "manifest.write", "object.written"} <= set(names)
    counts = {name: names.count(name) for name in names}
    tally = Tally()
    for name, count in counts.items():
        for occurrence in sorted({1, count // 2 or 1, count}):
            place = Place(tmp_path / f"{name}-{occurrence}", 2, durability)
            place.path.mkdir()
            assert begin(place, CRUCIBLE_FAULT_POINT=f"{name}:{occurrence}") == -9, (name, occurrence)
            finish(place, place.acknowledged(), result, tally)
    assert tally.good, tally
