"""Stages to try the kit on; the processes that check them import them by name, as this one does."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from crucible_core.plugins.registry import default_registry

STAGES = str(Path(__file__).parent / "stages")
if STAGES not in sys.path:
    sys.path.append(STAGES)


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A directory of installed packages that this process and its children find."""
    from distributions import Site

    made = Site(tmp_path / "site")
    monkeypatch.syspath_prepend(str(made.root))
    default_registry.cache_clear()
    before = set(sys.modules)
    yield made
    default_registry.cache_clear()
    for name in set(sys.modules) - before:
        if str(made.root) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]
