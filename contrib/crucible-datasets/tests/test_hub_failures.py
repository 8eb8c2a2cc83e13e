"""What cannot be had from a hub: each with its code, what is wrong, where, and what to do."""

from __future__ import annotations

import io
import socket
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

TRAIN = {"train.csv": "n\n1\n2\n"}
CONFIGURATIONS = """---
configs:
- {config_name: plain, data_files: train.csv}
- {config_name: hard, data_files: train.csv}
---
"""
NO_SUCH = "cannot be loaded: the hub at {hub} has no data set "
MEDIA = "the column 'picture' holds Image files, which are no values of a table"
REFUSALS = [
    ("unavailable_dataset", {"source": "hub:org/other"}, NO_SUCH + "'org/other', or hides it; check the name"),
    ("unavailable_dataset", {"source": "hub:csv"}, NO_SUCH + "'csv', or hides it; check the name"),
    ("unavailable_dataset", {"source": "hub:org/-name"}, "the hub at {hub} says: Repo id must"),
    ("unavailable_dataset", {"source": "hub:org/two@v9"}, "org/two has no revision 'v9'; name a branch, a tag or a"),
    ("unavailable_dataset", {"source": "hub:org/two"}, "pick one among the available configs: ['plain', 'hard']"),
    ("unavailable_dataset", {"source": "hub:org/two:soft"}, "'soft' not found. Available: ['plain', 'hard']"),
    ("unavailable_dataset", {"source": "hub:org/prose"}, "doesn't contain any data files; {hub}/datasets/org/prose"),
    ("unavailable_dataset", {"source": "hub:org/broken"}, "ArrowInvalid: Parquet magic bytes not found"),
    ("no_rows", {"source": "hub:org/empty"}, "hub:org/empty has no rows"),
    ("no_rows", {"source": "hub:org/empty", "limit": 1}, "hub:org/empty has no rows"),
    ("bad_value", {"source": "hub:org/media"}, MEDIA),
    ("bad_value", {"source": "hub:org/media", "limit": 1}, MEDIA),
]
WITHOUT_LIBRARY = """
import sys
sys.modules["datasets"] = None
from crucible_core.cli.entry import main
sys.exit(main())
"""


def pictures():
    """Return a Parquet file with a column of images, as the library writes them."""
    image = pa.array([{"bytes": b"GIF89a", "path": "a.gif"}])
    features = b'{"info": {"features": {"picture": {"_type": "Image"}}}}'
    table = pa.table({"picture": image}).replace_schema_metadata({b"huggingface": features})
    pq.write_table(table, file := io.BytesIO())
    return file.getvalue()


@pytest.fixture(scope="module")
def refusals(served):
    """Try every source in one process, which saves importing the library a dozen times."""
    hub, client = served
    hub.put("org/two", {"README.md": CONFIGURATIONS, **TRAIN})
    hub.put("org/prose", {"README.md": "Nothing yet."})
    hub.put("org/broken", {"train.parquet": "is not one, by its magic"})
    hub.put("org/empty", {"train.csv": "n\n"})
    hub.put("org/media", {"train.parquet": pictures()})
    return hub, client.outcomes(*(options for _, options, _ in REFUSALS))


@pytest.mark.parametrize("index", range(len(REFUSALS)), ids=[str(options) for _, options, _ in REFUSALS])
def test_what_the_hub_does_not_have(refusals, index):
    hub, outcomes = refusals
    code, options, message = REFUSALS[index]
    found_code, found = outcomes[index]
    assert (found_code, found.startswith(options["source"])) == (code, True), found
    assert message.format(hub=hub.url) in found
    assert "\n" not in found


def failure(done, code):
    """Return the message of a run that failed with this code."""
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr + done.stdout
    [line] = [each for each in done.stdout.splitlines() if each.startswith(code)]
    return line.removeprefix(f"{code} in s0: ")


def test_a_run_whose_data_set_the_hub_does_not_know_fails(hub, client):
    found = failure(client.run({"source": "hub:org/name"}), "unavailable_dataset")
    assert found.startswith(f"hub:org/name cannot be loaded: the hub at {hub.url} has no data set 'org/name'")
    assert hub.requests.count("GET /api/datasets/org/name") == 1


def test_a_hub_that_cannot_be_reached_is_not_waited_for(client):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # bound and not listening: it refuses connections, and nobody else takes the port
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        done = client.run({"source": "hub:org/name"}, HF_ENDPOINT=url)
    found = failure(done, "unavailable_dataset")
    assert "Retrying" not in done.stderr  # the library's own five retries take 24 seconds
    assert f"the hub at {url} cannot be reached ([Errno 111] Connection refused); check the network" in found


def test_a_hub_that_refuses_to_answer_is_quoted(hub, client):
    hub.busy = True
    [(code, found)] = client.outcomes({"source": "hub:org/name"})
    assert code == "unavailable_dataset"
    assert found.startswith(f"hub:org/name cannot be loaded: the hub at {hub.url} says: Server error '503")
    assert found.endswith("; try again later")


def test_no_other_version_takes_the_place_of_the_one_that_cannot_be_fetched(hub, client):
    old = hub.put("org/name", TRAIN)
    assert client.outcomes({"source": "hub:org/name"}) == [("loaded", "")]
    new = hub.put("org/name", {"train.csv": "n\n3\n"})
    hub.refused.add(new)
    found = failure(client.run({"source": "hub:org/name"}), "unavailable_dataset")
    assert f"its files cannot be fetched, and the version in the cache is {old}, not {new}" in found


def test_offline_only_what_is_cached_can_be_had(hub, client):
    old = hub.put("org/name", TRAIN, tag="v1")
    assert client.outcomes({"source": "hub:org/name"}) == [("loaded", "")]
    sources = [{"source": "hub:org/name@v2"}, {"source": "hub:org/other"}]
    (first, version), (second, other) = client.outcomes(*sources, HF_HUB_OFFLINE="1")
    assert first == second == "unavailable_dataset"
    assert f"the version in the cache is {old}, not v2; check the network (and that HF_HUB_OFFLINE" in version
    assert "Couldn't reach 'org/other' on the Hub (OfflineModeIsEnabled)" in other


def test_without_the_library_the_error_says_what_to_type(client):
    command = [sys.executable, "-c", WITHOUT_LIBRARY]
    found = failure(client.run({"source": "hub:org/name"}, command=command), "missing_package")
    assert found.startswith("hub:org/name needs the package datasets")
    assert found.endswith("type: pip install datasets")
