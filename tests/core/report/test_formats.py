import csv
import io
import json
import math
import re

import pytest

from crucible_core.contract.context import Context
from crucible_core.contract.report_parts import Figure, Table, Text
from crucible_core.contract.verdict import Verdict
from crucible_core.stages.report.build import build_report
from crucible_core.stages.report.formats import FORMATS, render, suffix_of
from crucible_core.stages.report.latex_text import escape_latex
from crucible_core.stages.report.markdown import escape_markdown


def text(name, context, record=None, **options):
    return render(name, build_report(context, record or {}, **options)).decode("utf-8")


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("context", [Context(), Context(metrics={"eval": {}}), Context(outputs=[{}])])
def test_a_run_that_left_next_to_nothing_has_a_report(name, context):
    assert text(name, context)


@pytest.mark.parametrize("name", ["html", "markdown", "latex"])
def test_people_read_the_verdict_before_anything_else(name, make_sample, record):
    made = text(name, make_sample(), record)
    order = [
        "verdicts failed",
        "Do the four variants",
        "is not powerful enough",
        "Quality targets",
        "Pairs of classifiers",
        "Other stages",
        "Load a dataset",
        "Provenance",
        "reproduce",
    ]
    body = re.sub(r"\s+", " ", made.partition("<main>")[2] or made)
    places = [body.find(each) for each in order]
    assert -1 not in places
    assert places == sorted(places)


@pytest.mark.parametrize("name", ["html", "markdown", "latex"])
def test_people_read_rounded_numbers(name, make_sample, record):
    made = text(name, make_sample(), record)
    assert "3.143" in made
    assert ">3.1428571428571432<" not in made


@pytest.mark.parametrize("name", ["html", "markdown", "latex", "json"])
def test_every_part_of_a_stage_is_in_the_report(name):
    context = Context(
        artifacts={"plot": [Figure("<svg/>", "A figure", "Its words"), Table(("k",), (("cell7",),)), Text("prose")]}
    )
    made = text(name, context)
    for each in ("A figure", "Its words", "cell7", "prose"):
        assert each in made


def test_an_artifact_that_is_no_report_part_is_left_alone():
    assert "<object" not in text("markdown", Context(artifacts={"model": object(), "files": [{"path": "x"}]}))


def test_markdown_gives_the_command_and_the_seed(make_sample, record):
    assert "```sh\ngit checkout f823eb1" in text("markdown", make_sample(), record)
    assert "crucible run examples/compare_classifiers.yaml --seed 2006" in text("markdown", make_sample(), record)


def test_a_path_with_spaces_is_quoted_in_the_command(make_sample, record):
    made = text("markdown", make_sample(), {**record, "spec_file": "my specs/a.yaml"})
    assert "crucible run 'my specs/a.yaml' --seed 2006" in made


def test_a_run_without_a_file_is_made_again_from_its_directory(make_sample, record):
    made = text("markdown", make_sample(), {**record, "spec_file": None, "git": None, "output_dir": "runs/one"})
    assert "crucible run runs/one/spec.json --seed 2006" in made
    assert "git checkout" not in made


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("a|b", r"a\|b"),
        ("<b>*x*</b>", r"\<b\>\*x\*\</b\>"),
        ("mean_rank", "mean_rank"),
        ("_x_", r"\_x\_"),
        ("line\nbreak", "line break"),
        ("# heading", r"\# heading"),
        ("1. item", r"1\. item"),
        ("[a](b)", r"\[a\](b)"),
    ],
)
def test_markdown_cells_hold_what_they_are_given(given, written):
    assert escape_markdown(given) == written


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("50% & $3_000 #1", r"50\% \& \$3\_000 \#1"),
        (r"\input{/etc/passwd}", r"\textbackslash{}input\{/etc/passwd\}"),
        ("a^b~c", r"a\textasciicircum{}b\textasciitilde{}c"),
        ("--flag", "-{}-{}flag"),
        ("line\n\nbreak", "line break"),
        ("bell\x07\ud800", "bell"),
        ("x ≥ 3", r"x \ensuremath{\geq} 3"),
    ],
)
def test_latex_prints_what_it_is_given(given, written):
    assert escape_latex(given) == written


def test_latex_has_booktabs_tables_and_says_that_a_figure_is_missing(make_sample, record):
    made = text("latex", make_sample(), record)
    assert r"\begin{longtable}{@{}" in made
    assert "C4.5 and C4.5+m & 1.143 & no" in made
    assert r"\textbf{Figure (not included): Critical difference.}" in made
    assert "<svg" not in made


def test_json_is_strict_and_holds_everything(make_sample, record):
    context = make_sample().put_metric("extra", {"loss": math.nan, "bound": -math.inf})
    document = json.loads(text("json", context, record), parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert document["metrics"]["extra"] == {"loss": "NaN", "bound": "-Infinity"}
    assert document["metrics"]["bench"]["classifiers"]["C4.5"]["mean_rank"] == pytest.approx(44 / 14)
    assert len(document["outputs"]) == 14
    assert document["verdicts"][1]["passed"] is False
    assert document["parts"]["bench"][0]["svg"].startswith("<svg")
    assert document["record"]["seed"] == 2006


def test_json_holds_values_that_json_does_not_know():
    document = json.loads(text("json", Context(outputs=[{"pair": (1, 2), "set": {3}, "half": "\ud800"}])))
    assert document["outputs"] == [{"pair": [1, 2], "set": [3], "half": "\ud800"}]


def table(made):
    return list(csv.reader(io.StringIO(made, newline="")))


def test_csv_holds_every_row_of_results_and_every_field():
    rows = [
        {"id": 1, "text": 'a "b", c\nd'},
        {"id": 2, "score": 0.1, "right": True, "tags": ["x"]},
        {"id": 3, "score": None},
    ]
    assert table(text("csv", Context(outputs=rows))) == [
        ["id", "text", "score", "right", "tags"],
        ["1", 'a "b", c\nd', "", "", ""],
        ["2", "", "0.1", "true", '["x"]'],
        ["3", "", "", "", ""],
    ]


def test_csv_holds_the_metrics_where_there_are_no_rows():
    made = text("csv", Context(metrics={"eval": {"accuracy": 1 / 3, "by_group": [{"n": 2}], "loss": math.inf}}))
    assert table(made) == [
        ["path", "value"],
        ["eval.accuracy", "0.3333333333333333"],
        ["eval.by_group[0].n", "2"],
        ["eval.loss", "Infinity"],
    ]


@pytest.mark.parametrize(
    ("name", "suffix"), [("markdown", "md"), ("latex", "tex"), ("html", "html"), ("csv", "csv"), ("json", "json")]
)
def test_files_have_the_usual_ending(name, suffix):
    assert suffix_of(name) == suffix


@pytest.mark.parametrize("name", ["html", "markdown", "latex"])
def test_a_hundred_thousand_rows_stay_a_small_document(name):
    rows = [{"id": index, "text": "word " * 50, "score": index / 7} for index in range(100_000)]
    made = text(name, Context(outputs=rows), max_rows=20)
    assert len(made) < 60_000
    assert "100,000 rows" in made


@pytest.mark.parametrize("name", FORMATS)
def test_half_a_surrogate_pair_does_not_stop_a_report(name):
    assert render(name, build_report(Context(metrics={"eval": {"word": "\ud83d"}}), {}, title="\udc00"))


@pytest.mark.parametrize("name", ["html", "markdown"])
def test_the_stages_of_a_failed_run_say_why(name, make_sample, record):
    record["stages"][1].update(status="failed", reason="too_few_groups: got 1")
    record["failure"] = {"stage": "bench", "code": "too_few_groups", "message": "bench needs two groups, got 1"}
    made = text(name, make_sample(), record)
    assert "The run failed in stage bench: bench needs two groups, got 1" in made
    assert "too_few_groups: got 1" in made


def test_metrics_and_parts_belong_to_the_stage_whose_id_they_begin_with():
    context = Context(metrics={"bench": {"p": 1}}, artifacts={"bench_plot": Text("mine"), "else": Text("nobody's")})
    model = build_report(context, {"stages": [{"id": "bench", "status": "succeeded"}]})
    section = model.stages[0]
    assert [text.markdown for text in section.texts] == ["mine"]
    assert (section.metric_count, section.metrics[0].rows) == (1, (("p", 1),))
    assert [block.markdown for block in model.others] == ["nobody's"]


def test_the_title_is_the_one_given_or_the_first_line_of_the_description(make_sample):
    assert build_report(make_sample(), {}, title="Mine").title == "Mine"
    assert build_report(make_sample(), {}).title == "Does tuning make C4.5 more accurate?"
    assert build_report(Context(experiment_id="demo"), {}).title == "demo"


def test_how_sure_a_verdict_is_stands_beside_it():
    context = Context().put_verdict(Verdict("Better?", True, "Yes.", (0.0125, 0.0541)))
    assert "How sure: the interval of the estimate runs from 0.0125 to 0.0541." in text("markdown", context)


def test_metrics_are_open_where_nothing_else_tells_them_and_behind_the_parts_where_something_does(make_sample, record):
    stages = {"stages": [{"id": "a", "status": "succeeded"}, {"id": "b", "status": "succeeded"}]}
    context = Context(metrics={"a": {"p": 1}, "b": {"q": 2, "r": 3}}, artifacts={"b": Text("What b found.")})
    page = render("html", build_report(context, stages)).decode()
    assert "All 2 metrics" in page
    assert "All 1 metric" not in page
    markdown = render("markdown", build_report(context, stages)).decode()
    assert "All 2 metrics are in the HTML and JSON reports" in markdown
    assert "- **a**: Metrics: p = 1." in markdown
    assert "| q | 2 |" not in markdown


@pytest.mark.parametrize("name", ["html", "markdown", "latex"])
def test_where_no_stage_left_parts_the_metrics_are_the_results(name):
    stages = {"stages": [{"id": "a", "status": "succeeded"}, {"id": "b", "status": "succeeded"}]}
    made = text(name, Context(metrics={"a": {"accuracy": 0.9}}), stages)
    body = made.partition("<main>")[2] or made
    assert body.index("accuracy") < body.index("Other stages")


def test_a_line_about_a_stage_names_its_first_metrics():
    stages = {"stages": [{"id": "a", "status": "succeeded"}, {"id": "b", "status": "succeeded"}]}
    context = Context(metrics={"a": {f"m{index}": index for index in range(10)}}, artifacts={"b": Text("Found.")})
    assert "Metrics: m0 = 0, m1 = 1, m2 = 2, m3 = 3, m4 = 4, m5 = 5 and 4 more." in text("markdown", context, stages)


def test_a_split_is_told_in_words_and_many_columns_by_their_number(record):
    record["datasets"]["dataset"].update(
        columns=[f"feature {index}" for index in range(30)],
        split={"method": "kfold", "sizes": {"fold-0": 7, "fold-1": 7}, "unassigned": 0, "column": "y", "seed": 5},
    )
    markdown = text("markdown", Context(), record)
    assert "| 30: feature 0, feature 1, feature 2, … | k-fold: 2 folds of 7 rows; column y; seed 5 |" in markdown
    html = text("html", Context(), record)
    assert "<summary>30 columns of dataset</summary>" in html
    assert "feature 29" in html
