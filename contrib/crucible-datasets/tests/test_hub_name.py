"""How data sets of the hub are named."""

from __future__ import annotations

import pytest

from crucible_datasets import DatasetError
from crucible_datasets.hub import load_hub
from crucible_datasets.hub_name import HubName, parse_hub_name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("squad", HubName("squad")),
        ("org/some-set_1.0", HubName("org/some-set_1.0")),
        ("org/name:config", HubName("org/name", "config")),
        ("org/name@refs/pr/1", HubName("org/name", None, "refs/pr/1")),
        ("org/name:config@v1", HubName("org/name", "config", "v1")),
    ],
)
def test_names(text, name):
    assert parse_hub_name(text) == name
    assert str(name) == f"hub:{text}"


@pytest.mark.parametrize("text", ["", "a/b/c", "org/na me", "org/name:", "org/name@", "org/name:a:b"])
def test_what_cannot_be_a_name(text):
    with pytest.raises(DatasetError, match="organisation/name") as caught:
        load_hub(text)
    assert caught.value.code == "unavailable_dataset"


def test_a_directory_of_that_name_is_not_taken_for_the_hub(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "org" / "name").mkdir(parents=True)
    with pytest.raises(DatasetError, match="would be read in place of the hub's") as caught:
        load_hub("org/name")
    assert caught.value.code == "unavailable_dataset"
