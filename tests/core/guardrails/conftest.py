"""Give the tests the script that computes the published figures, loader of the labelled set included."""

from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "docs" / "guardrail_figures.py"


@pytest.fixture(scope="session")
def figures():
    spec = spec_from_file_location("guardrail_figures", SCRIPT)
    module = module_from_spec(spec)
    sys.modules["guardrail_figures"] = module  # dataclasses look their own module up
    spec.loader.exec_module(module)
    yield module
    del sys.modules["guardrail_figures"]


@pytest.fixture(scope="session")
def labelled(figures):
    return figures.load_labelled()
