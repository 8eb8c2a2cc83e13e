"""What the tests of this distribution share."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest
import sklearn.datasets  # noqa: F401 - sets KMP_* in the environment when it is imported; here, no test is blamed for it


def _sibling(name: str) -> ModuleType:
    """Import a file beside this one: test folders are no packages."""
    full_name = f"datasets_tests_{name}"
    spec = importlib.util.spec_from_file_location(full_name, Path(__file__).with_name(f"{name}.py"))
    module = sys.modules[full_name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


loopback_hub = _sibling("loopback_hub")
hub_client = _sibling("hub_client")


@pytest.fixture
def hub():
    """Serve a hub on loopback for the time of a test."""
    with loopback_hub.serving() as server:
        yield server


@pytest.fixture
def client(tmp_path, hub):
    """Return what runs the command with that hub as its hub."""
    return hub_client.HubClient(tmp_path, hub.url)


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """Serve a hub for the tests of a file, and return it with a client."""
    with loopback_hub.serving() as server:
        yield server, hub_client.HubClient(tmp_path_factory.mktemp("served"), server.url)
