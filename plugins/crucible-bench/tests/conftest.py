"""Data that several tests read."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from crucible_bench import score_table_from_rows

DEMSAR = Path(__file__).parents[3] / "examples" / "data" / "demsar_2006_c45.csv"


@pytest.fixture(scope="session")
def demsar():
    """Area under the curve of four variants of C4.5 on 14 data sets, Demsar 2006, table 6."""
    with DEMSAR.open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    models = [name for name in rows[0] if name != "dataset"]
    return score_table_from_rows((model, row["dataset"], float(row[model])) for row in rows for model in models)
