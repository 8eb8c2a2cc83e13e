"""Learning rates over the steps of a training."""

from __future__ import annotations

import pytest

from crucible_train.schedules import DECAYS, Schedule, lora_learning_rate


@pytest.mark.parametrize(
    ("schedule", "step", "expected"),
    [
        (Schedule("linear", 10), 5, 0.5),
        (Schedule("cosine", 100), 25, 0.8535533905932737),
        (Schedule("constant", 10), 9, 1.0),
        (Schedule("linear", 20, warmup_steps=5), 0, 0.0),
        (Schedule("linear", 20, warmup_steps=5), 2, 0.4),
        (Schedule("linear", 20, warmup_steps=5), 5, 1.0),
        (Schedule("linear", 20, warmup_steps=5), 10, 0.6666666666666667),
        (Schedule("wsd", 20, decay_steps=4), 16, 1.0),
        (Schedule("wsd", 20, decay_steps=4), 18, 0.5),
        (Schedule("wsd", 20), 19, 0.5),
    ],
)
def test_published_values(schedule, step, expected):
    """Those of the Tinker cookbook, where it has the schedule."""
    assert schedule.multiplier(step) == pytest.approx(expected, abs=1e-15)


@pytest.mark.parametrize("decay", DECAYS)
@pytest.mark.parametrize("warmup", [0, 1, 7])
def test_a_rate_is_never_negative_nor_above_its_base_even_after_the_end(decay, warmup):
    schedule = Schedule(decay, 7, warmup_steps=warmup)
    assert all(0 <= schedule.multiplier(step) <= 1 for step in range(20))


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("exponential", 10), "lr_schedule is linear, cosine, constant or wsd"),
        (("linear", 0), "at least one step"),
        (("linear", 10, 11), "warmup_steps is between 0 and the 10"),
        (("wsd", 10, 8, 3), "decay_steps is between 1 and the 2"),
    ],
)
def test_what_does_not_fit_is_named(arguments, named):
    with pytest.raises(ValueError, match=named):
        Schedule(*arguments)


def test_rates_for_lora():
    assert lora_learning_rate(4096, "llama") == pytest.approx(0.0002856415043086949)
    assert lora_learning_rate(4096, "qwen") == pytest.approx(0.00047297908091376354)
    with pytest.raises(ValueError, match="give learning_rate"):
        lora_learning_rate(4096, "mamba")
