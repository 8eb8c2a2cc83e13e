"""Finding the file a source names."""

from __future__ import annotations

import os

import pytest

from crucible_datasets import DatasetError
from crucible_datasets.locate import find_file, find_package_file


@pytest.fixture
def places(tmp_path, monkeypatch):
    here, spec = tmp_path / "here", tmp_path / "spec"
    for directory in (here, spec):
        directory.mkdir()
    monkeypatch.chdir(here)
    return here, spec


def test_the_current_directory_comes_before_that_of_the_spec(places):
    here, spec = places
    (spec / "a.csv").touch()
    assert find_file("a.csv", spec) == spec / "a.csv"
    (here / "a.csv").touch()
    assert find_file("a.csv", spec).absolute() == here / "a.csv"


def test_an_absolute_path_and_the_home_directory(places, monkeypatch):
    here, spec = places
    (here / "a.csv").touch()
    monkeypatch.setenv("HOME", str(here))
    assert find_file(here / "a.csv", spec) == find_file("~/a.csv", spec) == here / "a.csv"


def test_a_missing_file_is_reported_with_both_places_and_the_near_match(places):
    here, spec = places
    (spec / "data").mkdir()
    (spec / "data" / "scores.csv").touch()
    with pytest.raises(DatasetError) as caught:
        find_file("data/score.csv", spec)
    message = str(caught.value)
    assert caught.value.code == "file_not_found"
    assert f"in {here / 'data'} and {spec / 'data'}" in message
    assert "Did you mean 'scores.csv'?" in message


def test_a_directory_that_is_missing_as_well(places):
    here, _ = places
    with pytest.raises(DatasetError, match=f"looked for 'a.csv' in {here / 'nowhere'}") as caught:
        find_file("nowhere/a.csv")
    assert caught.value.code == "file_not_found"


def test_the_home_of_a_user_who_has_none(places):
    with pytest.raises(DatasetError) as caught:
        find_file("~no-such-user/a.csv")
    assert caught.value.code == "file_not_found"


def test_a_misspelt_provider_is_told_which_there_are(places):
    with pytest.raises(DatasetError, match=r"begins with package:, sklearn:, statsmodels: or hub:") as caught:
        find_file("sklern:iris")
    assert caught.value.code == "file_not_found"


def test_a_directory_is_reported_with_its_files(places):
    here, _ = places
    (here / "data").mkdir()
    (here / "data" / "a.csv").touch()
    with pytest.raises(DatasetError, match=r"data is a directory; give one of its files \(a.csv\)") as caught:
        find_file("data")
    assert caught.value.code == "unreadable_file"


def test_a_pipe_is_no_regular_file(places):
    os.mkfifo("pipe")
    with pytest.raises(DatasetError, match="pipe is not a regular file") as caught:
        find_file("pipe")
    assert caught.value.code == "unreadable_file"


def test_a_name_the_system_does_not_take(places):
    with pytest.raises(DatasetError, match="cannot be read: File name too long") as caught:
        find_file("x" * 5000)
    assert caught.value.code == "unreadable_file"


def test_a_file_inside_a_package():
    path = find_package_file("crucible_datasets/example_data/scores.csv")
    assert path.read_text(encoding="utf-8").startswith("id,part,group,score,note\n")


@pytest.mark.parametrize("name", ["no_such_package/a.csv", "not a name/a.csv", "__main__/a.csv", "json.decoder/a.csv"])
def test_a_package_that_is_not_installed(name):
    with pytest.raises(DatasetError, match="which is not installed") as caught:
        find_package_file(name)
    assert caught.value.code == "missing_package"


def test_a_file_without_permission(places, monkeypatch):
    """The system's refusal stands in for a foreign file: the superuser may read them all."""
    here, _ = places
    (here / "a.csv").touch()

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.open", refuse)
    with pytest.raises(DatasetError, match=r"a\.csv cannot be read: Permission denied; check") as caught:
        find_file("a.csv")
    assert caught.value.code == "unreadable_file"
