import re
from html.parser import HTMLParser
from importlib.resources import files
from itertools import pairwise

import pytest

from crucible_core.contract.context import Context
from crucible_core.contract.report_parts import Figure, Table, Text
from crucible_core.contract.verdict import Verdict
from crucible_core.ir import Experiment
from crucible_core.stages.report.build import build_report
from crucible_core.stages.report.html import render_html

EVIL = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>{{ 7 * 7 }}${7}</td></table></style></title>"
VOID = {"meta", "link", "br", "hr", "img", "input", "wbr"}
SELF_CLOSING = {"path", "circle", "rect", "line", "use", "g", "text"}


class Page(HTMLParser):
    """Read a page, insisting that every element is closed where it should be."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", "".join(self.words))


def page(context, record=None, **options) -> Page:
    return Page(render_html(build_report(context, record or {}, **options)))


@pytest.fixture
def sample_page(make_sample, record):
    return page(make_sample(), record)


def test_every_id_is_there_once_and_every_link_inside_leads_somewhere(sample_page):
    ids = [attributes["id"] for _, attributes in sample_page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    inside = [each["href"][1:] for each in sample_page.all("a") if each["href"].startswith("#")]
    labels = [each for _, attributes in sample_page.tags for each in (attributes.get("aria-labelledby") or "").split()]
    assert len(inside) > 5
    assert set(inside + labels) <= set(ids)


def test_the_page_loads_nothing(sample_page):
    assert not [tag for tag, _ in sample_page.tags if tag in ("script", "iframe", "object", "embed", "base", "form")]
    for _, attributes in sample_page.tags:
        assert not (attributes.get("src") or "").strip()
    assert [each["href"][:5] for each in sample_page.all("link")] == ["data:"]
    policy = next(each["content"] for each in sample_page.all("meta") if each.get("http-equiv"))
    assert policy.startswith("default-src 'none';")
    css = "".join(sample_page.words)
    assert "@import" not in css
    assert "url(" not in css


def test_a_screen_reader_finds_its_way(sample_page):
    names = [tag for tag, _ in sample_page.tags]
    for landmark in ("header", "nav", "main", "footer", "h1"):
        assert names.count(landmark) == 1
    assert sample_page.all("html")[0]["lang"] == "en"
    levels = [int(name[1]) for name in names if re.fullmatch(r"h[1-6]", name)]
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert all("scope" in each for each in sample_page.all("th"))
    assert names.count("caption") == names.count("table")
    figure = next(each for each in sample_page.all("svg") if each.get("role") == "img")
    assert "C4.5+m+cf 1.964" in figure["aria-label"]
    assert all(each.get("aria-hidden") == "true" or each.get("role") == "img" for each in sample_page.all("svg"))


def test_what_scrolls_can_be_reached_by_keyboard(sample_page):
    scrolling = [attributes for _, attributes in sample_page.tags if attributes.get("tabindex") == "0"]
    assert len(scrolling) > 3
    assert all(attributes.get("aria-label") or "role" not in attributes for attributes in scrolling)


def test_numbers_keep_their_exact_value_at_hand(make_sample, sample_page):
    exact = make_sample().read("metrics.bench.classifiers")["C4.5"]["mean_rank"]
    assert repr(exact) in [each.get("title") for each in sample_page.all("td")]


def test_nothing_that_a_stage_or_a_spec_says_becomes_markup():
    context = Context(
        experiment_id=EVIL,
        run_id=EVIL,
        metrics={EVIL: {EVIL: EVIL, "rows": [{EVIL: EVIL}], "like": {EVIL: {"a": EVIL}, "b": {"a": 1}}}},
        outputs=[{EVIL: EVIL}],
        artifacts={
            EVIL: [
                Table((EVIL,), ((EVIL,),), EVIL),
                Text(EVIL, EVIL),
                Figure("<svg/>", EVIL, EVIL),
                Figure(EVIL, EVIL, EVIL),
            ]
        },
    ).put_verdict(Verdict(EVIL, False, EVIL))
    stage = {
        "id": EVIL,
        "name": EVIL,
        "description": EVIL,
        "status": EVIL,
        "reason": EVIL,
        "module": EVIL,
        "options": {EVIL: EVIL},
    }
    record = {
        "stages": [{**stage, "given_options": [EVIL], "distribution": EVIL}, {**stage, "id": "b", "status": "failed"}],
        "seed": EVIL,
        "started_at": EVIL,
        "spec_file": EVIL,
        "output_dir": EVIL,
        "params": {EVIL: EVIL},
        "packages": {EVIL: EVIL},
        "datasets": {EVIL: {"source": EVIL, "columns": [EVIL], "sha256": EVIL}},
        "artifacts": [{"stage": EVIL, "path": EVIL, "bytes": EVIL}],
        "git": {"revision": EVIL, "dirty": True},
        "python": {"version": EVIL},
        "process": {"host": EVIL},
        "crucible_version": EVIL,
        "command": ["crucible", "run", EVIL],
        "overrides": {EVIL: {EVIL: EVIL}},
        "inputs": {"assigns": {EVIL: {"source": EVIL, "type": EVIL, "sha256": EVIL}}, "outputs": 1},
        "failure": {"stage": EVIL, "message": EVIL},
    }
    made = page(context, record)
    assert not made.all("script")
    assert not made.all("img")
    assert not [attributes for _, attributes in made.tags if any(name.startswith("on") for name in attributes)]
    assert "{{ 7 * 7 }}" in made.text


def test_a_figure_that_is_refused_is_replaced_by_its_words_and_the_reason():
    made = page(Context(artifacts={"plot": Figure("<svg><script>1</script></svg>", "My plot", "It goes up to 3.")}))
    assert "Figure not shown: My plot. It was refused because of the element <script>." in made.text
    assert "It goes up to 3." in made.text


def test_two_figures_with_the_same_ids_stand_on_one_page():
    figure = Figure('<svg><g id="a"/></svg>', "A figure", "words")
    made = page(Context(artifacts={"one": figure, "two": [figure, figure]}))
    ids = [attributes["id"] for attributes in made.all("g")]
    assert len(set(ids)) == 3


def test_the_stage_that_makes_the_report_says_so(sample_page):
    assert "Making this report" in sample_page.text


def test_the_preview_says_how_much_it_shows(make_sample, record):
    assert "The first 3 of 14 rows" in page(make_sample(), record, max_rows=3).text


def test_a_run_that_nobody_judged_begins_with_what_was_found():
    context = Context(metrics={"eval": {"accuracy": 0.9}}, artifacts={"eval": Text("Right nine times in ten.")})
    html = render_html(build_report(context, {}))
    order = ["What was found", "No stage of this run judged its results.", "nine times in ten", "Results", "accuracy"]
    places = [html.partition("<main>")[2].index(each) for each in order]
    assert places == sorted(places)
    assert "Skip to what was found" in html
    assert "Verdict" not in html


def test_findings_link_to_the_stage_that_made_them(sample_page):
    assert "#stage-2" in [each["href"] for each in sample_page.all("a")]
    assert sample_page.text.index("Findings bench What this means") < sample_page.text.index("Pairs of classifiers")


def test_stages_that_left_nothing_to_read_are_one_line_each(make_sample, record):
    html = render_html(build_report(make_sample(), record))
    others = html.partition('id="other-stages"')[2].partition("</section>")[0]
    assert others.count("<summary><h3>") == 1
    assert "<summary><h3>load_dataset</h3>" in others
    assert "It left no" not in html


def test_a_stage_that_failed_is_open_among_the_others():
    record = {"stages": [{"id": "a", "status": "failed", "reason": "timeout: took too long"}]}
    assert "open" in next(iter(page(Context(), record).all("details")))


def test_a_stage_given_by_its_class_says_which():
    record = {"stages": [{"id": "a", "name": None, "module": "my.stages:Compare", "status": "succeeded"}]}
    assert "module my.stages:Compare" in page(Context(), record).text


def test_targets_have_four_digits_and_all_of_them_at_hand():
    context = Context(
        experiment=Experiment(id="x", pipeline=["report"], quality_targets={"metrics.eval.accuracy": ">= 0.5"}),
        metrics={"eval": {"accuracy": 2 / 3}},
    )
    made = page(context)
    assert "0.6667" in made.text
    assert "0.6666666666666666" in [each.get("title") for each in made.all("td")]


def test_negative_numbers_have_a_true_minus_everywhere_but_in_code():
    parts = [
        Table(("name", "interval", "value"), (("a", "from -0.11 to 2.4", -0.5),)),
        Text("It fell by -3 (see `head -1`)."),
        Figure("<svg/>", "A line", "From -7 to 7"),
    ]
    context = Context(metrics={"eval": {"gain": -2.5}}, artifacts={"eval": parts})
    text = page(context.put_verdict(Verdict("Is it -4?", True, "It is -4.", (-5.0, -3.0)))).text
    for each in ("from −0.11 to 2.4", "−0.5", "by −3", "From −7", "−2.5", "Is it −4?", "It is −4.", "from −5 to −3"):
        assert each in text
    assert "head -1" in text


def test_a_name_too_long_for_a_phone_may_be_broken_at_its_joints():
    html = render_html(build_report(Context(metrics={"eval": {"accuracy.logistic_regression": 0.9}}), {}))
    assert "accuracy.<wbr>logistic_<wbr>regression" in html


def test_the_tab_says_how_it_went(make_sample, record):
    html = render_html(build_report(make_sample(), record))
    assert "<title>1 of 2 verdicts failed; 1 of 2 quality targets missed – Does tuning" in html.replace(
        "\N{EN DASH}", "–"
    )


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour as WCAG 2.2 defines it."""
    channels = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def themes() -> list[dict[str, str]]:
    folder = files("crucible_core.stages.report") / "templates"
    css = [(folder / name).read_text("utf-8") for name in ("report.css", "print.css")]
    return [
        dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))
        for block in re.findall(r":root \{(.*?)\n\s*\}", "".join(css), re.DOTALL)
    ]


def test_contrast_is_known_for_black_on_white():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("theme", themes(), ids=["light", "dark", "paper"])
@pytest.mark.parametrize(
    ("ink", "grounds"),
    [
        ("ink", ("ground", "sheet", "code", "passed-soft", "failed-soft", "open-soft")),
        ("muted", ("ground", "sheet", "code")),
        ("link", ("ground", "sheet", "passed-soft", "failed-soft")),
        ("passed", ("ground", "sheet", "passed-soft")),
        ("failed", ("ground", "sheet", "failed-soft")),
        ("open", ("ground", "sheet", "open-soft")),
        ("mark-ink", ("passed", "failed", "open")),
    ],
)
def test_text_has_the_contrast_that_wcag_asks_for(theme, ink, grounds):
    for ground in grounds:
        assert contrast(theme[ink], theme[ground]) >= 4.5, (ink, ground)


@pytest.mark.parametrize("theme", themes(), ids=["light", "dark", "paper"])
@pytest.mark.parametrize(("mark", "ground"), [("bar", "track"), ("strong-line", "sheet"), ("bar", "sheet")])
def test_drawn_marks_have_the_contrast_that_wcag_asks_for(theme, mark, ground):
    assert contrast(theme[mark], theme[ground]) >= 3


def test_a_stage_whose_result_another_run_computed_says_which(make_sample, record):
    bench = record["stages"][1]
    source = {"outcome": "hit", "experiment_id": "compare_classifiers", "run_id": "the-first"}
    bench.update(status="skipped", reason="cached: the result of compare_classifiers/the-first", cache=source)
    text = page(make_sample(), record).text
    assert "From the cache" in text
    assert "computed by compare_classifiers/the-first" in text
    assert "Skipped" not in text
