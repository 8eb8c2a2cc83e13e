"""Stages that fail a check of group I, each for one reason."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from plain import Plain, said
from pydantic import BaseModel, Field
from sound import ROWS, Sound

from crucible_core import StageExample


# I02
class ErrorNobodyShows(Sound):
    """Sum up scores."""

    errors = {**Sound.errors, "too_many_rows": "There are more rows than can be summed up."}


class ExampleLeftOut(Plain):
    def describe(self, options: Any = None) -> Any:
        return said(examples=said()["examples"][:2])


# I04
class OptionNobodyShows(Sound):
    """Sum up scores."""

    examples = (
        *tuple(each for each in Sound.examples if "shift" not in each.make("options")),
        StageExample("Their mean.", options=lambda: {"field": "score", "how": "mean"}, outputs=ROWS),
    )


class DefaultNobodyChanges(Plain):
    def describe(self, options: Any = None) -> Any:
        first, _, last = said()["examples"]
        return said(types={"bound": "float", "how": "string"}, examples=[first, last])


# I05
class ValueNobodyShows(Plain):
    def describe(self, options: Any = None) -> Any:
        first, second, last = said()["examples"]
        return said(examples=[first, {**second, "options": {"bound": 2.0, "how": "above"}}, last])


class ValueInAList(Plain):
    def describe(self, options: Any = None) -> Any:
        about = said()
        marks = {"nullable": {"list": {"enum": ["a", "b"]}}}
        about["examples"][0]["options"]["marks"] = ["a"]
        changes = {"types": {**about["types"], "marks": marks}, "optional": ["how", "marks"]}
        return {**about, **changes, "defaults": {"how": "above", "marks": None}}

    def run(self, context, options):
        return super().run(context, {**options, "marks": options["marks"]})


class Part(BaseModel):
    """A part of the options."""

    how: Literal["plain", "odd"] = Field("plain", description="How it is done.")
    size: int = Field(1, description="How large it is.")


class PartOptions(Sound.Options):
    part: Annotated[Part, Field(description="A part.")] = Part()


class ValueInAModel(Sound):
    """Sum up scores, in two ways of which one is never shown."""

    Options = PartOptions
    examples = (*Sound.examples, StageExample("Larger.", options={"field": "score", "part": {"size": 2}}, outputs=ROWS))

    def run(self, context, options):
        assert {"plain": 1}[options.part.how] + options.part.size
        return super().run(context, options)


# I06
class NoExamples(Sound):
    """Sum up scores."""

    examples = ()


class OnlyFailures(Plain):
    def describe(self, options: Any = None) -> Any:
        return said(examples=said()["examples"][2:])


# I07
class SameSummaries(Plain):
    def describe(self, options: Any = None) -> Any:
        return said(examples=[{**each, "summary": "Rows are counted."} for each in said()["examples"]])


class SummaryThatSaysNothing(Sound):
    """Sum up scores."""

    examples = (StageExample("Example.", options={"field": "score"}, outputs=ROWS), *Sound.examples)


FAULTS = {
    "CRU-I02": [ErrorNobodyShows, ExampleLeftOut],
    "CRU-I04": [OptionNobodyShows, DefaultNobodyChanges],
    "CRU-I05": [ValueNobodyShows, ValueInAList, ValueInAModel],
    "CRU-I06": [NoExamples, OnlyFailures],
    "CRU-I07": [SameSummaries, SummaryThatSaysNothing],
}
