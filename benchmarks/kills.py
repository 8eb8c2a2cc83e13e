"""Kill a run at random moments, and at every boundary of its record in turn, and see what becomes of it.

A run of 20 stages that read and write is killed by SIGKILL, goes on, is killed again, and in the end comes to its end.
Counted are stages that were acknowledged and then lost, stages that were done and ran again, runs whose status was not
``interrupted`` when somebody looked, and runs that came to another result than one that nobody disturbed. Moments are
uniform over the time that an undisturbed run takes from its first line to its last; the process has imported
everything before. Boundaries are the fault points of `crucible_core.runs.faults`: each occurrence of each is where one
process ends.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from measure import options, report, table

TRIALS = Path(__file__).parents[1] / "tests" / "end_to_end" / "kills"
sys.path.insert(0, str(TRIALS))

from killing import Place, Tally, finish, outcome, trial  # noqa: E402 - found once the path is set

STAGES, KILLS = 20, 1_000
BEGIN = (
    f"import sys; sys.path.insert(0, {str(TRIALS)!r})\n"
    "from pathlib import Path\nfrom killing import Place\n"
    "Place(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]).begin()"
)


def main() -> None:
    """Kill, count, and say what came of it."""
    parser = options(__doc__ or "")
    parser.add_argument("--seed", type=int, help="draws the moments; chosen when not given, and printed")
    given = parser.parse_args()
    seed = int.from_bytes(os.urandom(4), "big") if given.seed is None else given.seed
    kills = 50 if given.quick else KILLS
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory)
        expected, lasts = undisturbed(root, "process")
        by_chance = killed_at_random(root, random.Random(seed), lasts, expected, kills)
        found: dict[str, Any] = {"random": vars(by_chance), "seed": seed, "seconds": lasts}
        rows = [_row(f"{by_chance.kills} random moments, seed {seed}", by_chance)]
        for durability in ("process", "power"):
            points, tally = killed_at_boundaries(root, durability, expected, every=20 if given.quick else 1)
            found[durability] = {"points": points, **vars(tally)}
            rows.append(_row(f"{tally.kills} boundaries of {len(points)} kinds, durability {durability}", tally))
    columns = ("killed at", "stages acknowledged", "lost", "run again", "wrong status", "other result")
    kinds = "\n".join(f"{durability}: {found[durability]['points']}" for durability in ("process", "power"))
    report("killed runs", given, found, f"{table(columns, rows)}\n\n{kinds}")


def _row(name: str, tally: Tally) -> list[str]:
    counts = (tally.acknowledged, tally.lost, tally.run_again, tally.wrong_status, tally.other_result)
    return [name, *(f"{count:,}" for count in counts)]


def undisturbed(root: Path, durability: str) -> tuple[dict[str, Any], float]:
    """Return what a run comes to that nobody kills, and the seconds it takes once everything is imported."""
    took = []
    for name in ("first", "second"):
        place = _place(root / name, durability)
        began = time.perf_counter()
        result = outcome(place.begin())
        took.append(time.perf_counter() - began)
    return result, took[-1]


def killed_at_random(root: Path, draw: random.Random, lasts: float, expected: dict[str, Any], kills: int) -> Tally:
    """Kill runs until there were that many kills."""
    tally, number = Tally(), 0
    while tally.kills < kills:
        number += 1
        place = _place(root / f"random{number}", "process")
        trial(place, draw, lasts, expected, tally)
        shutil.rmtree(place.path)
        print(f"\r{tally.kills}/{kills}", end="", file=sys.stderr, flush=True)
    return tally


def killed_at_boundaries(
    root: Path, durability: str, expected: dict[str, Any], every: int
) -> tuple[dict[str, int], Tally]:
    """Kill one process at each occurrence of each fault point, or at each so-many-th."""
    place, tally = _place(root / f"{durability}-reached", durability), Tally()
    log = place.path / "reached.txt"
    _begin(place, {"CRUCIBLE_FAULT_LOG": str(log)})
    points = Counter(log.read_text().split())
    at = [(name, number) for name, count in points.items() for number in range(1, count + 1)]
    for name, number in at[::every]:
        place = _place(root / f"{durability}-{name}-{number}", durability)
        code = _begin(place, {"CRUCIBLE_FAULT_POINT": f"{name}:{number}"})
        if code != -9:
            raise SystemExit(f"{name}:{number} was not reached: the process exited with {code}")
        tally.kills += 1
        done = place.acknowledged()
        tally.acknowledged += len(done)
        finish(place, done, expected, tally)
        shutil.rmtree(place.path)
        print(f"\r{durability} {tally.kills}/{len(at) // every}", end="", file=sys.stderr, flush=True)
    return dict(points), tally


def _place(path: Path, durability: str) -> Place:
    path.mkdir()
    return Place(path, STAGES, durability)


def _begin(place: Place, env: dict[str, str]) -> int:
    arguments = [str(place.path), str(place.stages), place.durability]
    command = [sys.executable, "-c", BEGIN, *arguments]
    return subprocess.run(command, check=False, env={**os.environ, **env}, capture_output=True).returncode


if __name__ == "__main__":
    main()
