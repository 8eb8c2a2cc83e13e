"""What is installed against what a repository declares."""

from __future__ import annotations

import pytest

from crucible_core.testing.own_distribution import own_distribution

WAIVER = '[tool.crucible.conformance.waive."sound:CRU-E01"]\nreason = "to be mended"\nuntil = "2.0"\n'


@pytest.fixture
def complaints(repository, monkeypatch):
    monkeypatch.syspath_prepend(repository.site)
    monkeypatch.chdir(repository.directory)
    monkeypatch.setenv("CRUCIBLE_CONFIG_DIR", str(repository.site))
    return lambda: own_distribution(repository.directory / "pyproject.toml").complaints


def test_nothing_is_wrong_when_what_is_declared_is_installed(repository, complaints):
    assert complaints() == ()


def uninstall(repository):
    folder = repository.site / "authored-1.0.dist-info"
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (uninstall, "no stage of authored is installed, so that nothing was checked; run: pip install -e ."),
        (
            lambda each: (each.site / "authored-1.0.dist-info/METADATA").write_bytes(b"\xff"),
            "authored is installed, but",
        ),
        (lambda each: each.install(sound="sound:Another"), "sound: sound:Sound in pyproject.toml, sound:Another in"),
        (lambda each: each.install(sound="sound:Sound", more="sound:Sound"), "more: not a stage in pyproject.toml"),
        (lambda each: each.configure('more = "sound:More"'), "more: sound:More in pyproject.toml, not a stage in"),
        (lambda each: each.write("pyproject.toml", '[project]\nname = "authored"\nentry-points = 3\n'), None),
        (lambda each: each.write("pyproject.toml", '[project.entry-points."crucible.stages"]\n'), "no [project] name"),
        (lambda each: each.write("pyproject.toml", "[project\n"), "pyproject.toml: "),
        (lambda each: each.configure("[tool]\ncrucible = 3"), None),
        (
            lambda each: each.configure("[tool.crucible]\nconformance = 3"),
            "[tool.crucible.conformance] must be a table",
        ),
        (lambda each: each.configure(WAIVER.replace("sound", "absent")), "there is no stage 'absent'"),
        (lambda each: each.configure(WAIVER.replace("E01", "E77")), "there is no check 'CRU-E77'"),
        (lambda each: each.configure(WAIVER.replace('"to be mended"', '""')), "it needs a reason"),
        (lambda each: each.configure(WAIVER.replace("2.0", "1.0")), "it expired (1.0)"),
        (lambda each: each.configure(WAIVER.replace("2.0", "2020-01-01")), "it expired (2020-01-01)"),
    ],
)
def test_what_is_wrong_is_said(repository, complaints, spoil, said):
    spoil(repository)
    found = complaints()
    assert any(said in each for each in found) if said else not found


def test_a_declared_table_without_stages_is_wrong_and_so_is_none_that_is_installed(repository, complaints):
    repository.install()
    repository.write("pyproject.toml", '[project]\nname = "authored"\n[project.entry-points."crucible.stages"]\n')
    assert "nothing was checked" in complaints()[0]
