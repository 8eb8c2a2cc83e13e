"""The kit comes with the core, for those as well who have no pytest."""

from __future__ import annotations

import subprocess
import sys

CODE = """
import sys
sys.modules["pytest"] = None  # as where it is not installed
from crucible_core.testing import Configuration, all_checks, run_conformance
report = run_conformance("data_checks", checks=["A01"])
print(report.passed, len(all_checks()) > 50, Configuration().waivers)
"""


def test_it_runs_where_there_is_no_pytest():
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("True True {}\n", "")
