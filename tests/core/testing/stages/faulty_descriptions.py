"""Stages that fail a check of group C about what is said, each for one reason."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

from plain import Plain, said
from pydantic import BaseModel, Field
from sound import ROWS, Sound

from crucible_core import Spec, StageDescription, StageError, StageExample, Traits


# C02: form
class UnknownKey(Plain):
    def describe(self, options: Any = None) -> Any:
        return said(colour="red")


class NameWithCapitals(Plain):
    def describe(self, options: Any = None) -> Any:
        return said(name="PlainStage")


class ReadsNoContextPath(Plain):
    def describe(self, options: Any = None) -> Any:
        return said(may_read=["dataset"])


class UnknownPlaceholder(Sound):
    """Sum up scores."""

    may_read = ("assigns.{weigths}", "assigns.weights")


class UnknownSection(Sound):
    """Sum up scores."""

    section = "reliability.horoscope"


class UnknownTrait(Plain):
    def describe(self, options: Any = None) -> Any:
        return said(traits={"speed": "high"})


class TraitOfAnotherKind(Plain):
    def describe(self, options: Any = None) -> Any:
        return said(traits={"subprocess": "no"})


class PathsInAString(Plain):
    def describe(self, options: Any = None) -> Any:
        examples = tuple(said()["examples"])
        return StageDescription("plain", "Count rows.", "1.0.0", reads="outputs", examples=examples)


class ExampleWithUnknownField(Plain):
    def describe(self, options: Any = None) -> Any:
        return said(examples=[*said()["examples"], {"summary": "More.", "inputs": []}])


class ErrorInCapitals(Sound):
    """Sum up scores."""

    errors = {"NO-SCORES": "No row has the field.", "bad_score": "A score or weight is no finite number."}
    examples = tuple(
        replace(each, raises="NO-SCORES") if each.raises == "no_scores" else each for each in Sound.examples
    )

    def run(self, context: Any, options: Any) -> Any:
        try:
            return super().run(context, options)
        except StageError as error:
            raise StageError("NO-SCORES" if error.code == "no_scores" else error.code, error.message) from None


# C03: texts
class SaysTodo(Sound):
    """TODO: describe."""


class SaysItsName(Plain):
    def describe(self, options: Any = None) -> Any:
        return said(description="Plain.")


class SaysNothing(Plain):
    def describe(self, options: Any = None) -> Any:
        return said(description="  ")


class OptionWithoutDescription(Sound):
    """Sum up scores."""

    class Options(Sound.Options):
        how: Annotated[str, Field(pattern="^(sum|mean)$")] = "sum"


class ErrorWithoutMeaning(Sound):
    """Sum up scores."""

    errors = {**Sound.errors, "no_scores": "tbd"}


class ErrorThatIsItsCode(Plain):
    def describe(self, options: Any = None) -> Any:
        return said(errors={"no_score": "no_score"})


# C04: lists
class OptionListedTwice(Plain):
    def describe(self, options: Any = None) -> Any:
        return said(optional=["how", "bound"])


def schema(**changes: Any) -> dict[str, Any]:
    """Return a schema of the options of Plain with something else said of one of them."""
    bound = {"type": "number", "description": "The bound."}
    how = {"enum": ["above", "from"], "default": "above", "description": "Which rows count."}
    return {"type": "object", "properties": {"bound": bound, "how": how, **changes}, "required": ["bound"]}


class SchemaOfAnotherType(Plain):
    def describe(self, options: Any = None) -> Any:
        return said(options_schema=schema(bound={"type": "integer", "description": "The bound."}))


class SchemaOfMoreTypes(Plain):
    def describe(self, options: Any = None) -> Any:
        more = {"anyOf": [{"type": "number"}, {"type": "null"}], "description": "The bound."}
        return said(options_schema=schema(bound=more))


class SchemaOfAnotherDefault(Plain):
    def describe(self, options: Any = None) -> Any:
        how = {"enum": ["above", "from"], "default": "from", "description": "Which rows count."}
        return said(options_schema=schema(how=how))


class OptionWithoutType(Plain):
    def describe(self, options: Any = None) -> Any:
        return said(types={"bound": "float"})


class TypeWithoutOption(Plain):
    def describe(self, options: Any = None) -> Any:
        return said(types={**said()["types"], "colour": "string"})


class DefaultOfARequiredOption(Plain):
    def describe(self, options: Any = None) -> Any:
        return said(defaults={"how": "above", "bound": 1.0})


class SchemaOfOtherOptions(Plain):
    def describe(self, options: Any = None) -> Any:
        texts = {"description": "A bound for what is counted."}
        return said(options_schema={"properties": {"bound": texts, "hwo": texts}, "required": ["bound"]})


# C05: values
class DefaultOfAnotherType(Plain):
    def describe(self, options: Any = None) -> Any:
        return said(defaults={"how": None})


class DefaultOutOfBounds(Sound):
    """Sum up scores."""

    class Options(Sound.Options):
        shift: Annotated[float, Field(ge=1, le=10, description="What is added to every score.")] = 0.5


class DefaultOfAnotherAnnotation(Sound):
    """Sum up scores."""

    class Options(Sound.Options):
        shift: Annotated[float, Field(description="What is added to every score.")] = "half"  # type: ignore[assignment]


class ExampleOfAnotherType(Plain):
    def describe(self, options: Any = None) -> Any:
        more = {"summary": "A text.", "options": {"bound": "2"}, "outputs": []}
        return said(examples=[*said()["examples"], more])


# C06: JSON
class InfinityAsADefault(Plain):
    def describe(self, options: Any = None) -> Any:
        return said(required=[], optional=["how", "bound"], defaults={"how": "above", "bound": float("inf")})


class ObjectInExtensions(Sound):
    """Sum up scores."""

    extensions = {"sound": {"home": Path("docs")}}


class SetInResources(Sound):
    """Sum up scores."""

    traits = Traits(resources={"packages": {"numpy"}})


class NumbersAsKeys(Plain):
    def describe(self, options: Any = None) -> Any:
        return said(extensions={"plain": {1: "one"}})


# C09: types
class TypeOfPython(Plain):
    def describe(self, options: Any = None) -> Any:
        return said(types={**said()["types"], "bound": "int | None"})


class EmptyEnum(Plain):
    def describe(self, options: Any = None) -> Any:
        return said(types={**said()["types"], "bound": {"nullable": {"enum": []}}})


class MarkedWithNoType(Sound):
    """Sum up scores."""

    class Options(Sound.Options):
        field: Annotated[str, Spec("text"), Field(description="Field that holds the score.")]


class DeepType(Plain):
    def describe(self, options: Any = None) -> Any:
        spec: Any = "float"
        for _ in range(40):
            spec = {"list": spec}
        return said(types={**said()["types"], "bound": spec})


# C10: versions
class VersionOfTwoNumbers(Sound):
    """Sum up scores."""

    version = "1.0"


class VersionInWords(Plain):
    def describe(self, options: Any = None) -> Any:
        return said(version="latest")


class NoVersion(Sound):
    """Sum up scores."""

    version = "0.0.0"


class VersionLeftOut(Plain):
    def describe(self, options: Any = None) -> Any:
        return {key: value for key, value in said().items() if key != "version"}


# C12: reasons
class OpenWithoutReason(Sound):
    """Sum up scores."""

    may_read = ("*",)


class OpenRoomWithAWord(Sound):
    """Sum up scores."""

    may_read = ("assigns.*",)
    traits = Traits(cacheable=True, reasons={"may_read": "flexibility"})


class AnythingWithoutReason(Plain):
    def describe(self, options: Any = None) -> Any:
        return said(types={**said()["types"], "bound": {"union": ["float", {"list": "any"}]}})

    def run(self, context: Any, options: Any) -> Any:
        bound = options["bound"] if isinstance(options["bound"], (int, float)) else 0.0
        return super().run(context, {**options, "bound": bound, "how": options["how"]})


class WeakWithoutReason(Sound):
    """Sum up scores."""

    traits = Traits(determinism="none")


class WeakWithATodo(Plain):
    def describe(self, options: Any = None) -> Any:
        return said(traits={"network": ["localhost"], "reasons": {"network": "TODO explain this"}})


class ReasonForNothing(Sound):
    """Sum up scores."""

    traits = Traits(cacheable=True, reasons={"network": "It asks a server for the weights."})


class ReasonForAnOptionThatIsGone(Plain):
    def describe(self, options: Any = None) -> Any:
        return said(traits={"cacheable": True, "reasons": {"options.payload": "Whatever a caller sends along."}})


class BareOptions(Sound.Options):
    more: Annotated[dict, Field(description="Further settings.")] = {}


class MapOfWhatever(Sound):
    """Sum up scores, with settings of any kind."""

    Options = BareOptions
    examples = (*Sound.examples, StageExample("More.", options={"field": "score", "more": {"a": 1}}, outputs=ROWS))

    def run(self, context: Any, options: Any) -> Any:
        assert isinstance(options.more, dict)
        return super().run(context, options)


class Part(BaseModel):
    """A part of the options."""

    held: Any = Field(None, description="Whatever it is.")


class PartOptions(Sound.Options):
    part: Annotated[Part, Field(description="A part.")] = Part()


class PartOfWhatever(Sound):
    """Sum up scores, with a part that may hold anything."""

    Options = PartOptions
    examples = (*Sound.examples, StageExample("More.", options={"field": "score", "part": {"held": 1}}, outputs=ROWS))

    def run(self, context: Any, options: Any) -> Any:
        assert options.part.held is not False
        return super().run(context, options)


class ReasonThatRepeats(Sound):
    """Sum up scores, and say of a trait that it is what it is."""

    traits = Traits(determinism="none", reasons={"determinism": "It is not deterministic."})


FAULTS = {
    "CRU-A02": [NameWithCapitals],
    "CRU-C02": [
        UnknownKey,
        ReadsNoContextPath,
        UnknownPlaceholder,
        UnknownSection,
        UnknownTrait,
        TraitOfAnotherKind,
        PathsInAString,
        ExampleWithUnknownField,
        ErrorInCapitals,
    ],
    "CRU-C03": [
        SaysTodo,
        SaysItsName,
        SaysNothing,
        OptionWithoutDescription,
        ErrorWithoutMeaning,
        ErrorThatIsItsCode,
    ],
    "CRU-C04": [
        OptionListedTwice,
        OptionWithoutType,
        TypeWithoutOption,
        DefaultOfARequiredOption,
        SchemaOfOtherOptions,
        SchemaOfAnotherType,
        SchemaOfMoreTypes,
        SchemaOfAnotherDefault,
    ],
    "CRU-C05": [DefaultOfAnotherType, DefaultOutOfBounds, DefaultOfAnotherAnnotation, ExampleOfAnotherType],
    "CRU-C06": [InfinityAsADefault, ObjectInExtensions, SetInResources, NumbersAsKeys],
    "CRU-C09": [TypeOfPython, EmptyEnum, MarkedWithNoType, DeepType],
    "CRU-C10": [VersionOfTwoNumbers, VersionInWords],
    "CRU-C12": [
        OpenWithoutReason,
        OpenRoomWithAWord,
        AnythingWithoutReason,
        WeakWithoutReason,
        WeakWithATodo,
        MapOfWhatever,
        PartOfWhatever,
        ReasonThatRepeats,
    ],
    "CRU-C13": [NoVersion, VersionLeftOut],
    "CRU-C14": [ReasonForNothing, ReasonForAnOptionThatIsGone],
}
