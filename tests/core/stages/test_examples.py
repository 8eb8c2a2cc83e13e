"""The examples of the built-in stages do what they say, and show every option, every choice and every error."""

from __future__ import annotations

import pytest

from crucible_core import Context, StageError
from crucible_core.stages.data_checks import DataChecks
from crucible_core.stages.guardrails.stage import Guardrails
from crucible_core.stages.validate import Validate

STAGES = [Validate, DataChecks, Guardrails]
EXAMPLES = [
    pytest.param(stage, example, id=f"{stage.name}: {example.summary}")
    for stage in STAGES
    for example in stage.examples
]


def ran(stage, example):
    rooms = {room: example.make(room) for room in ("outputs", "assigns", "metrics", "artifacts")}
    return stage().run(Context(**rooms), stage.Options(**example.make("options")))


@pytest.mark.parametrize(("stage", "example"), EXAMPLES)
def test_an_example_does_what_it_says(stage, example):
    if example.raises is None:
        assert ran(stage, example).has_metric("stage")
    else:
        with pytest.raises(StageError) as caught:
            ran(stage, example)
        assert caught.value.code == example.raises


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.name)
def test_examples_show_everything(stage):
    assert {name for each in stage.examples for name in each.make("options")} == set(stage.Options.model_fields)
    assert {each.raises for each in stage.examples} == {None, *stage.errors}
