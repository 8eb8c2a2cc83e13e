"""No byte of a run directory holds a secret, wherever it was given and whoever repeats it."""

from __future__ import annotations

import json

import pytest

from crucible_core import CrucibleError, run
from crucible_core.runs.secret_values import SecretValues

from .record_stages import QUOTED

KEY, TOKEN, INNER = "sk-live-4f9a'quoted\"é", "tok_7777", "inner-8888"
STEP = {
    "module": "record_stages:Talk",
    "options": {"endpoint_url": KEY, "deployment_id": TOKEN, "by_name": {"a": INNER}},
}


def _step(**changes):
    return {
        **STEP,
        **{key: value for key, value in changes.items() if key != "options"},
        "options": {**STEP["options"], **changes.get("options", {})},
    }


def _leaks(run_dir):
    found = []
    forms = [
        form.encode()
        for secret in (KEY, TOKEN, INNER)
        for form in (secret, json.dumps(secret)[1:-1], repr(secret)[1:-1])
    ]
    for path in run_dir.rglob("*"):
        if path.is_file():
            found += [(path.name, form) for form in forms if form in path.read_bytes()]
    return found


SPECS = {
    "given": (_step(), {}, {}),
    "crash": (_step(options={"ending": "crash"}), {}, {}),
    "foreseen": (_step(options={"ending": "refuse"}), {}, {}),
    "disabled": (_step(enabled=False), {}, {}),
    "disabled and broken": (_step(enabled=False, module="record_stages:Nobody"), {}, {}),
    "by section": (
        {"module": "record_stages:Talk"},
        {"backend": {"id": "b", "endpoint_url": KEY, "deployment_id": TOKEN}},
        {},
    ),
    "overridden": ({"module": "record_stages:Talk"}, {}, {"overrides": {"s0": STEP["options"]}}),
    "repeated in the spec": (_step(), {"params": {"note": f"uses {KEY} {TOKEN}", INNER: 1}, "description": TOKEN}, {}),
    "warnings": (_step(options={"by_name": {"a": INNER, "b": 5}}), {}, {"validate_options": "warn"}),
}


@pytest.mark.parametrize(("step", "spec", "arguments"), SPECS.values(), ids=SPECS)
def test_no_byte_of_the_record_holds_a_secret(record, step, spec, arguments):
    result = record(step, spec=spec, **arguments)
    assert (result.run_dir / "telemetry.jsonl").is_file()
    assert _leaks(result.run_dir) == []


def test_a_run_goes_on_although_its_record_holds_no_secret(record, tmp_path):
    stages = (_step(), {"module": "record_stages:Crash"})
    begun = record(*stages)
    assert (begun.status, _leaks(begun.run_dir)) == ("failed", [])
    spec = {"id": "exp", "pipeline": [{"id": f"s{index}", **each} for index, each in enumerate(stages)]}
    again = run(spec, resume=str(begun.run_dir))
    assert again.failure.stage == "s1"
    assert again.context.assigns["keys"] == (KEY,)
    assert _leaks(again.run_dir) == []
    with pytest.raises(CrucibleError, match="is a secret, which the record does not hold"):
        run(resume=str(begun.run_dir))


def test_what_is_no_secret_is_recorded(record):
    result = record(_step(options={"ending": "refuse"}), _step(enabled=False, options={"ending": "said"}))
    spec = json.loads((result.run_dir / "spec.json").read_bytes())
    assert [step["options"] for step in spec["pipeline"]] == [
        {"endpoint_url": "**********", "deployment_id": "**********", "by_name": "**********", "ending": ending}
        for ending in ("refuse", "said")
    ]


@pytest.mark.parametrize("ending", ["crash", "refuse"])
def test_the_failure_shown_holds_no_secret(record, ending):
    failure = record(_step(options={"ending": ending})).failure
    assert failure.code in ("stage_crashed", "too_open")
    for secret in (KEY, TOKEN, INNER):
        assert secret not in str(failure.to_dict())


def test_observers_are_told_no_secret(record):
    seen = []
    record(_step(), persist=False, observers=(seen.append,))
    assert "my_plugin.said" in {event.event_name for event in seen}
    for secret in (KEY, TOKEN, INNER):
        assert secret not in str([event.to_dict() for event in seen])


def test_the_stage_itself_gets_its_secrets(record):
    assert KEY in record(_step()).context.metrics["s0"]["said"]


@pytest.mark.parametrize(
    ("value", "hidden"),
    [
        ("tok_7777", "**********"),
        ("a tok_7777 b", "a ********** b"),
        ({"tok_7777": ["tok_7777", 1]}, {"**********": ["**********", 1]}),
        ("abc", "**********"),
        ("xabcx", "xabcx"),
        (7777, 7777),
        (None, None),
        (float("inf"), "Infinity"),
    ],
)
def test_hiding(value, hidden):
    assert SecretValues(["tok_7777", "abc", ""]).hidden(value) == hidden


def test_without_secrets_nothing_is_touched():
    value = object()
    assert SecretValues([""]).hidden(value) is value


LONG = 'plain/secret_with-dash*&"quote" é {x}'
MANY = {"id": "exp", "outputs": [{"name": "all", "formats": ["markdown", "json", "html", "latex", "csv"]}]}


def _words_left(run_dir):
    """Return the files in which a piece of the secret, however it is written, is left."""
    letters = [QUOTED[name](LONG).encode()[12:26] for name in QUOTED]
    files = [path for path in run_dir.rglob("*") if path.is_file()]
    assert files
    return {(path.name, form) for path in files for form in letters if form in path.read_bytes()}


@pytest.mark.parametrize("isolation", ["none", "process"])
def test_no_report_holds_a_secret_however_it_is_quoted(record, isolation, capfd):
    steps = (
        {"module": "record_stages:Quote", "options": {"key": LONG, "keys": ["a"]}},
        {
            "name": "report",
            "options": {"title": f"About {LONG}"},
            **({"isolation": isolation} if isolation == "process" else {}),
        },
    )
    result = record(*steps, spec=MANY)
    assert result.ok, result.failure
    assert len(list((result.run_dir / "artifacts" / "s1").iterdir())) == 5
    assert _words_left(result.run_dir) == set()
    assert result.context.assigns["said"]["plain"] == LONG


def test_no_failure_holds_a_secret_however_it_is_quoted(record):
    result = record({"module": "record_stages:Quote", "options": {"key": LONG, "fail": True}})
    assert result.failure.code == "told_to_fail"
    assert _words_left(result.run_dir) == set()


def test_a_report_that_nobody_records_holds_no_secret(record, capfd):
    shown = {"outputs": [{"name": "all", "formats": ["markdown"], "sink": "stdout"}]}
    step = {"module": "record_stages:Quote", "options": {"key": LONG}}
    assert record(step, {"name": "report"}, spec=shown, persist=False).ok
    printed = capfd.readouterr().out
    assert "**********" in printed
    assert LONG[:12] not in printed
