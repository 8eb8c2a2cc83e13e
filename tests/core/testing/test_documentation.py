"""Every check has a page that says what it means, why it matters and what to do, and the pages are current."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from crucible_core.testing import all_checks
from crucible_core.testing.beyond import BEYOND
from crucible_core.testing.check import GROUPS
from crucible_core.testing.configuration import parse_configuration
from crucible_core.testing.documentation import index, page
from crucible_core.testing.left_out import LEFT_OUT

DOCS = Path(__file__).parents[3] / "docs"
CHECKS = all_checks().values()


def test_the_pages_are_current():
    done = subprocess.run(
        [sys.executable, DOCS / "generate_conformance.py", "--check"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_a_check_says_what_it_means_and_why_it_matters_and_how_to_pass_it(check):
    paragraphs = check.documentation.split("\n\n")
    assert len([each for each in paragraphs if not each.startswith(("Why:", "Fix:"))]) >= 1
    for start in ("Why: ", "Fix: "):
        assert len([each for each in paragraphs if each.startswith(start)]) == 1, check.documentation
    assert not check.title.endswith(".")
    assert "\n" not in check.title
    assert check.group in GROUPS


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_the_waiver_on_a_page_can_be_pasted(check):
    (block,) = re.findall(r"```toml\n(.*?)```", page(check), flags=re.DOTALL)
    table = tomllib.loads(block)["tool"]["crucible"]["conformance"]
    assert list(parse_configuration(table, "page").waivers) == [f"STAGE:{check.id}"]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_the_index_leads_to_every_page(check):
    mark = " +" if check.id in BEYOND else ""
    assert f"[{check.id}]({check.id}.md){mark} | {check.title} | {check.level} | {check.since} |" in index()
    assert (DOCS.parent / check.page).is_file()


def test_what_is_left_out_has_no_check_and_a_reason():
    assert not LEFT_OUT.keys() & all_checks().keys()
    assert all(re.fullmatch(r"CRU-[A-Z]\d\d", name) and reason for name, reason in LEFT_OUT.items())
    assert all(f"| {name} |" in index() for name in LEFT_OUT)


def test_what_goes_beyond_the_catalogue_is_marked_and_has_a_reason():
    assert BEYOND.keys() <= all_checks().keys()
    assert all(f"| {name} | {reason} |" in index() for name, reason in BEYOND.items())
    assert len(all_checks().keys() - BEYOND.keys()) + len(LEFT_OUT) == 63
