"""All that is wrong is said at once, whatever kind of wrong it is."""

from __future__ import annotations

import pytest

from crucible_core import PlanError, SpecError, plan


def problems(tmp_path, text, **given):
    path = tmp_path / "e.yaml"
    path.write_text(text)
    with pytest.raises((PlanError, SpecError)) as caught:
        plan(path, **given)
    return [(problem.location.line if problem.location else None, problem.path) for problem in caught.value.problems]


def test_what_cannot_be_read_and_what_cannot_be_planned_are_said_together(tmp_path):
    text = """\
id: e
qualty_targets: {}
pipeline:
  - nosuch
  - name: data_checks
    optons: {}
  - name: data_checks
    id: other
    options: {min_rows: "3"}
"""
    assert problems(tmp_path, text) == [
        (2, "qualty_targets"),
        (6, "pipeline[1].optons"),
        (4, "pipeline[0].name"),
        (9, "pipeline[2].options.min_rows"),
    ]


def test_a_part_that_cannot_be_read_makes_nothing_else_wrong(tmp_path):
    text = "id: e\npipeline:\n  - {name: load, extra: 1}\n  - {name: data_checks, options: {data: assigns.made}}\n"
    assert problems(tmp_path, text) == [(3, "pipeline[0].extra")]


def test_without_an_id_or_a_pipeline_there_is_nothing_to_plan(tmp_path):
    assert problems(tmp_path, "pipeline: [nosuch]\n") == [(1, "id")]


def test_a_wrong_override_has_no_place_in_the_file(tmp_path):
    text = "id: e\npipeline:\n  - {name: data_checks, options: {data: outputs, min_rows: 1}}\n"
    found = problems(tmp_path, text, outputs=True, overrides={"data_checks": {"min_rows": -1}})
    assert found == [(None, "pipeline[0].options.min_rows")]


def test_what_is_asked_of_no_stage_is_noted_with_its_place(tmp_path):
    path = tmp_path / "e.yaml"
    path.write_text(
        "id: e\nreliability:\n  hedging: {strategy: fixed}\n  guardrails: {}\npipeline:\n  - {name: guardrails, options: {data: outputs}}\n"
    )
    (note,) = plan(path, outputs=True).notes
    assert (note.path, note.location.line) == ("reliability.hedging", 3)
    assert "no stage of the pipeline takes its options from it" in note.message


def test_outputs_that_no_stage_renders_are_noted_with_their_place(tmp_path):
    path = tmp_path / "e.yaml"
    path.write_text("id: e\npipeline: [data_checks]\noutputs:\n  - name: table\n")
    (note,) = plan(path, outputs=True, overrides={"data_checks": {"data": "outputs"}}).notes
    assert (note.path, note.location.line) == ("outputs", 3)
    assert "no stage of the pipeline renders them, as 'report' does: it will not be done" in note.message
    path.write_text("id: e\npipeline: [report]\noutputs:\n  - name: table\n")
    assert plan(path).notes == ()
