"""The index says what the run directories say, in every database."""

from __future__ import annotations

import pytest


def test_a_run_is_found(database, record, tmp_path):
    record("Everything", "Crash")
    assert database.catch_up(tmp_path / "out").read == 1
    print(database.rows())
