"""Odd but legal stages: what they are made of, and how they say what they are."""

from __future__ import annotations

import abc
import dataclasses
import functools
import importlib.metadata
import inspect
import math

from adding import ERRORS, EXAMPLES, PLAIN_EXAMPLES, ROWS, Adding, numbers
from pydantic import Field
from sound import Sound

from crucible_core import StageDescription, StageError, StageExample, StageOptions

DESCRIPTION = {
    "name": "duck",
    "description": "Add up the numbers in the outputs.",
    "version": "1.0.0",
    "reads": ["outputs"],
    "writes": ["metrics.{id}"],
    "errors": ERRORS,
    "examples": PLAIN_EXAMPLES,
}


class DuckTyped:
    """Inherits from nothing, has no Options class, and describes itself by a mapping."""

    def describe(self, options=None):
        return {
            **DESCRIPTION,
            "required": [],
            "optional": ["times", "how"],
            "types": {"times": "integer", "how": {"enum": ["sum", "count"]}},
            "defaults": {"times": 1, "how": "sum"},
            "options_schema": {
                "type": "object",
                "properties": {
                    "times": {"type": "integer", "default": 1, "description": "How often each number counts."},
                    "how": {"enum": ["sum", "count"], "default": "sum", "description": "What is computed."},
                },
                "additionalProperties": False,
            },
            "examples": [
                *PLAIN_EXAMPLES,
                {"summary": "Each counted twice.", "options": {"times": 2, "how": "sum"}, "outputs": ROWS},
                {"summary": "How many there are.", "options": {"how": "count"}, "outputs": ROWS},
            ],
        }

    def run(self, context, options):
        found = numbers(context) * max(0, options["times"])
        total = sum(found) if options["how"] == "sum" else len(found)
        return context.put_metric(context.runtime.stage_id, {"total": total})


class DuckTypedWithOptions:
    """Inherits from nothing, but has an Options class, and says its types itself."""

    class Options(StageOptions):
        times: int = Field(1, ge=1, le=9, description="How often each number counts.")

    def describe(self, options=None):
        return {
            **DESCRIPTION,
            "optional": ["times"],
            "types": {"times": "integer"},
            "defaults": {"times": 1},
            "options_schema": self.Options.model_json_schema(),
            "examples": [*PLAIN_EXAMPLES, {"summary": "Twice.", "options": {"times": 2}, "outputs": ROWS}],
        }

    def run(self, context, options):
        return context.put_metric(context.runtime.stage_id, sum(numbers(context)) * options.times)


class DescribesItsBounds:
    """Inherits from nothing, and leaves it to the core to hold options to the schema that it describes."""

    def describe(self, options=None):
        weights = {"type": "array", "description": "Factors.", "items": {"type": "number", "minimum": 0, "maximum": 1}}
        return {
            **DESCRIPTION,
            "options_schema": {
                "type": "object",
                "properties": {
                    "weights": {**weights, "minItems": 1, "default": [1.0]},
                    "name": {"type": "string", "pattern": "^[a-z]+$", "default": "total", "description": "What it is."},
                    "step": {"type": "integer", "multipleOf": 5, "minimum": 5, "default": 5, "description": "A step."},
                },
                "additionalProperties": False,
            },
            "examples": [
                *PLAIN_EXAMPLES,
                {"summary": "Others.", "options": {"weights": [0.5], "name": "sum", "step": 10}, "outputs": ROWS},
            ],
        }

    def run(self, context, options):
        assert all(0 <= weight <= 1 for weight in options["weights"])
        assert options["name"].isalpha()
        assert options["step"] % 5 == 0
        found = {options["name"]: sum(numbers(context)) * options["weights"][0] / options["step"]}
        return context.put_metric(context.runtime.stage_id, found)


class DuckTypedByValue:
    """Inherits from nothing, and describes itself by a value that is made once."""

    @functools.cached_property
    def said(self):
        return StageDescription(
            name="duck",
            description="Add up the numbers in the outputs.",
            version="1.0.0",
            reads=("outputs",),
            writes=("metrics.{id}",),
            errors=ERRORS,
            examples=EXAMPLES,
        )

    def describe(self, options=None):
        return self.said

    def run(self, context, options):
        return context.put_metric(context.runtime.stage_id, sum(numbers(context)))


@dataclasses.dataclass(frozen=True)
class FrozenDuck:
    """Is a frozen dataclass with slots of its own; nothing can be set on an instance."""

    factor: float = 1.0

    def describe(self, options=None):
        return dict(DESCRIPTION)

    def run(self, context, options):
        return context.put_metric(context.runtime.stage_id, self.factor * sum(numbers(context)))


class Inherits(Sound):
    """Inherits from another stage, with options and all, and adds to what it does."""

    name = "inherits"
    version = "2.1.0"

    def run(self, context, options):
        changed = super().run(context, options)
        return changed.update_metric(context.runtime.stage_id, lambda held: {**held, "inherited": True})


class Totals(abc.ABC):
    """A mix-in with the work in it."""

    @abc.abstractmethod
    def factor(self): ...

    def total(self, values, context):
        return self.factor() * sum(values)


class MixedIn(Totals, Adding):
    """Gets its work from a mix-in."""

    def factor(self):
        return 2.0


class Sealed(Adding):
    """Has slots and a constructor that needs nothing."""

    __slots__ = ("start",)

    def __init__(self, start=0.0):
        self.start = start

    def total(self, values, context):
        return sum(values, self.start)


class ExtendsItsDescription(Adding):
    """Adds facts of its own to what the core derives."""

    def describe(self, options=None):
        return dataclasses.replace(super().describe(options), extensions={"legal_stages": {"since": "1.0"}})


class LooksItselfUp(Adding):
    """Says the version of what it builds on, and shows its own source code, as Python looks them up."""

    def describe(self, options=None):
        about = {"pydantic": importlib.metadata.version("pydantic"), "lines": len(inspect.getsource(numbers)) > 0}
        return dataclasses.replace(super().describe(options), extensions={"legal_shapes": about})


class ReadsWhatAnOptionNames(Adding):
    """Reads the place that an option names."""

    reads = ("{data}",)
    examples = (
        StageExample("Numbers of an earlier stage.", options={"data": "assigns.rows"}, assigns={"rows": ROWS}),
        *EXAMPLES,
    )

    class Options(StageOptions):
        data: str = Field(
            "outputs", description="Where the rows are: a context path.", pattern=r"^(outputs|assigns\..+)$"
        )

    def run(self, context, options):
        rows = context.read(options.data)
        total = 0.0
        for index, row in enumerate(rows):
            value = row.get("value") if hasattr(row, "get") else None
            if not isinstance(value, (int, float)):
                raise StageError("bad_number", f"row {index} of {options.data}: value is {value!r}")
            total += value
        return context.put_metric(context.runtime.stage_id, {"total": None if math.isnan(total) else total})


class NeedsNothing(Adding):
    """Takes no options, reads nothing, and always says the same."""

    reads = ()
    errors = {}
    examples = (StageExample("The answer."),)

    def run(self, context, options):
        return context.put_metric(context.runtime.stage_id, 42)


class WritesNothing(Adding):
    """Looks at the rows, and hands the context back as it was."""

    writes = ()

    def run(self, context, options):
        numbers(context)
        return context


class MakesExamples(Adding):
    """Has examples whose data are made when they are needed."""

    examples = (
        StageExample("A thousand numbers.", outputs=lambda: [{"value": float(index)} for index in range(1000)]),
        EXAMPLES[1],
    )


LEGAL = [
    *(DuckTyped, DuckTypedWithOptions, DescribesItsBounds, DuckTypedByValue, FrozenDuck, Inherits, MixedIn, Sealed),
    *(ExtendsItsDescription, LooksItselfUp, ReadsWhatAnOptionNames, NeedsNothing, WritesNothing, MakesExamples),
]
