"""What a stage costs does not depend on how many there are; counted in calls, not seconds."""

import sys

import pytest

from crucible_core import Stage


class Nothing(Stage):
    def run(self, context, options):
        return context


class Growing(Stage):
    def run(self, context, options):
        stage_id = context.runtime.stage_id
        return context.put_metric(stage_id, 1).add_output({"id": stage_id}).assign({stage_id: 1})


def calls_of(work):
    """Count the Python and C functions that are called."""
    count = 0

    def counting(frame, event, argument):
        nonlocal count
        count += event in ("call", "c_call")

    previous = sys.getprofile()
    sys.setprofile(counting)
    try:
        result = work()
    finally:
        sys.setprofile(previous)
    return count, result


@pytest.mark.parametrize("kind", [Nothing, Growing])
@pytest.mark.parametrize("listening", [False, True])
def test_a_run_is_linear_in_its_stages(run_stages, kind, listening):
    def run(count):
        steps = [{"name": "s0", "id": f"n{number}"} for number in range(count - 1)]
        observers = [lambda event: None] if listening else []
        return run_stages(kind, *steps, observers=observers)

    run(10)  # imports and caches
    few, _ = calls_of(lambda: run(500))
    many, result = calls_of(lambda: run(5_000))
    assert result.ok
    assert len(result.context.completed_stages) == 5_000
    assert many / few < 10 * 1.25  # the maps of a context grow in n log n


def test_twenty_thousand_stages_run_and_the_stack_stays_flat(run_stages):
    depths = set()

    class Deep(Stage):
        def run(self, context, options):
            frame, depth = sys._getframe(), 0
            while frame is not None:
                frame, depth = frame.f_back, depth + 1
            depths.add(depth)
            return context.put_metric(context.runtime.stage_id, 1)

    result = run_stages(Deep, *({"name": "s0", "id": f"n{number}"} for number in range(19_999)))
    assert result.ok
    assert len(depths) == 1
    assert len(result.context.completed_stages) == len(result.context.metrics) == 20_000


def test_missing_inputs_of_many_stages_are_found_in_linear_time(plan_stages):
    from crucible_core import PlanError

    class Reading(Stage):
        reads = ("assigns.never",)
        writes = ("metrics.{id}",)

        def run(self, context, options):
            return context

    def plan(count):
        with pytest.raises(PlanError) as caught:
            plan_stages(Reading, *({"name": "s0", "id": f"n{number}"} for number in range(count - 1)))
        return len(caught.value.problems)

    plan(100)
    few, found = calls_of(lambda: plan(300))
    many, found_of_many = calls_of(lambda: plan(3_000))
    assert (found, found_of_many) == (300, 3_000)
    assert many / few < 12
