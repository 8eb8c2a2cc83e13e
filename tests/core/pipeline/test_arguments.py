"""What run() is called with is checked before anything is written."""

import pytest

from crucible_core import CrucibleError, run


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"outputs": [{"a": 1}, 5]}, "outputs[1]: give a mapping from field names to values, got 5"),
        ({"assigns": {1: 2}}, "assigns: give a mapping with names as keys, got {1: 2}"),
        ({"assigns": 5}, "assigns: give a mapping with names as keys, got 5"),
        ({"telemetry_context": ["me"]}, "telemetry_context: give a mapping with names as keys, got ['me']"),
        ({"observers": [print, "x"]}, "observers[1]: give a function of one event, got 'x'"),
        ({"cancel": True}, "cancel: give something with is_set(), such as a threading.Event, got True"),
        ({"seed": -1}, "seed -1: give an integer from 0 on"),
        ({"seed": 1.0}, "seed 1.0: give an integer from 0 on"),
        ({"seed": True}, "seed True: give an integer from 0 on"),
        ({"validate_options": "strict"}, "validate_options 'strict': choose one of error, warn, off"),
        ({"run_id": "../up"}, "run id '../up': use letters, digits"),
        ({"run_id": ""}, "run id '': use letters, digits"),
        ({"overrides": {"valid": {}}}, "no stage 'valid' whose options could be overridden; there are: validate"),
        ({"resume": "before", "run_id": "r"}, "a run that goes on keeps its id"),
    ],
)
def test_a_wrong_argument_is_said_and_nothing_is_written(tmp_path, arguments, message):
    with pytest.raises(CrucibleError) as caught:
        run({"id": "exp", "pipeline": ["validate"]}, output_dir=tmp_path / "out", **arguments)
    assert str(caught.value).startswith(message)
    assert list(tmp_path.iterdir()) == []


def test_overrides_do_not_follow_what_they_were_made_of(plan_stages):
    class Duck:
        def describe(self, options=None):
            return {"name": "duck", "description": "Quack.", "optional": ["n"], "types": {"n": {"list": "integer"}}}

        def run(self, context, options):
            return context

    numbers = [1]
    made = plan_stages("duck", offers={"duck": Duck}, overrides={"duck": {"n": numbers}})
    numbers.append(2)
    assert made.stages[0].options["n"] == (1,)
