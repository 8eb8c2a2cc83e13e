"""`crucible cache`: what it says, as text and as JSON, and what it removes."""

from __future__ import annotations

import json
import os
import time

import pytest
from jsonschema import Draft202012Validator

from crucible_core.schemas.published import published_schemas

from .conftest import OPTIONS, Project

OUT = ("--output-dir",)


def asked(project: Project, *arguments: str) -> str:
    done = project.crucible("cache", *arguments, "--output-dir", str(project.out))
    assert done.returncode == 0, done.stderr
    return done.stdout


def document(project: Project, *arguments: str) -> dict:
    found = json.loads(asked(project, *arguments, "--json"))
    Draft202012Validator(published_schemas()[f"cache_{arguments[0]}"]()).validate(found)
    return found


def test_a_hit_is_explained_by_the_run_that_computed_it(ran: Project):
    ran.run("second", *OPTIONS)
    found = document(ran, "explain", "second", "score")
    assert (found["outcome"], found["source"]["run_id"]) == ("hit", "first")
    assert asked(ran, "explain", "second", "score").startswith(
        "score of demo/second: found in the cache\n  computed by demo/first, 20"
    )


def test_a_miss_is_explained_by_what_differs_from_the_nearest_entry(ran: Project):
    ran.run("weighed", *OPTIONS, "-o", "score.weight=7", "-o", "score.passes=false")
    ran.edit("site-packages/acme/deep.py", "1.0", "3.0")
    ran.data(data=[4])
    ran.run("second", *OPTIONS)
    found = document(ran, "explain", "second", "score")
    assert (found["outcome"], found["kept"], found["nearest"]["run_id"]) == ("miss", True, "first")
    assert [each["part"] for each in found["differences"]] == ["code acme.deep", "input assigns.data"]
    text = asked(ran, "explain", "second", "score")
    assert "nearest earlier entry: demo/first" in text
    assert "input assigns.data: [1,2.5,3] -> [4]" in text


def test_a_distribution_is_named_with_its_versions(ran: Project):
    ran.install("acme-numbers", "acme_numbers", "1.1.0")
    ran.run("second", *OPTIONS)
    (difference,) = document(ran, "explain", "second", "score")["differences"]
    assert difference["part"] == "distribution acme-numbers"
    assert difference["before"].startswith("1.0.0 ")
    assert difference["after"].startswith("1.1.0 ")


def test_the_first_of_its_kind_has_nothing_to_compare_with(ran: Project):
    assert "no earlier entry" in asked(ran, "explain", "first", "score")


def test_a_failed_stage_is_explained_too(ran: Project):
    ran.data(data=["text"])
    ran.crucible("run", "spec.yaml", "--run-id", "second", "--output-dir", str(ran.out), *OPTIONS)
    found = document(ran, "explain", "second", "score")
    assert (found["outcome"], found["kept"], found["reason"]) == ("miss", False, "the stage did not complete")
    assert [each["part"] for each in found["differences"]] == ["input assigns.data"]


EXPLAINED = {
    "make": ("first", "its traits do not say that it is cacheable"),
    "score": ("uncached", "told not to use the cache"),
}


@pytest.mark.parametrize(("stage", "said"), EXPLAINED.items(), ids=EXPLAINED)
def test_what_does_not_use_the_cache_is_told_why(ran: Project, stage, said):
    run_id, reason = said
    if run_id == "uncached":
        ran.run("uncached", "--no-cache", *OPTIONS)
    document(ran, "explain", run_id, stage)
    assert reason in asked(ran, "explain", run_id, stage)


def test_a_stage_that_is_not_there_is_an_error_that_names_those_that_are(ran: Project):
    done = ran.crucible("cache", "explain", "first", "scroe", "--output-dir", str(ran.out))
    assert done.returncode == 2
    assert "it has: make, score, note" in done.stderr


def test_info_counts_entries_results_and_bytes(ran: Project):
    found = document(ran, "info")
    (stage,) = found["stages"]
    assert (stage["stage"], stage["entries"], stage["results"]) == ("score", 1, 1)
    on_disk = sum(path.stat().st_size for path in (ran.out / ".cache").rglob("*") if path.is_file())
    assert found["bytes"] == on_disk > stage["bytes"] > 0
    assert "score" in asked(ran, "info")


def test_without_a_cache_there_is_nothing(project: Project):
    assert document(project, "info")["stages"] == []
    assert "nothing is cached" in asked(project, "info")
    assert document(project, "clear")["entries"] == 0
    assert not project.out.exists()


def test_clear_takes_everything_and_a_dry_run_nothing(ran: Project):
    before = document(ran, "info")
    would = document(ran, "clear", "--dry-run")
    assert document(ran, "info") == before
    assert document(ran, "clear") == {**would, "dry_run": False}
    assert would["bytes"] == before["bytes"]
    assert document(ran, "info")["bytes"] == 0
    assert "its entry was cleared since" in asked(ran, "explain", "first", "score")
    assert ran.outcome("second", *OPTIONS) == "kept"


def test_clear_by_stage_and_by_age_takes_only_those(ran: Project):
    assert document(ran, "clear", "--stage", "other")["entries"] == 0
    assert document(ran, "clear", "--older-than", "1h")["entries"] == 0
    (entry,) = (ran.out / ".cache" / "entries" / "score").glob("*.json")
    os.utime(entry, (time.time() - 7200, time.time() - 7200))
    ran.run("second", *OPTIONS)
    assert document(ran, "clear", "--older-than", "1h")["entries"] == 0, "it was found just now"
    os.utime(entry, (time.time() - 7200, time.time() - 7200))
    assert document(ran, "clear", "--older-than", "1h", "--stage", "score")["entries"] == 1


def test_clear_to_a_size_takes_what_was_not_used_for_longest_first(ran: Project):
    for number in range(3):
        ran.run(f"more{number}", *OPTIONS, "-o", f"score.weight={number + 2}")
    entries = sorted((ran.out / ".cache" / "entries" / "score").glob("*.json"), key=os.path.getmtime)
    left = document(ran, "info")["stages"][0]["bytes"]
    assert document(ran, "clear", "--max-bytes", str(left))["entries"] == 0
    done = document(ran, "clear", "--max-bytes", str(left - 1))
    assert (done["entries"], done["left_entries"]) == (1, 3)
    assert [path.exists() for path in entries] == [False, True, True, True]
    assert ran.outcome("again", *OPTIONS, "-o", "score.weight=4") == "hit"
    assert document(ran, "clear", "--max-bytes", "0")["left_entries"] == 0


@pytest.mark.parametrize(("option", "value"), [("--older-than", "soon"), ("--older-than", "3"), ("--max-bytes", "big")])
def test_a_wrong_amount_is_refused_with_an_example(project: Project, option, value):
    done = project.crucible("cache", "clear", option, value)
    assert done.returncode == 2
    assert value in done.stderr


def test_a_file_of_a_whole_package_is_named_once(project: Project):
    project.edit("site-packages/acme/scaling.py", "from . import deep", "from . import deep\n\nHERE = __file__")
    project.run("first")
    project.edit("site-packages/acme/scaling.py", "value * factor", "value + factor")
    project.edit("site-packages/acme/unrelated.py", "1", "2")
    project.run("second")
    parts = [each["part"] for each in document(project, "explain", "second", "score")["differences"]]
    assert parts == ["code acme.scaling", "code acme/unrelated.py"]
