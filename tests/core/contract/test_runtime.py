"""What a stage asks of its run."""

import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from threading import Event as Flag

import numpy as np
import pytest

from crucible_core import Context
from crucible_core.contract.event_names import EVENT_NAMES, LIFECYCLE_EVENTS, REASONING_EVENTS
from crucible_core.contract.runtime import RunServices, Runtime, derive_seed
from crucible_core.trace.emitter import Emitter
from crucible_core.trace.payloads import PAYLOADS


class Heard:
    """A run whose events are kept."""

    def __init__(self, **services):
        self.events = []
        self.emitter = Emitter("r", "e", observers=(("heard", self.events.append),))
        self.runtime = Runtime(RunServices(sink=self.emitter, **services), "train")

    @property
    def last(self):
        event = self.events[-1]
        return event.event_name, dict(event.payload)


@pytest.fixture
def heard():
    return Heard()


def test_a_seed_depends_on_the_runs_seed_and_the_stages_id_alone():
    seeds = {(seed, name): Runtime(RunServices(seed=seed), name).seed for seed in (0, 1) for name in ("a", "b")}
    assert len(set(seeds.values())) == 4
    assert Runtime(RunServices(seed=0), "a", attempt=2).seed == seeds[0, "a"]


def test_a_seed_is_what_blake2b_says():
    """Computed apart from the code: the first 32 bits of blake2b-32 of the run's seed and the id, big-endian."""
    import hashlib

    expected = int.from_bytes(hashlib.blake2b(b"7\x1ftrain", digest_size=4).digest(), "big")
    assert derive_seed(7, "train") == expected
    assert 0 <= expected < 2**32


def test_seeds_and_streams_are_the_same_in_another_process_with_another_hash_seed():
    code = (
        "from crucible_core.contract.runtime import *; r = Runtime(RunServices(seed=7), 'train');"
        "print([r.seed, r.rng().random(), r.rng('noise').random()])"
    )
    here = Runtime(RunServices(seed=7), "train")
    expected = [here.seed, here.rng().random(), here.rng("noise").random()]
    for hash_seed in ("1", "2"):
        env = {**os.environ, "PYTHONHASHSEED": hash_seed}
        done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
        assert json.loads(done.stdout) == expected


def test_streams_of_random_numbers_are_independent_and_start_anew(heard):
    first = [heard.runtime.rng(name).random() for name in ("", "a", "b")]
    assert len(set(first)) == 3
    assert [heard.runtime.rng(name).random() for name in ("", "a", "b")] == first


def test_what_random_draws_do_not_touch_the_global_generator(heard):
    import random

    before = random.getstate()
    heard.runtime.rng().random()
    assert random.getstate() == before


@pytest.mark.parametrize("name", ["", ".", "/etc/passwd", "..", "a/../../b", "../x", "a/..", "./.."])
def test_an_artifact_outside_the_stages_directory_is_refused(tmp_path, name):
    runtime = Runtime(RunServices(artifacts=lambda stage: tmp_path / stage), "train")
    with pytest.raises(ValueError, match="give a relative path inside the stage's own directory"):
        runtime.artifact_path(name)
    assert not runtime.wrote_files
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a.txt", "deep/er/a.txt", "./a.txt", "..a", "a..b/c", "späte Größe.txt"])
def test_an_artifact_lies_in_the_stages_directory_which_exists(tmp_path, name):
    runtime = Runtime(RunServices(artifacts=lambda stage: tmp_path / stage), "train")
    path = runtime.artifact_path(name)
    path.write_text("x")
    assert path.resolve().is_relative_to(tmp_path / "train")
    assert runtime.wrote_files


def test_a_context_that_belongs_to_no_run_has_no_place_for_artifacts():
    with pytest.raises(ValueError, match=r"no directory for artifact 'a\.txt': this context belongs to no run"):
        Context().runtime.artifact_path("a.txt")


@pytest.mark.parametrize("name", [*LIFECYCLE_EVENTS, "verdict", "artifact"])
def test_events_that_the_core_emits_are_refused_with_what_to_do(heard, name):
    with pytest.raises(ValueError, match=f"a stage does not emit '{name}' itself: "):
        heard.runtime.emit(name)
    assert heard.events == []


@pytest.mark.parametrize("name", ["", "epoch", "Plugin.epoch", "plugin.", ".epoch", "a b.c", "plugin.epoch\n", "a..b"])
def test_an_unknown_event_is_refused_with_what_there_is(heard, name):
    with pytest.raises(ValueError, match="emit one of metric, checkpoint, log, hypothesis_formed"):
        heard.runtime.emit(name)


def test_a_plugins_own_event_is_recorded_with_its_stage(heard):
    heard.runtime.emit("crucible_train.epoch", number=1, device=object, paths=("a",))
    (event,) = heard.events
    assert (event.event_name, event.stage, event.attempt) == ("crucible_train.epoch", "train", 1)
    assert event.payload == {"number": 1, "device": "builtins:object", "paths": ["a"]}


EMITTED = {
    "log": lambda runtime: runtime.emit("log", message="m", level="debug", more=1),
    "metric": lambda runtime: runtime.emit("metric", name="n", value=1.5),
    "checkpoint": lambda runtime: runtime.emit("checkpoint", name="n", path="/"),
    **{
        name: lambda runtime, name=name: runtime.emit(name, decision="d", reasoning="r", alternatives=["a"])
        for name in REASONING_EVENTS
    },
}


@pytest.mark.parametrize("name", EMITTED)
def test_what_is_emitted_by_name_has_the_published_payload(heard, name):
    EMITTED[name](heard.runtime)
    assert heard.last[0] == name
    PAYLOADS[name].model_validate(heard.last[1], strict=True)


def test_every_event_name_has_a_published_payload():
    assert set(PAYLOADS) == set(EVENT_NAMES)


@pytest.mark.parametrize(
    ("name", "payload"),
    [("metric", {"foo": 1}), ("log", {}), ("checkpoint", {"name": "x"}), ("decision_made", {"decision": "x"})],
)
def test_a_payload_that_is_not_the_events_is_refused(heard, name, payload):
    with pytest.raises(TypeError):
        heard.runtime.emit(name, **payload)
    assert heard.events == []


@pytest.mark.parametrize(
    ("value", "recorded"),
    [
        (1, 1),
        (0.5, 0.5),
        (np.float32(0.5), 0.5),
        (np.int64(2), 2),
        (np.array(1.0), 1.0),
        (None, None),
        (float("nan"), "NaN"),
        (np.float64("-inf"), "-Infinity"),
    ],
)
def test_a_metric_is_a_number(heard, value, recorded):
    heard.runtime.log_metric("loss", value, step=np.int64(3))
    assert heard.last == ("metric", {"name": "loss", "value": recorded, "step": 3})
    PAYLOADS["metric"].model_validate(heard.last[1], strict=True)


@pytest.mark.parametrize("value", ["0.5", True, [1], np.arange(2), object()])
def test_a_metric_that_is_no_number_is_refused(heard, value):
    with pytest.raises(TypeError, match="the metric loss is"):
        heard.runtime.log_metric("loss", value)


@pytest.mark.parametrize("step", [1.5, "1"])
def test_a_step_is_an_integer(heard, step):
    with pytest.raises(TypeError):
        heard.runtime.log_metric("loss", 1, step=step)


def test_a_message_has_a_level_and_fields(heard):
    heard.runtime.log("hello", "warning", rows=3)
    assert heard.last == ("log", {"level": "warning", "message": "hello", "fields": {"rows": 3}})
    with pytest.raises(ValueError, match="log level 'fatal': choose one of debug, info, warning, error"):
        heard.runtime.log("hello", "fatal")


def test_a_decision_says_why(heard):
    heard.runtime.decide("use SGD", "it is simpler", ["Adam", 0.1], confidence=np.float32(0.5))
    said = {"decision": "use SGD", "reasoning": "it is simpler", "alternatives": ["Adam", "0.1"], "confidence": 0.5}
    assert heard.last == ("decision_made", said)


@pytest.mark.parametrize("confidence", [-0.1, 1.1, float("nan"), float("inf")])
def test_a_confidence_lies_between_0_and_1(heard, confidence):
    with pytest.raises(ValueError, match=r"confidence .* is not between 0 and 1"):
        heard.runtime.decide("a", "b", confidence=confidence)


@pytest.mark.parametrize("confidence", [0, 1, 0.0, 1.0, None])
def test_the_bounds_of_a_confidence_are_allowed(heard, confidence):
    heard.runtime.decide("a", "b", confidence=confidence)
    assert heard.last[1]["confidence"] == confidence


@pytest.mark.parametrize("kind", ["log", "metric", "stage_stop", "crucible_x.y", ""])
def test_a_decision_is_a_reasoning_event(heard, kind):
    with pytest.raises(ValueError, match="is no reasoning event; choose one of hypothesis_formed"):
        heard.runtime.decide("a", "b", kind=kind)


@pytest.mark.parametrize("wrong", [{"confidence": "high"}, {"confidence": True}, {"alternatives": "Adam"}])
def test_a_decision_of_the_wrong_types_is_refused(heard, wrong):
    with pytest.raises(TypeError):
        heard.runtime.decide("a", "b", **wrong)


def test_a_checkpoint_is_there(heard, tmp_path):
    with pytest.raises(FileNotFoundError, match=f"checkpoint 'best': there is nothing at {tmp_path}/x"):
        heard.runtime.checkpoint("best", tmp_path / "x")
    assert heard.events == []
    heard.runtime.checkpoint("best", tmp_path)
    assert heard.last == ("checkpoint", {"name": "best", "path": str(tmp_path)})


def test_cancelling_is_asked_for_each_time():
    flag = Flag()
    runtime = Runtime(RunServices(cancel=flag), "train")
    assert not runtime.cancelled
    flag.set()
    assert runtime.cancelled


def test_progress_goes_to_who_watches_and_is_not_recorded():
    seen = []
    heard = Heard(progress=lambda *told: seen.append(told))
    heard.runtime.progress(1, 3)
    heard.runtime.progress(2)
    assert seen == [("train", 1, 3), ("train", 2, None)]
    assert heard.events == []


def test_a_watcher_that_raises_is_reported_once_and_not_told_any_more():
    calls = []

    def watch(*told):
        calls.append(told)
        raise ZeroDivisionError("oops")

    heard = Heard(progress=watch)
    heard.runtime.progress(1)
    heard.runtime.progress(2)
    assert len(calls) == 1
    assert [event.event_name for event in heard.events] == ["log"]
    assert "ZeroDivisionError: oops" in heard.last[1]["message"]


def test_without_a_run_everything_can_be_called_and_nothing_happens(tmp_path):
    runtime = Context().runtime
    runtime.log("x")
    runtime.log_metric("x", 1)
    runtime.decide("a", "b")
    runtime.checkpoint("x", tmp_path)
    runtime.progress(1)
    assert (runtime.stage_id, runtime.attempt, runtime.deadline) == ("stage", 1, None)
    assert (runtime.cancelled, runtime.plan, dict(runtime.record()), runtime.run_seed) == (False, None, {}, 0)


def test_what_is_wrong_is_refused_without_a_run_as_well():
    with pytest.raises(TypeError):
        Context().runtime.log_metric("x", "y")
    with pytest.raises(ValueError, match="reasoning event"):
        Context().runtime.decide("a", "b", kind="log")


def test_the_clock_is_utc_or_the_one_given():
    assert Context().runtime.clock().tzinfo is UTC
    fixed = datetime(2006, 1, 1, tzinfo=UTC)
    assert Runtime(RunServices(clock=lambda: fixed), "s").clock() is fixed


def test_remaining_counts_down_to_nothing():
    now = time.monotonic()
    assert Runtime(RunServices(), "s").remaining() is None
    assert 0 < Runtime(RunServices(), "s", deadline=now + 60).remaining() <= 60
    assert Runtime(RunServices(), "s", deadline=now - 1).remaining() == 0


@pytest.mark.parametrize("decision", ["", " \n"])
def test_a_decision_says_something(heard, decision):
    with pytest.raises(ValueError, match="the decision is empty: say what was decided"):
        heard.runtime.decide(decision, reasoning="x")
    with pytest.raises(ValueError, match="the decision is empty"):
        heard.runtime.emit("hypothesis_formed", decision=decision, reasoning="x")
    assert heard.events == []
