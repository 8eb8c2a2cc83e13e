"""Give the tests the scripts that compute the published figures, loader of the labelled set included."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[3] / "docs"


@contextmanager
def script(name):
    spec = spec_from_file_location(name, DOCS / f"{name}.py")
    module = module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their own module up
    spec.loader.exec_module(module)
    yield module
    del sys.modules[name]


@pytest.fixture(scope="session")
def figures():
    with script("guardrail_figures") as module:
        yield module


@pytest.fixture(scope="session")
def numbers():
    with script("guardrail_numbers") as module:
        yield module


@pytest.fixture(scope="session")
def labelled(figures):
    return figures.load_labelled()
