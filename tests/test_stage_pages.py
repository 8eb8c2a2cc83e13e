"""Every first-party stage has a page in docs/stages that says what the stage says now."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"


def test_the_pages_of_the_stages_are_current():
    command = [sys.executable, DOCS / "generate_stage_pages.py", "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
