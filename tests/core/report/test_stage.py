import io
import os
import pickle
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from crucible_core.contract.context import Context
from crucible_core.contract.errors import StageError
from crucible_core.contract.runtime import RunServices, Runtime
from crucible_core.stages.report.stage import Report


def run(context, **options):
    return Report().run(context, Report.Options(**options))


def refused(context, code):
    with pytest.raises(StageError) as error:
        run(context)
    assert error.value.code == code
    assert code in Report.errors
    return error.value.message


def files_below(directory):
    return sorted(str(path.relative_to(directory)) for path in directory.rglob("*") if path.is_file())


def test_without_outputs_there_is_a_page_and_its_markdown(make_sample, tmp_path):
    context = run(make_sample())
    assert files_below(tmp_path) == ["artifacts/report/report.html", "artifacts/report/report.md"]
    assert context.artifacts["report"] == [
        {"name": "report", "format": "html", "path": "artifacts/report/report.html"},
        {"name": "report", "format": "markdown", "path": "artifacts/report/report.md"},
    ]


def test_every_output_is_written_in_every_format(make_sample, tmp_path):
    outputs = [
        {"name": "paper", "formats": ["latex", "csv"]},
        {"name": "page", "formats": ["html", "json", "markdown"]},
    ]
    run(make_sample(outputs=outputs))
    endings = ["page.html", "page.json", "page.md", "paper.csv", "paper.tex"]
    assert files_below(tmp_path) == [f"artifacts/report/{each}" for each in endings]


def test_outputs_of_the_run_are_not_touched(make_sample):
    context = make_sample()
    assert run(context).outputs == context.outputs


def test_a_path_is_where_the_user_says(make_sample, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    options = {"path": "results/{experiment_id}-{run_id}-{name}.{format}"}
    context = run(make_sample(outputs=[{"name": "summary", "formats": ["csv", "markdown"], "options": options}]))
    stem = "results/compare_classifiers-20260314T092653Z-3f9a1c-summary"
    assert files_below(tmp_path) == [f"{stem}.csv", f"{stem}.md"]
    assert [each["path"] for each in context.artifacts["report"]] == [
        str(tmp_path / f"{stem}.{end}") for end in ("csv", "md")
    ]


def test_a_path_that_ends_in_a_slash_is_a_directory(make_sample, tmp_path):
    run(make_sample(outputs=[{"name": "summary", "formats": ["csv", "json"], "options": {"path": f"{tmp_path}/out/"}}]))
    assert files_below(tmp_path) == ["out/summary.csv", "out/summary.json"]


def test_a_document_that_is_there_is_replaced(make_sample, tmp_path):
    (tmp_path / "r.csv").write_text("old")
    run(make_sample(outputs=[{"name": "r", "formats": ["csv"], "options": {"path": str(tmp_path / "r.csv")}}]))
    assert (tmp_path / "r.csv").read_text().startswith("dataset,C4.5")


def test_two_formats_and_one_path_are_refused_before_anything_is_written(make_sample, tmp_path):
    options = {"path": str(tmp_path / "report.out")}
    context = make_sample(outputs=[{"name": "r", "formats": ["html", "csv"], "options": options}])
    assert "'{format}'" in refused(context, "ambiguous_path")
    assert files_below(tmp_path) == []


@pytest.mark.parametrize(
    "outputs",
    [
        [{"name": "r", "formats": ["csv"]}, {"name": "r", "formats": ["json", "csv"]}],
        [{"name": each, "formats": ["csv"], "options": {"path": "same.csv"}} for each in "ab"],
    ],
)
def test_two_outputs_in_one_place_are_refused(make_sample, tmp_path, outputs, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "would both be" in refused(make_sample(outputs=outputs), "ambiguous_path")
    assert files_below(tmp_path) == []


@pytest.mark.parametrize("sink", ["s3", "postgres"])
def test_a_sink_that_is_not_there_is_refused_before_anything_is_written(make_sample, tmp_path, capsys, sink):
    outputs = [{"name": "first"}, {"name": "spoken", "sink": "stdout"}, {"name": "far", "sink": sink}]
    message = refused(make_sample(outputs=outputs), "sink_unavailable")
    assert f"output 'far' asks for sink '{sink}'; the sinks there are: file, stdout." in message
    assert files_below(tmp_path) == []
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ({"name": "r", "options": {"pth": "x"}}, "unknown option 'pth'; a file sink takes path"),
        ({"name": "r", "sink": "stdout", "options": {"path": "x"}}, "a stdout sink takes no options"),
        ({"name": "r", "options": {"path": 3}}, "path is 3; give the path of a file"),
        ({"name": "r", "options": {"path": " "}}, "give the path of a file"),
        ({"name": "r", "options": {"path": "a\0b"}}, "give the path of a file"),
        ({"name": "r", "options": {"path": "~no-such-user-here/x"}}, "path '~no-such-user-here/x'"),
        ({"name": "../r"}, "give it a plain name"),
        ({"name": "/r"}, "give it a plain name"),
    ],
)
def test_an_output_that_makes_no_sense_is_refused(make_sample, tmp_path, output, words):
    assert words in refused(make_sample(outputs=[output]), "invalid_output")
    assert files_below(tmp_path) == []


def test_outside_a_run_there_is_no_place_and_the_error_says_what_to_do():
    assert "options.path" in refused(Context(), "invalid_output")


def test_standard_output_gets_a_heading_for_each_format(make_sample, tmp_path, capsys):
    context = run(make_sample(outputs=[{"name": "r", "sink": "stdout", "formats": ["markdown", "csv"]}]))
    printed = capsys.readouterr().out
    assert printed.startswith("== r (markdown) ==\n# Does tuning make C4.5 more accurate?\n")
    assert "== r (csv) ==\ndataset,C4.5," in printed
    assert files_below(tmp_path) == []
    assert [each["path"] for each in context.artifacts["report"]] == [None, None]


def test_a_terminal_without_a_character_gets_an_escape(make_sample, monkeypatch):
    terminal = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", terminal)
    run(make_sample(outputs=[{"name": "r", "sink": "stdout"}]))
    assert b"\\u2264 1" in terminal.buffer.getvalue()


def test_a_full_disk_behind_standard_output_is_an_error(make_sample, monkeypatch):
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        monkeypatch.setattr(sys, "stdout", full)
        message = refused(make_sample(outputs=[{"name": "r", "sink": "stdout"}]), "not_written")
    assert "No space left on device" in message


@pytest.mark.parametrize("place", ["a_file/report.csv", "a_directory"])
def test_a_place_that_cannot_be_written_is_an_error_that_names_it(make_sample, tmp_path, place):
    (tmp_path / "a_file").write_text("")
    (tmp_path / "a_directory").mkdir()
    path = str(tmp_path / place)
    message = refused(
        make_sample(outputs=[{"name": "r", "formats": ["csv"], "options": {"path": path}}]), "not_written"
    )
    assert path in message
    assert files_below(tmp_path) == ["a_file"]


@pytest.fixture
def small_files():
    """Let no file grow beyond 64 bytes, as on a disk that is full."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_what_was_there_survives_a_full_disk(make_sample, tmp_path, small_files):
    (tmp_path / "r.csv").write_text("old")
    outputs = [{"name": "r", "formats": ["csv"], "options": {"path": str(tmp_path / "r.csv")}}]
    refused(make_sample(outputs=outputs), "not_written")
    assert files_below(tmp_path) == ["r.csv"]
    assert (tmp_path / "r.csv").read_text() == "old"


def test_the_same_run_gives_the_same_bytes(make_sample, tmp_path):
    run(make_sample())
    first = {name: (tmp_path / name).read_bytes() for name in files_below(tmp_path)}
    run(make_sample())
    assert first == {name: (tmp_path / name).read_bytes() for name in files_below(tmp_path)}


@pytest.mark.parametrize("example", Report.examples, ids=lambda example: example.summary)
def test_the_examples_run(example, bare_runtime, tmp_path):
    rooms = ("outputs", "assigns", "metrics", "artifacts")
    context = Context(runtime=bare_runtime, **{room: example.make(room) for room in rooms})
    assert run(context, **example.make("options")).artifacts["report"]
    assert len(files_below(tmp_path)) == 2


def test_the_report_of_a_large_run_is_small(bare_runtime, tmp_path):
    run(Context(outputs=({"id": index, "text": "word " * 20} for index in range(100_000)), runtime=bare_runtime))
    assert (tmp_path / "artifacts/report/report.html").stat().st_size < 60_000


def test_the_stage_is_described_without_anything_heavy():
    code = (
        "import sys; from crucible_core.stages.report.stage import Report; Report().describe(); "
        "print([name for name in ('jinja2', 'xml.etree', 'csv', 'rich', 'crucible_core.ir.experiment', "
        "'crucible_core.stages.report.build') if name in sys.modules])"
    )
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ)
    assert made.stdout.strip() in ("[]", "['csv']")


def test_the_result_pickles(make_sample):
    assert pickle.loads(pickle.dumps(run(make_sample()))).artifacts["report"]


def test_a_record_is_asked_for_once(make_sample, tmp_path):
    asked = []
    services = RunServices(record=lambda: asked.append(1) or {}, artifacts=lambda stage: Path(tmp_path) / stage)
    run(Context(runtime=Runtime(services, "report")))
    assert asked == [1]
