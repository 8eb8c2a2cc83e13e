"""A context is a frozen value of nine fields and the runtime, and every helper returns a new one."""

import copy
import math
import pickle
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from crucible_core import Context, Runtime, Verdict, experiment
from crucible_core.contract.runtime import RunServices

NINE = {
    *("experiment_id", "run_id", "experiment", "outputs", "metrics"),
    *("artifacts", "trace", "telemetry_context", "assigns"),
}
HELPERS = {
    *("put_metric", "get_metric", "update_metric", "merge_metrics", "has_metric", "add_output", "add_outputs"),
    *("put_artifact", "get_artifact", "has_artifact", "assign", "put_verdict", "verdicts"),
    *("stage_completed", "completed_stages", "read"),
}


def test_its_public_face_is_the_nine_fields_the_runtime_and_the_helpers():
    public = {name for name in {*dir(Context()), *vars(Context())} if not name.startswith("_")}
    assert public == NINE | {"runtime"} | HELPERS


def test_the_defaults_are_empty():
    context = Context()
    assert (list(context.outputs), dict(context.metrics), dict(context.artifacts)) == ([], {}, {})
    assert (dict(context.telemetry_context), dict(context.assigns), context.trace) == ({}, {}, None)
    assert context.experiment is None
    assert isinstance(context.runtime, Runtime)


@pytest.mark.parametrize("name", [*sorted(NINE), "runtime", "_verdicts", "new"])
def test_nothing_can_be_set_or_deleted(name):
    context = Context()
    with pytest.raises(AttributeError, match="a context is frozen; use put_metric"):
        setattr(context, name, 1)
    with pytest.raises(AttributeError, match="frozen"):
        delattr(context, name)


CHANGES = {
    "put_metric": lambda context: context.put_metric("m", 1),
    "update_metric": lambda context: context.update_metric("m", lambda old: old + 1, 0),
    "merge_metrics": lambda context: context.merge_metrics({"m": 1}),
    "add_output": lambda context: context.add_output({"id": 1}),
    "add_outputs": lambda context: context.add_outputs([{"id": 1}, {"id": 2}]),
    "put_artifact": lambda context: context.put_artifact("a", object()),
    "assign": lambda context: context.assign(x=1),
    "put_verdict": lambda context: context.put_verdict(Verdict("?", False, "no")),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_helper_leaves_the_context_it_was_called_on_as_it_was(change):
    context = Context(outputs=[{"id": 0}], metrics={"old": 1}, artifacts={"old": 2}, assigns={"old": 3})
    before = dict(vars(context).items())
    held = (list(context.outputs), dict(context.metrics), dict(context.artifacts), dict(context.assigns))
    changed = change(context)
    assert type(changed) is Context
    assert changed is not context
    assert vars(context) == before
    assert (list(context.outputs), dict(context.metrics), dict(context.artifacts), dict(context.assigns)) == held
    assert sum(vars(changed)[name] is not value for name, value in before.items()) == 1


def test_a_subclass_stays_one():
    class Own(Context):
        pass

    assert type(Own().put_metric("a", 1).add_output({})._entering(None, "s")) is Own


def test_metrics_are_put_read_and_merged():
    context = Context().put_metric("eval", {"accuracy": 0.5}).merge_metrics({"eval": {"accuracy": 0.9}, "n": 3})
    assert (context.get_metric("eval"), context.get_metric("n")) == ({"accuracy": 0.9}, 3)
    assert (context.get_metric("x"), context.get_metric("x", 0)) == (None, 0)
    assert (context.has_metric("n"), context.has_metric("x")) == (True, False)


def test_updating_a_metric_that_is_not_there_needs_a_default():
    with pytest.raises(KeyError, match="no metric 'n' to update; give a default to begin with"):
        Context().update_metric("n", lambda old: old + 1)
    assert Context().update_metric("n", lambda old: old + 1, 0).get_metric("n") == 1
    assert Context().update_metric("n", lambda old: [old], None).get_metric("n") == [None]
    assert Context().put_metric("n", None).update_metric("n", lambda old: [old]).get_metric("n") == [None]


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        (np.float64(0.5), 0.5),
        (np.float32(0.5), 0.5),
        (np.int64(3), 3),
        (np.bool_(True), True),
        (np.array(2.0), 2.0),
        ((1, 2), [1, 2]),
        ({"a": (np.int32(1),)}, {"a": [1]}),
        (Verdict("?", True, "yes"), {"question": "?", "passed": True, "finding": "yes", "interval": None}),
    ],
)
def test_a_metric_is_stored_as_json_values(value, stored):
    kept = Context().put_metric("m", value).metrics["m"]
    assert kept == stored
    assert type(kept) is type(stored)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"a": [1, object()]}, r"metrics\.m\.a\[1\] is a object, which is no JSON value; put it into assigns"),
        ({1: 2}, r"metrics\.m has the key 1; keys of a JSON object are strings"),
        (np.arange(2), r"metrics\.m is a ndarray"),
        ({1, 2}, r"metrics\.m is a set"),
    ],
)
def test_a_metric_that_is_no_json_is_refused_with_its_place(value, message):
    with pytest.raises(TypeError, match=message):
        Context().put_metric("m", value)
    with pytest.raises(TypeError, match=message):
        Context(metrics={"m": value})


def test_a_metric_does_not_follow_the_value_it_was_made_of():
    value = {"folds": [1]}
    context = Context().put_metric("m", value)
    value["folds"].append(2)
    assert context.metrics["m"] == {"folds": [1]}


def test_non_finite_metrics_stay_numbers():
    assert math.isnan(Context().put_metric("m", math.nan).metrics["m"])


@pytest.mark.parametrize("rows", [[1], [{"a": 1}, "text"], [{}, None]])
def test_a_row_that_is_no_mapping_is_refused(rows):
    message = rf"output row {len(rows) - 1} is a \w+; a row maps field names to values"
    with pytest.raises(TypeError, match=message):
        Context().add_outputs(rows)
    with pytest.raises(TypeError, match=message):
        Context(outputs=rows)


def test_assign_takes_a_mapping_and_names_and_names_win():
    assert dict(Context().assign({"values": 1, "self": 2}, values=3).assigns) == {"values": 3, "self": 2}


def test_completed_stages_keep_their_order():
    context = Context()
    for stage_id in ("b", "a", "b"):
        context = context._entering(None, stage_id)
    assert context.completed_stages == ("b", "a")
    assert context.stage_completed("a")
    assert not context.stage_completed("c")


READABLE = Context(
    outputs=[{"id": 1}], metrics={"eval": {"accuracy": 0.9, "none": None}}, artifacts={"f": "figure"}, assigns={"x": {}}
)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("outputs", READABLE.outputs),
        ("metrics", READABLE.metrics),
        ("metrics.eval.accuracy", 0.9),
        ("metrics.eval.none", None),
        ("artifacts.f", "figure"),
        ("assigns.x", {}),
    ],
)
def test_a_path_is_read(path, value):
    assert READABLE.read(path) == value
    assert READABLE.read(path, "default") == value


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("metrics.eval.f1", "'metrics.eval.f1': there is no 'f1' in metrics.eval"),
        ("metrics.eval.accuracy.x", "'metrics.eval.accuracy.x': there is no 'x' in metrics.eval.accuracy"),
        ("metrics.", "'metrics.': there is no '' in metrics"),
        ("outputs.id", "'outputs.id': there is no 'id' in outputs"),
        ("assigns.y", "'assigns.y': there is no 'y' in assigns"),
    ],
)
def test_a_path_that_leads_nowhere_says_how_far_it_leads(path, message):
    with pytest.raises(KeyError) as caught:
        READABLE.read(path)
    assert caught.value.args == (message,)
    assert READABLE.read(path, None) is None


@pytest.mark.parametrize("path", ["", "metric.x", "runtime.seed", "trace", "."])
def test_a_path_outside_the_four_rooms_is_an_error_even_with_a_default(path):
    with pytest.raises(KeyError, match=r"is not a context path; write outputs, assigns\.K, metrics\.K or artifacts\.K"):
        READABLE.read(path, None)


def test_adding_a_key_beside_a_huge_column_copies_nothing():
    column = np.zeros(10_000_000, dtype=np.int8)
    rows = [{"index": index} for index in range(1000)]
    context = Context(assigns={"column": column}, outputs=rows).add_output({})
    tracemalloc.start()
    try:
        changed = context.assign(small=1).put_metric("m", 1).put_artifact("a", 1).add_output({"index": -1})
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert changed.assigns["column"] is column
    assert all(mine is theirs for mine, theirs in zip(changed.outputs, rows, strict=False))
    assert peak < 20_000


def test_pickling_drops_the_runtime_and_keeps_everything_else():
    spec = experiment("demo").add_stage("validate").build()
    context = Context(experiment=spec, outputs=[{"id": 1}], metrics={"m": 1}, assigns={"x": [1]}, trace=())
    context = context.put_verdict(Verdict("?", True, "yes"))._entering(context.runtime, "done")
    again = pickle.loads(pickle.dumps(context))
    assert again.runtime is None
    for name in NINE:
        assert getattr(again, name) == getattr(context, name)
    assert (again.verdicts, again.completed_stages) == (context.verdicts, ("done",))
    assert again.assign(y=1).add_output({}).completed_stages == ("done",)


def test_copying_keeps_the_runtime():
    context = Context(assigns={"x": [1]}, runtime=Runtime(RunServices(seed=3), "s"))
    assert copy.copy(context) is context
    deep = copy.deepcopy(context)
    assert deep.runtime is context.runtime
    assert deep.assigns["x"] == [1]
    assert deep.assigns["x"] is not context.assigns["x"]


def test_its_repr_names_what_it_holds_and_not_the_data():
    assert repr(Context(outputs=[{"secret": 1}], metrics={"eval": 1}, assigns={"dataset": Path()})) == (
        "Context(experiment/run, 1 outputs, metrics=['eval'], artifacts=[], assigns=['dataset'])"
    )


def test_keys_that_hold_dots_are_found_the_longest_first():
    context = Context(metrics={"ranks": {"C4.5": 3.1, "C4": {"5": 0, "6": 1}}})
    assert context.read("metrics.ranks.C4.5") == 3.1
    assert context.read("metrics.ranks.C4.6") == 1
    assert context.read("metrics.ranks.C4.7", None) is None
