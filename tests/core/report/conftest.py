"""The sample run, and a browser to look at its report."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from crucible_core.contract.runtime import RunServices, Runtime


def _sibling(name: str) -> ModuleType:
    """Import a file beside this one: test folders are no packages."""
    spec = importlib.util.spec_from_file_location(f"report_tests_{name}", Path(__file__).with_name(f"{name}.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


sample = _sibling("sample")
browsing = _sibling("browser")


@pytest.fixture
def make_sample(tmp_path):
    """Return a function that makes the context of the sample run; its files go below ``tmp_path``."""
    return lambda **experiment: sample.sample_context(tmp_path, **experiment)


@pytest.fixture
def record():
    """Return the record of the sample run."""
    return sample.record()


@pytest.fixture
def bare_runtime(tmp_path):
    """Return the runtime of a stage `report` that has a directory and no record."""
    return Runtime(RunServices(artifacts=lambda stage: tmp_path / "artifacts" / stage), "report")


@pytest.fixture(scope="session")
def browser():
    """Return a headless Chromium."""
    if browsing.CHROMIUM is None:
        pytest.skip("no Chromium found; the layout of the report is checked where there is one")
    with browsing.Browser() as page:
        yield page
