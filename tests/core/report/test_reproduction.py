import pytest

from crucible_core.stages.report.build import build_report
from crucible_core.stages.report.formats import render
from crucible_core.stages.report.reproduction import reproduction_of

RUN = {"seed": 7, "spec_file": "a.yaml", "output_dir": "runs/one", "git": {"revision": "f823eb1", "dirty": False}}
NONE_GIVEN = {"assigns": {}, "outputs": 0}


def from_python(source=None):
    return {"assigns": {"gold": {"source": source, "sha256": None, "type": "DataFrame"}}, "outputs": 0}


def told(**record):
    found = reproduction_of({**RUN, **record})
    return found.commands, " ".join(found.notes)


def test_the_command_line_is_the_one_that_was_given():
    command = ["crucible", "run", "my specs/a.yaml", "-o", "bench.alpha=0.01", "--assign", "gold=@gold.json"]
    commands, notes = told(command=command, inputs=from_python("gold.json"), overrides={"bench": {"alpha": 0.01}})
    assert commands[-1] == "crucible run 'my specs/a.yaml' -o bench.alpha=0.01 --assign gold=@gold.json"
    assert "in place of" not in notes
    assert "Python" not in notes


def test_a_value_written_on_the_command_line_comes_back_with_it():
    commands, notes = told(command=["crucible", "run", "a.yaml", "--assign", "k=3"], inputs=from_python())
    assert commands[-1] == "crucible run a.yaml --assign k=3"
    assert "Python" not in notes


def test_a_run_from_python_gets_a_command_line_with_what_was_changed():
    overrides = {"bench": {"alpha": 0.01, "tests": ["friedman"], "item": "data set"}}
    commands, _ = told(command=None, overrides=overrides, inputs=NONE_GIVEN)
    assert commands[-1] == (
        """crucible run a.yaml -o bench.alpha=0.01 -o 'bench.tests=["friedman"]' -o 'bench.item="data set"' --seed 7"""
    )


def test_a_file_that_was_given_is_given_again():
    commands, _ = told(inputs=from_python("gold.json"))
    assert commands[-1] == "crucible run a.yaml --assign gold=@gold.json --seed 7"


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        (from_python(), "with assigns.gold (DataFrame), of which no file is known"),
        ({"assigns": {}, "outputs": 120}, "with outputs (120 rows), of which"),
        ({**from_python(), "outputs": 1}, "with assigns.gold (DataFrame) and outputs (1 row), of which"),
    ],
)
def test_what_came_from_python_cannot_be_repeated_from_the_command_line(inputs, words):
    commands, notes = told(inputs=inputs)
    assert commands == ("git checkout f823eb1",)
    assert words in notes
    assert "cannot be repeated from the command line alone" in notes
    assert "crucible_core.run('a.yaml', seed=7, …)" in notes
    assert "in place of" not in notes


@pytest.mark.parametrize("inputs", [None, {}, NONE_GIVEN])
def test_where_nothing_was_given_the_recorded_experiment_will_do(inputs):
    _, notes = told(inputs=inputs)
    assert "is in runs/one/spec.json; it can be run in place of the file." in notes


def test_a_run_without_a_file_has_its_changes_in_its_directory():
    commands, _ = told(spec_file=None, overrides={"bench": {"alpha": 0.01}})
    assert commands[-1] == "crucible run runs/one/spec.json --seed 7"


@pytest.mark.parametrize(
    ("git", "told_of_it"),
    [
        (None, "No git revision was recorded"),
        ({"revision": None, "dirty": True}, "no commit yet"),
        ({"revision": "f823eb1", "dirty": True}, "not committed"),
    ],
)
def test_code_that_a_revision_does_not_bring_back_is_told(git, told_of_it):
    assert told_of_it in told(git=git)[1]


def test_a_clean_revision_needs_no_words():
    assert reproduction_of({**RUN, "spec_file": None}).notes == ()


def test_a_secret_in_the_command_line_is_told():
    assert "stands for a secret" in told(command=["crucible", "run", "a.yaml", "-o", "eval.token=**********"])[1]


@pytest.mark.parametrize("words", [["--run-id", "one"], ["--run-id=one"]])
def test_an_id_that_is_taken_is_told(words):
    assert "--run-id is taken by this run" in told(command=["crucible", "run", "a.yaml", *words])[1]


@pytest.mark.parametrize("record", [{}, {"seed": 1}])
def test_outside_a_recorded_run_there_is_nothing_to_say(record):
    assert not reproduction_of(record)


@pytest.mark.parametrize("name", ["html", "markdown", "latex"])
def test_every_document_says_what_came_from_python(name, make_sample, record):
    made = render(name, build_report(make_sample(), {**record, "inputs": from_python()})).decode()
    assert "DataFrame" in made
    assert "cannot be repeated from the command line alone" in made
    assert "crucible run" not in made
