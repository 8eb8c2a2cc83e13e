"""The catalogue of what this repository offers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from crucible_core.plugins.catalogue import catalogue, install_hint

ROOT = Path(__file__).parents[3]


def test_the_catalogue_is_current():
    command = [sys.executable, str(ROOT / "docs" / "generate_catalogue.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_every_source_is_a_package_of_the_repository():
    assert [entry.source for entry in catalogue() if not (ROOT / entry.source / "pyproject.toml").is_file()] == []


def test_a_hint_names_a_path_never_an_index():
    assert install_hint("bench").startswith("pip install ./plugins/crucible-bench")
    assert install_hint("nobody_offers_this") is None
