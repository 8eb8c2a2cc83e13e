"""What the README shows is what comes out."""

from __future__ import annotations

import re
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import yaml

from crucible_datasets.stages import LoadDataset

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
PAIRS = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", README, re.DOTALL)


def test_python_prints_what_is_shown():
    assert len(PAIRS) == README.count("```python") == README.count("```text") == 3
    names: dict[str, object] = {}
    for code, shown in PAIRS:
        said = StringIO()
        with redirect_stdout(said):
            exec(code, names)
        assert said.getvalue() == shown


def test_the_spec_has_valid_options():
    (spec,) = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    (stage,) = yaml.safe_load(spec)["pipeline"]
    assert LoadDataset.Options(**stage["options"]).stratify_by == "label"


def test_every_code_of_every_docstring_example_runs():
    import doctest
    import importlib
    import pkgutil

    import crucible_datasets

    modules = [
        importlib.import_module(f"crucible_datasets.{each.name}")
        for each in pkgutil.iter_modules(crucible_datasets.__path__)
    ]
    results = [doctest.testmod(module) for module in modules]
    assert sum(each.failed for each in results) == 0
    assert sum(each.attempted for each in results) >= 8
