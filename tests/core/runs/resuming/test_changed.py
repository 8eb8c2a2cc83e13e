import json

import pytest

from crucible_core import CrucibleError, run

from .conftest import plain


@pytest.fixture
def stopped(spec, place, ran):
    """A run of a, b, c and d that crashed in c; the cause is gone."""
    (place / "crash-c").touch()
    run(spec("a", "b", "c", "d"), run_id="r", seed=1)
    (place / "crash-c").unlink()
    ran()


def step(stage_id, **fields):
    return {"id": stage_id, **fields}


def test_a_changed_experiment_is_refused_with_the_difference(stopped, spec, ran, crucible):
    spec("a", step("b", options={"value": 2.0}), "c", "d", params={"epochs": 3})
    refused = crucible("run", "--resume", "r")
    assert refused.returncode == 2
    assert "params.epochs: absent, now 3" in refused.stderr
    assert "pipeline.b.options.value: absent, now 2.0" in refused.stderr
    assert "--from-changed" in refused.stderr
    assert ran() == []


def test_it_runs_again_from_the_first_stage_that_changed(stopped, spec, ran):
    path = spec("a", step("b", options={"value": 2.0}), "c", "d")
    context = run(resume="r", from_changed=True).unwrap()
    assert ran() == ["b", "c", "d"]
    assert plain(context) == plain(run(path, run_id="new", seed=1).unwrap())


@pytest.mark.parametrize(
    ("stages", "again"),
    [
        (("b", "a", "c", "d"), ["b", "a", "c", "d"]),
        (("a", "c", "d"), ["c", "d"]),
        (("a", "b", "x", "c", "d"), ["x", "c", "d"]),
        (("a", "b"), []),
        (("a", "b", "c", "d", "e"), ["c", "d", "e"]),
    ],
)
def test_stages_that_came_went_or_moved(stopped, spec, ran, stages, again):
    path = spec(*stages)
    with pytest.raises(CrucibleError, match="is not the one run r began with"):
        run(resume="r")
    context = run(resume="r", from_changed=True).unwrap()
    assert ran() == again
    assert plain(context) == plain(run(path, run_id="new", seed=1).unwrap())


def test_what_was_dropped_does_not_come_back_when_the_run_goes_on_once_more(stopped, spec, place, ran):
    spec("a", step("b", options={"value": 2.0}), "c", "d")
    (place / "crash-b").touch()
    assert run(resume="r", from_changed=True).status == "failed"
    (place / "crash-b").unlink()
    assert run(resume="r").ok
    assert ran() == ["b", "b", "c", "d"]


def test_another_seed_is_a_change(stopped, ran):
    with pytest.raises(CrucibleError, match="seed: 1, now 2"):
        run(resume="r", seed=2)
    assert run(resume="r", seed=2, from_changed=True).ok
    assert ran() == ["a", "b", "c", "d"]


def test_so_is_another_value_given(spec, place, ran):
    (place / "crash-b").touch()
    run(spec("a", "b"), run_id="r", assigns={"n": 1})
    (place / "crash-b").unlink()
    ran()
    with pytest.raises(CrucibleError, match=r"assigns\.n"):
        run(resume="r", assigns={"n": 1.0})
    assert run(resume="r", assigns={"n": 1}).ok
    assert ran() == ["b"]


def test_words_and_policies_are_no_change(stopped, spec, ran):
    spec("a", "b", "c", "d", description="said better", tags=["new"])
    assert run(resume="r").ok
    assert ran() == ["c", "d"]


def test_a_run_that_succeeded_goes_on_where_its_experiment_changed(spec, ran):
    run(spec("a", "b"), run_id="r").unwrap()
    ran()
    spec("a", "b", "c")
    assert run(resume="r", from_changed=True).ok
    assert ran() == ["c"]


def test_another_experiment_is_refused(stopped, place, spec):
    other = spec("a", "b", "c", "d").read_text().replace('"exp"', '"other"')
    (place / "other.json").write_text(other)
    with pytest.raises(CrucibleError, match="is of experiment 'exp', not of 'other'"):
        run(place / "other.json", resume="r")


def test_without_its_file_the_recorded_experiment_is_taken(stopped, place, ran):
    (place / "spec.json").unlink()
    assert run(resume="r").ok
    assert ran() == ["c", "d"]


def test_the_record_is_of_the_experiment_that_it_goes_on_with(stopped, spec):
    given = json.loads(spec("a", step("b", options={"value": 2.0}), "c", "d").read_bytes())
    run_dir = run(resume="r", from_changed=True).run_dir
    recorded = json.loads((run_dir / "spec.json").read_bytes())
    assert recorded["pipeline"][1]["options"] == given["pipeline"][1]["options"] == {"value": 2.0}
