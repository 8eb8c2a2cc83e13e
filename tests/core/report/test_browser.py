"""The report as a browser shows it."""

import pytest

from crucible_core.contract.context import Context
from crucible_core.contract.report_parts import Figure, Table, Text
from crucible_core.stages.report.build import build_report
from crucible_core.stages.report.formats import render

OVERFLOW = """[...document.querySelectorAll('body *')].filter(each => {
  const box = each.getBoundingClientRect();
  return box.width > 1 && box.right > document.documentElement.clientWidth + 1 && !each.closest('.table, .canvas, pre');
}).map(each => each.outerHTML.slice(0, 120))"""


@pytest.fixture
def report(make_sample, record, tmp_path):
    """Return the report of the sample, with a wide table and long words added, as a file."""
    context = make_sample().put_artifact(
        "bench_more",
        [
            Table([f"column number {index}" for index in range(20)], [["x" * 12] * 20] * 3, "Wide"),
            Text("an_unbroken_word_" * 30 + "\n\n```\n" + "code " * 200 + "\n```\n\n`" + "c" * 300 + "`"),
            Figure('<svg width="3000" height="20"><rect width="3000" height="20"/></svg>', "Wide", "A wide bar"),
        ],
    )
    record["stages"][1]["options"]["long"] = "y" * 2000
    record["stages"][1]["given_options"].append("long")
    path = tmp_path / "report.html"
    path.write_bytes(render("html", build_report(context, record)))
    return path


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 768, 1440])
def test_nothing_runs_over_the_edge(browser, report, width, scheme):
    browser.open(report, width, scheme=scheme)
    browser.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert browser.evaluate("document.documentElement.scrollWidth") <= width
    assert browser.evaluate(OVERFLOW) == []


def test_the_browser_has_nothing_to_complain_about_and_loads_nothing_else(browser, report):
    browser.complaints.clear()
    browser.requests.clear()
    browser.open(report, 768)
    assert browser.complaints == []
    assert [url for url in browser.requests if not url.startswith("data:")] == [report.as_uri()]


@pytest.mark.parametrize(("scheme", "ground"), [("light", "rgb(250, 249, 245)"), ("dark", "rgb(20, 22, 26)")])
def test_the_page_follows_the_readers_colour_scheme(browser, report, scheme, ground):
    browser.open(report, 768, scheme=scheme)
    assert browser.evaluate("getComputedStyle(document.body).backgroundColor") == ground


def test_the_first_tab_stop_leads_to_the_verdict(browser, report):
    browser.open(report, 768)
    key = {"key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9}
    for kind in ("keyDown", "keyUp"):
        browser.call("Input.dispatchKeyEvent", type=kind, **key)
    assert browser.evaluate("document.activeElement.textContent") == "Skip to the verdict"
    assert browser.evaluate("document.activeElement.getAttribute('href')") == "#verdict"


def test_the_verdict_is_on_the_first_screen_of_a_phone(browser, report):
    browser.open(report, 360, 740)
    assert browser.evaluate("document.getElementById('verdict-title').getBoundingClientRect().bottom") <= 740


@pytest.mark.parametrize("width", [360, 420, 1200])
def test_a_table_of_words_wraps_and_does_not_scroll_sideways(browser, make_sample, record, tmp_path, width):
    estimate = "mean difference 0.05448, 95% interval 0.03401 to 0.07805"
    columns = ("Test", "Statistic", "df", "p", "Difference", "Effect size", "Method")
    row = ("The paired bootstrap", "mean difference = 0.05448", None, 5.4e-07, estimate, estimate, "BCa interval")
    record["datasets"]["dataset"].update(columns=[f"mean feature {index}" for index in range(40)])
    context = make_sample().put_artifact("bench_tests", Table(columns, (row, row), "Tests"))
    path = tmp_path / "report.html"
    path.write_bytes(render("html", build_report(context, record, max_rows=3)))
    browser.open(path, width)
    sideways = "[...document.querySelectorAll('.table')].filter(each => each.scrollWidth > each.clientWidth + 1)"
    assert browser.evaluate(f"{sideways}.map(each => each.textContent.trim().slice(0, 60))") == []
    data = "[...document.querySelectorAll('.table')].find(each => each.innerText.includes('SHA-256'))"
    assert browser.evaluate(f"{data}.clientHeight") < 500


def test_the_findings_are_on_the_first_screen_where_nothing_was_judged(browser, tmp_path):
    path = tmp_path / "report.html"
    context = Context(metrics={"eval": {"n": 1}}, artifacts={"eval": Text("Nine in ten are right.")})
    path.write_bytes(render("html", build_report(context, {})))
    browser.open(path, 360, 740)
    assert browser.evaluate("document.querySelector('.finding .prose').getBoundingClientRect().bottom") <= 740


def test_a_link_to_a_folded_stage_opens_it(browser, report):
    browser.open(report, 768)
    browser.evaluate("document.querySelector('.timeline a[href=\"#stage-1\"]').click()")
    assert browser.evaluate("document.getElementById('stage-1').closest('details').open") is True


def test_a_long_table_scrolls_in_its_place(browser, make_sample, record, tmp_path):
    path = tmp_path / "report.html"
    path.write_bytes(render("html", build_report(make_sample().put_metric("bench_x", list(range(200))), record)))
    browser.open(path, 768)
    tall = "[...document.querySelectorAll('.table')].filter(each => each.scrollHeight > each.clientHeight)"
    assert browser.evaluate(f"{tall}.length") > 0
    assert browser.evaluate(f"{tall}.every(each => each.tabIndex === 0 && each.clientHeight < 600)")


def test_paper_shows_what_the_screen_folds_away(browser, report):
    browser.open(report, 768, media="print")
    hidden = "[...document.querySelectorAll('details')].filter(each => !each.querySelector('table').checkVisibility()).length"
    assert browser.evaluate(hidden) == 0
    assert browser.evaluate("getComputedStyle(document.querySelector('nav')).display") == "none"
    assert browser.pdf().startswith(b"%PDF")


def test_a_figure_that_would_cover_the_page_stays_in_its_place(browser, make_sample, record, tmp_path):
    svg = '<svg viewBox="0 0 9 9" style="position: fixed; inset: 0; z-index: 9"><rect width="9" height="9"/></svg>'
    path = tmp_path / "report.html"
    path.write_bytes(render("html", build_report(make_sample().put_artifact("bench_x", Figure(svg, "x", "x")), record)))
    browser.open(path, 768)
    assert browser.evaluate("document.elementFromPoint(60, 120).closest('svg')") is None
