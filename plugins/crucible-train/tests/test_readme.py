"""What the README says is there is there."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

FOLDER = Path(__file__).parents[1]
README = (FOLDER / "README.md").read_text(encoding="utf-8")


def test_every_stage_is_listed():
    project = tomllib.loads((FOLDER / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert set(re.findall(r"docs/stages/(\w+)\.md", README)) == set(project["entry-points"]["crucible.stages"])


def test_the_defaults_it_gives_are_those_of_the_loop():
    from crucible_train.loops.config import SupervisedConfig
    from crucible_train.session_config import SessionConfig

    loop, session = SupervisedConfig(), SessionConfig()
    assert (loop.num_epochs, loop.batch_size, loop.learning_rate, loop.lr_schedule) == (1, 8, 1e-4, "linear")
    assert session.optimizer == "adam"
    assert "1 epoch, batches of 8, Adam at 1e-4 falling to 0" in README
