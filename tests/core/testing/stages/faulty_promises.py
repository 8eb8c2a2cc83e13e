"""Stages that promise by their traits what they do not keep."""

from __future__ import annotations

import os
from pathlib import Path

from adding import Adding, numbers

from crucible_core import Traits


# C15
class CacheableAtRandom(Adding):
    """Add up numbers and say two things of the result."""

    traits = Traits(
        cacheable=True, determinism="none", reasons={"determinism": "The sum is of another kind each time."}
    )


class CacheableForNow(Adding):
    """Hand on what nobody can keep, to be kept."""

    traits = Traits(cacheable=True)
    writes = ("metrics.{id}", "assigns.adder")
    ephemeral = ("assigns.adder",)

    def run(self, context, options):
        return super().run(context, options).assign(adder=sum)


# C16
class WritesUnderAFixedKey(Adding):
    """Add up numbers under a key that is the same for all."""

    writes = ("metrics.summary",)

    def run(self, context, options):
        return context.put_metric("summary", {"total": sum(numbers(context))})


class WritesUnderItsName(WritesUnderAFixedKey):
    """Add up numbers under its name."""

    name = "writes_under_its_name"
    writes = ()
    may_write = ("metrics.writes_under_its_name",)

    def run(self, context, options):
        return context.put_metric(self.name, {"total": sum(numbers(context))})


# E14
class AsksTheEnvironment(Adding):
    """Multiply by a number that a variable holds."""

    traits = Traits(cacheable=True)

    def total(self, values, context):
        return sum(values) * float(os.environ.get("FAULTY_FACTOR", "1"))


class AsksTheEnvironmentShortly(AsksTheEnvironment):
    """Ask for the variable by another function."""

    def total(self, values, context):
        return sum(values) * (2 if os.getenv("FAULTY_DOUBLE") else 1)


class ReadsAFileOfTheMachine(Adding):
    """Let a file that nobody names decide."""

    traits = Traits(cacheable=True)

    def total(self, values, context):
        lines = Path("/etc/passwd").read_text(encoding="utf-8").splitlines()
        return sum(values) + len(lines)


FAULTS = {
    "CRU-C15": [CacheableAtRandom, CacheableForNow],
    "CRU-C16": [WritesUnderAFixedKey, WritesUnderItsName],
    "CRU-E14": [AsksTheEnvironment, AsksTheEnvironmentShortly, ReadsAFileOfTheMachine],
}
