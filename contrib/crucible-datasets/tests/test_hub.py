"""Data sets fetched over HTTP with the ``datasets`` library, from a hub on loopback."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq

from crucible_datasets import sha256_of_rows

TRAIN, TEST = "text,label,score\na,1,0.5\nb,0,\n,3,2\n", "text,label,score\nd,1,4\n"
ROWS = [
    {"text": "a", "label": 1, "score": 0.5, "hub_split": "train"},
    {"text": "b", "label": 0, "score": None, "hub_split": "train"},
    {"text": None, "label": 3, "score": 2.0, "hub_split": "train"},
    {"text": "d", "label": 1, "score": 4.0, "hub_split": "test"},
]
CONFIGURATIONS = """---
configs:
- {config_name: plain, data_files: [{split: train, path: plain.csv}]}
- {config_name: hard, data_files: [{split: train, path: hard.csv}]}
---
"""


def test_the_manifest_says_what_was_fetched(hub, client):
    hub.put("org/name", {"README.md": "---\nlicense: mit\n---\n", "train.csv": TRAIN, "test.csv": TEST})
    done = client.run({"source": "hub:org/name", "split": "given", "split_column": "hub_split"})
    assert done.returncode == 0, done.stderr
    [manifest] = client.manifests()
    assert manifest == {
        "source": "hub:org/name",
        "sha256": sha256_of_rows(ROWS),
        "rows": 4,
        "columns": ["text", "label", "score", "hub_split"],
        "split": {"method": "given", "sizes": {"test": 1, "train": 3}, "unassigned": 0, "column": "hub_split"},
    }
    assert [line.split(" ")[0] for line in done.stderr.splitlines()] == ["exp", "[1/1]", "[1/1]"], done.stderr


def test_a_split_without_rows_does_not_stand_in_the_way_of_others(hub, client):
    hub.put("org/name", {"train.csv": "n\n1\n", "test.csv": "n\n"})
    done = client.run({"source": "hub:org/name"})
    assert done.returncode == 0, done.stderr
    assert client.hashes() == [sha256_of_rows([{"n": 1, "hub_split": "train"}])]


def test_what_was_fetched_is_not_fetched_again(hub, client):
    commit = hub.put("org/name", {"train.csv": TRAIN, "test.csv": TEST})
    assert client.run({"source": "hub:org/name"}).returncode == 0
    assert sorted(hub.fetched()) == ["test.csv", "train.csv"]
    assert client.run({"source": "hub:org/name"}).returncode == 0
    assert hub.fetched() == []
    done = client.run({"source": "hub:org/name"}, {"source": f"hub:org/name@{commit}"}, HF_HUB_OFFLINE="1")
    assert done.returncode == 0, done.stderr
    assert client.hashes() == [sha256_of_rows(ROWS)] * 2
    assert hub.requests == []


def test_a_limit_streams_and_fetches_nothing_after_it(hub, client):
    hub.put("org/name", {"train.csv": TRAIN, "test.csv": TEST})
    done = client.run({"source": "hub:org/name", "limit": 3})
    assert done.returncode == 0, done.stderr
    assert hub.fetched() == ["train.csv"]
    assert client.hashes() == [sha256_of_rows(ROWS[:3])]


def test_configurations_and_revisions_are_chosen_by_name(hub, client):
    old = hub.put("org/name", {"train.csv": "n\n1\n"}, tag="v1")
    hub.put("org/name", {"README.md": CONFIGURATIONS, "plain.csv": "n\n2\n", "hard.csv": "n\n3\n"}, tag="v2")
    sources = ["hub:org/name@v1", f"hub:org/name@{old}", "hub:org/name:plain", "hub:org/name:hard@v2"]
    done = client.run(*({"source": source} for source in sources))
    assert done.returncode == 0, done.stderr
    assert [each["source"] for each in client.manifests()] == sources
    assert client.hashes() == [sha256_of_rows([{"n": n, "hub_split": "train"}]) for n in (1, 1, 2, 3)]


def test_values_that_json_lacks(hub, client, tmp_path):
    noon = dt.datetime(2026, 1, 2, 12, tzinfo=dt.UTC)
    columns = {
        "at": [noon.replace(tzinfo=None), None],
        "utc": [noon, None],
        "took": [dt.timedelta(seconds=90), None],
        "price": [Decimal("1.20"), None],
        "x": [float("nan"), float("inf")],
        "raw": [b"\x00\xff", None],
        "tags": [["a", "b"], []],
        "inner": [{"day": dt.date(2026, 1, 2)}, None],
    }
    pq.write_table(pa.table(columns), tmp_path / "train.parquet")
    hub.put("org/name", {"data/train-00000-of-00001.parquet": (tmp_path / "train.parquet").read_bytes()})
    done = client.run({"source": "hub:org/name"}, {"source": "hub:org/name", "limit": 2})
    assert done.returncode == 0, done.stderr
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    assert client.hashes() == [sha256_of_rows([{**row, "hub_split": "train"} for row in rows])] * 2
