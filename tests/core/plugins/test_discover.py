"""What discovery makes of the metadata on a path."""

from __future__ import annotations

import zipfile

import pytest

from crucible_core.plugins.discover import discover
from crucible_core.plugins.record import Status


def found(*sites):
    return discover([str(site.root) for site in sites])


def test_an_environment_without_plugins_has_no_records(site):
    site.add("unrelated", entry_points="[console_scripts]\nx = unrelated:main\n")
    assert found(site) == ()


def test_a_record_says_what_the_metadata_say(site):
    directory = site.add(
        "Acme.Bench",
        version="2.1",
        stages={"zeta": "acme.stages:Zeta", "alpha": "acme.stages:Alpha"},
        hooks={"acme": "acme.hooks"},
        commands={"acme": "acme.cli:main"},
        requires=("numpy>=2", "crucible-core>=0.1,<1", "crucible-core-extras>=7"),
    )
    (record,) = found(site)
    assert (record.distribution, record.name, record.version) == ("acme-bench", "Acme.Bench", "2.1")
    assert [(ref.qualified, ref.value, ref.version) for ref in record.stages] == [
        ("acme-bench:alpha", "acme.stages:Alpha", "2.1"),
        ("acme-bench:zeta", "acme.stages:Zeta", "2.1"),
    ]
    assert (record.hook_name, record.hook_module) == ("acme", "acme.hooks")
    assert record.commands == (("acme", "acme.cli:main"),)
    assert record.requirements == ("crucible-core>=0.1,<1",)
    assert (record.status, record.location) == (Status.AVAILABLE, str(directory))


def test_records_are_sorted_by_name(site):
    for name in ("zeta", "alpha", "Mid"):
        site.add_good(name)
    assert [record.distribution for record in found(site)] == ["alpha", "mid", "zeta"]


def test_where_a_plugin_came_from_is_recorded(site):
    origin = {"url": "file:///home/me/acme", "dir_info": {"editable": True}}
    site.add_good("acme", direct_url=origin)
    (record,) = found(site)
    assert (record.source, record.editable) == ("file:///home/me/acme", True)


@pytest.mark.parametrize("text", ["{", "[]", '"x"', "{}", '{"url": "u", "dir_info": 3}'])
def test_a_malformed_origin_is_no_problem(site, text):
    (site.add_good("acme") / "direct_url.json").write_text(text)
    (record,) = found(site)
    assert record.status is Status.AVAILABLE


class TestDuplicates:
    def test_an_editable_install_beside_its_egg_info_counts_once(self, site):
        site.add_good("acme-bench", direct_url={"url": "file:///acme", "dir_info": {"editable": True}})
        site.add("acme-bench", stages={"acme_bench": "acme_bench:Acme_Bench"}, suffix=".egg-info")
        (record,) = found(site)
        assert record.editable

    def test_the_first_directory_on_the_path_wins(self, site, tmp_path):
        other = type(site)(tmp_path / "other")
        site.add_good("acme", version="1.0")
        other.add_good("acme", version="2.0")
        assert [record.version for record in found(other, site)] == ["2.0"]

    def test_a_copy_without_entry_points_hides_a_later_one_with_them(self, site, tmp_path):
        other = type(site)(tmp_path / "other")
        other.add("acme", entry_points="")
        site.add_good("acme")
        assert found(other, site) == ()

    def test_what_pip_left_behind_is_ignored(self, site):
        directory = site.add_good("acme")
        directory.rename(directory.with_name("~cme-1.0.dist-info"))
        assert found(site) == ()


def test_an_egg_info_of_an_older_tool_is_read(site):
    directory = site.add("acme", stages={"acme": "acme:Acme"}, requires=(), suffix=".egg-info")
    (directory / "requires.txt").write_text("crucible-core>=0.1\n")
    (record,) = found(site)
    assert (record.version, record.requirements) == ("1.0", ("crucible-core>=0.1",))


def test_a_distribution_in_a_zip_file_is_found(site, tmp_path):
    directory = site.add_good("acme")
    archive = tmp_path / "acme.zip"
    with zipfile.ZipFile(archive, "w") as stream:
        for file in directory.iterdir():
            stream.write(file, f"{directory.name}/{file.name}")
    (record,) = discover([str(archive)])
    assert (record.name, [ref.name for ref in record.stages]) == ("acme", ["acme"])


@pytest.mark.parametrize("entry", ["/does/not/exist", "", "not-a-directory"])
def test_odd_path_entries_are_passed_over(site, entry, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "not-a-directory").write_text("text")
    site.add_good("acme")
    assert [record.name for record in discover([entry, str(site.root)])] == ["acme"]


ENTRY = "[crucible.stages]\nacme = acme:Acme\n"
CORRUPT = {
    "entry points that are not text": ({"entry_points": b"[crucible.stages]\na = \xff"}, "not UTF-8"),
    "binary entry points of one that requires the core": ({"entry_points": b"\xff\xfe\x00"}, "not UTF-8"),
    "a line without =": ({"entry_points": "[crucible.stages]\n\nacme\n"}, "line 3: 'acme'"),
    "a line outside a group": ({"entry_points": "a = crucible:b\n"}, "line 1"),
    "metadata that are not text": ({"entry_points": ENTRY, "metadata": b"\xff\xfe"}, "METADATA cannot be read"),
    "metadata without a name": ({"entry_points": ENTRY, "metadata": "Version: 1\n"}, "says no name"),
    "metadata without a version": ({"entry_points": ENTRY, "metadata": "Name: acme\n"}, "says no version"),
    "empty metadata": ({"entry_points": ENTRY, "metadata": ""}, "says no name"),
    "extras": ({"stages": {"acme": "acme:Acme [fast]"}}, "extras"),
    "no class": ({"stages": {"acme": "acme.module"}}, "write module:Name"),
    "not a reference": ({"stages": {"acme": "acme/module:X"}}, "not of the form module:Name"),
    "a name that is not snake_case": ({"stages": {"My-Stage": "acme:Acme"}}, "snake_case"),
    "the same stage twice": ({"entry_points": ENTRY + "acme = other:Acme\n"}, "more than once"),
    "two hook modules": ({"hooks": {"a": "acme.a", "b": "acme.b"}}, "2 entry points in crucible.plugins"),
    "a command without an attribute": ({"commands": {"acme": "acme.cli"}}, "write module:Name"),
    "group crucible.stage": ({"groups": {"crucible.stage": {"a": "b:C"}}}, "the group is 'crucible.stages'"),
    "group crucible-plugins": ({"groups": {"crucible-plugins": {"a": "b"}}}, "the group is 'crucible.plugins'"),
    "group crucible.hooks": ({"groups": {"crucible.hooks": {"a": "b"}}}, "the group is 'crucible.plugins'"),
}


@pytest.mark.parametrize(("made", "reason"), CORRUPT.values(), ids=CORRUPT)
def test_what_cannot_be_read_is_a_broken_record_that_says_why(site, made, reason):
    site.add("acme", **made)
    (record,) = found(site)
    assert record.status is Status.BROKEN
    assert reason in record.reason
    assert "crucible plugins disable acme" in record.fix


@pytest.mark.parametrize("made", [made for made, _ in CORRUPT.values()], ids=CORRUPT)
@pytest.mark.parametrize("name", ["aaa", "mmm", "zzz"], ids=["first", "middle", "last"])
def test_others_are_found_beside_it_wherever_it_comes(site, made, name):
    site.add(name, **made)
    site.add_good("bbb")
    site.add_good("yyy")
    usable = [record.distribution for record in found(site) if record.usable]
    assert usable == ["bbb", "yyy"]


def test_absent_metadata_are_a_broken_record(site):
    (site.add_good("acme") / "METADATA").unlink()
    (record,) = found(site)
    assert (record.status, record.distribution) == (Status.BROKEN, "acme")


def test_a_strangers_corrupt_entry_points_are_not_our_concern(site):
    site.add("stranger", entry_points=b"\xff\xfe", requires=("numpy",))
    assert found(site) == ()


def test_entry_points_that_are_a_directory_are_passed_over_or_reported(site):
    directory = site.add("acme", entry_points="")
    (directory / "entry_points.txt").unlink()
    (directory / "entry_points.txt").mkdir()
    (record,) = found(site)
    assert "cannot be read" in record.reason
