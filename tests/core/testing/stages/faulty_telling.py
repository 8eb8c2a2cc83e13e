"""Stages that tell what is not so, or what is nobody's to know."""

from __future__ import annotations

import math

from adding import EXAMPLES, ROWS, Adding, numbers
from pydantic import Field, SecretStr

from crucible_core import StageExample, StageOptions, Verdict


class _Keyed(StageOptions):
    key: SecretStr = Field(SecretStr("none"), description="What opens the door.")


class _WithKey(Adding):
    Options = _Keyed
    examples = (*EXAMPLES, StageExample("With a key.", options={"key": "k"}, outputs=ROWS))


# D10
class PutsTheKeyIntoItsMetric(_WithKey):
    """Add up numbers, and say by which key."""

    def run(self, context, options):
        found = {"total": sum(numbers(context)), "by": f"key={options.key.get_secret_value()}"}
        return context.put_metric(context.runtime.stage_id, found)


class LogsTheKey(_WithKey):
    """Add up numbers, and log with which key."""

    def run(self, context, options):
        context.runtime.log("asking", key=options.key.get_secret_value())
        return context.put_metric(context.runtime.stage_id, sum(numbers(context)))


class WritesTheKeyDown(_WithKey):
    """Add up numbers, and leave the key in a file."""

    def run(self, context, options):
        context.runtime.artifact_path("key.txt").write_text(options.key.get_secret_value(), encoding="utf-8")
        return context.put_metric(context.runtime.stage_id, sum(numbers(context)))


# E15
class JudgesByNothing(Adding):
    """Add up numbers, and judge them by what is no interval."""

    def judged(self, total):
        return Verdict("Is it large?", total > 1, f"it is {total}", (math.nan, total))

    def run(self, context, options):
        total = sum(numbers(context))
        return context.put_metric(context.runtime.stage_id, total).put_verdict(self.judged(total))


class JudgesTheWrongWayRound(JudgesByNothing):
    """Add up numbers, and judge them by an interval from high to low."""

    def judged(self, total):
        return Verdict("Is it large?", total > 1, f"it is {total}", (total + 1, total - 1))


class JudgesWithoutAnAnswer(JudgesByNothing):
    """Add up numbers, and judge them neither way."""

    def judged(self, total):
        return Verdict("Is it large?", None, f"it is {total}")


class JudgesWithoutAWord(JudgesByNothing):
    """Add up numbers, and judge them without a finding."""

    def judged(self, total):
        return Verdict("Is it large?", total > 1, "")


# G06
class IsMoreThanDone(Adding):
    """Add up numbers, and be further than done."""

    def total(self, values, context):
        context.runtime.progress(len(values) + 1, len(values))
        return sum(values)


class StepsBelowZero(Adding):
    """Add up numbers, and begin at the step below the first."""

    def total(self, values, context):
        for step, value in enumerate(values):
            context.runtime.log_metric("value", value, step=step - 1)
        return sum(values)


class MetricWithoutAName(Adding):
    """Add up numbers, and log them as nothing."""

    def total(self, values, context):
        context.runtime.log_metric(" ", len(values))
        return sum(values)


FAULTS = {
    "CRU-D10": [PutsTheKeyIntoItsMetric, LogsTheKey, WritesTheKeyDown],
    "CRU-E15": [JudgesByNothing, JudgesTheWrongWayRound, JudgesWithoutAnAnswer, JudgesWithoutAWord],
    "CRU-G06": [IsMoreThanDone, StepsBelowZero, MetricWithoutAName],
}
