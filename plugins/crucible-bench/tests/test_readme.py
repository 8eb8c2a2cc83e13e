"""The code of the README runs, and prints what the README says."""

from __future__ import annotations

import re
from pathlib import Path

README = (Path(__file__).parents[1] / "README.md").read_text()


def test_examples_run_and_print_what_they_show(capsys):
    for block in re.findall(r"```python\n(.*?)```", README, re.DOTALL):
        exec(compile(block, "README.md", "exec"), {})
    (shown,) = re.findall(r"```text\n(.*?)```", README, re.DOTALL)
    assert capsys.readouterr().out == shown


def test_every_test_is_listed():
    from crucible_bench import TESTS

    assert [name for name in TESTS if f"`{name}`" not in README] == []
