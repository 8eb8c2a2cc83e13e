"""Stages that fail a check of group D, each for one reason."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import ConfigDict, Field, field_validator
from sound import ROWS, Sound

from crucible_core import StageError, StageExample, StageOptions


def described(kind: type[Sound], **changes: Any) -> dict[str, Any]:
    """Return the description of a stage as a mapping with some of it changed."""
    said = {**Sound.describe(kind()).to_dict(), "examples": kind.examples, **changes}
    schema, defaults = said["options_schema"], said["defaults"]
    bare = {name: {**about} for name, about in schema["properties"].items()}
    for name, about in bare.items():
        about.pop("default", None)
        about.update({"default": defaults[name]} if name in defaults else {})
    return {**said, "options_schema": {**schema, "required": list(said["required"]), "properties": bare}}


class OptionalInTruth(Sound):
    """Calls an option optional that its class requires."""

    def describe(self, options=None):
        return described(type(self), required=[], optional=["field", "shift", "how"])


class RequiredInWords(Sound):
    """Calls an option required that its class does not require."""

    def describe(self, options=None):
        return described(
            type(self), required=["field", "how"], optional=["shift"], defaults={"shift": 0.5}, examples=self.shown
        )

    shown = tuple(
        StageExample(
            each.summary,
            options={"how": "sum", **each.options},
            outputs=each.outputs,
            assigns=each.assigns,
            raises=each.raises,
        )
        for each in Sound.examples
    )


class TakesAnything(Sound):
    """Takes options that are not described."""

    class Options(Sound.Options):
        model_config = ConfigDict(extra="allow")


class IgnoresUnknown(Sound):
    """Ignores options that are not described."""

    class Options(Sound.Options):
        model_config = ConfigDict(extra="ignore")


class HidesAnOption(Sound):
    """Has an option that its description keeps to itself."""

    class Options(Sound.Options):
        power: Annotated[float, Field(description="Exponent.")] = 1.0

    def describe(self, options=None):
        return described(Sound)

    def run(self, context, options):
        assert options.power
        return super().run(context, options)


class NarrowerWords(Sound):
    """Describes a number where its class takes a text."""

    class Options(Sound.Options):
        field: Annotated[str | int, Field(description="Field that holds the score.")]

    def describe(self, options=None):
        said = described(type(self))
        said["options_schema"]["properties"]["field"] = {"type": "string", "description": "Field with the score."}
        return {**said, "types": {**said["types"], "field": "string"}}


class WiderWords(Sound):
    """Describes a number where its class wants an integer; a legal 0.5 is refused."""

    class Options(Sound.Options):
        shift: Annotated[int, Field(description="What is added.")] = 1

    def describe(self, options=None):
        said = described(type(self))
        said["options_schema"]["properties"]["shift"] = {"type": "number", "default": 1, "description": "A shift."}
        return {**said, "types": {**said["types"], "shift": "float"}}


class TighterThanDescribed(Sound):
    """Its class has a bound that the description does not show."""

    class Options(Sound.Options):
        shift: Annotated[float, Field(ge=0, le=1, description="What is added to every score.")] = 0.5

    def describe(self, options=None):
        return described(type(self), options_schema=Sound.describe(Sound()).to_dict()["options_schema"])


class CrashesAtItsBound(Sound):
    """Its lower bound is admitted, and divides by zero."""

    class Options(Sound.Options):
        shift: Annotated[float, Field(ge=0, le=10, description="What the scores are divided by.")] = 0.5

    def run(self, context, options):
        assert 1 / options.shift
        return super().run(context, options)

    examples = (
        StageExample("The sum.", options={"field": "score"}, outputs=ROWS),
        StageExample("The mean.", options={"field": "score", "how": "mean", "shift": 0.5}, outputs=ROWS),
        *Sound.examples[2:],
    )


class CrashesOnAHalf(Sound):
    """Describes a number and needs an integer inside."""

    class Options(Sound.Options):
        shift: Annotated[float, Field(ge=0, le=9, description="How often.")] = 1

    def run(self, context, options):
        assert options.shift == int(options.shift)
        return super().run(context, options)

    examples = (
        StageExample("The sum.", options={"field": "score"}, outputs=ROWS),
        StageExample("The mean.", options={"field": "score", "how": "mean", "shift": 2}, outputs=ROWS),
        *Sound.examples[2:],
    )


class NeedsAFirstField(Sound):
    """Takes a list that may be empty, and needs its first element."""

    class Options(Sound.Options):
        more: Annotated[list[str], Field(description="Further fields.")] = ["id"]

    examples = (*Sound.examples, StageExample("More.", options={"field": "score", "more": ["a", "b"]}, outputs=ROWS))

    def run(self, context, options):
        assert options.more[0]
        return super().run(context, options)


class NeedsALetter(Sound):
    """Takes a text that may be empty, and needs its first letter."""

    class Options(Sound.Options):
        prefix: Annotated[str, Field(description="What is put in front.")] = "p"

    examples = (*Sound.examples, StageExample("Another.", options={"field": "score", "prefix": "q"}, outputs=ROWS))

    def run(self, context, options):
        assert ord(options.prefix[0])
        return super().run(context, options)


class NeedsAPositiveNumber(Sound):
    """Takes any number, and crashes below 0."""

    class Options(Sound.Options):
        most: Annotated[int, Field(description="How many rows are looked at.")] = 9

    examples = (*Sound.examples, StageExample("Two.", options={"field": "score", "most": 2}, outputs=ROWS))

    def run(self, context, options):
        assert options.most >= 0
        return super().run(context, options)


class HasABoundOfItsOwn(Sound):
    """Takes any number from 0, and crashes above 50."""

    class Options(Sound.Options):
        shift: Annotated[float, Field(ge=0, description="What is added to every score.")] = 0.5

    def run(self, context, options):
        assert options.shift <= 50
        return super().run(context, options)


class CrashesOnAnItem(Sound):
    """Takes numbers from 0 to 1, and divides by them."""

    class Options(Sound.Options):
        shares: Annotated[list[Annotated[float, Field(ge=0, le=1)]], Field(description="Shares.")] = [0.5]

    examples = (*Sound.examples, StageExample("A half.", options={"field": "score", "shares": [0.5]}, outputs=ROWS))

    def run(self, context, options):
        assert all(1 / share for share in options.shares)
        return super().run(context, options)


class AnotherPatternInWords(Sound):
    """Describes a pattern that its class does not have."""

    class Options(Sound.Options):
        mark: Annotated[str, Field(min_length=1, description="A mark.")] = "x"

    examples = (*Sound.examples, StageExample("Marked.", options={"field": "score", "mark": "y"}, outputs=ROWS))

    def describe(self, options=None):
        said = described(type(self))
        said["options_schema"]["properties"]["mark"]["pattern"] = "^[a-z]$"
        return said

    def run(self, context, options):
        found = super().run(context, options)
        return found.update_metric(context.runtime.stage_id, lambda held: {**held, "mark": options.mark})


class ReadsTwoOfThree(Sound):
    """Never asks for an option it describes."""

    class Options(Sound.Options):
        rounding: Annotated[int, Field(ge=0, le=9, description="Digits of the result.")] = 3

    examples = (*Sound.examples, StageExample("Rounded.", options={"field": "score", "rounding": 1}, outputs=ROWS))


class AsksAndForgets(ReadsTwoOfThree):
    """Asks for an option, and does nothing with it."""

    def run(self, context, options):
        _ = options.rounding
        return super().run(context, options)


class MentionsAnOption(ReadsTwoOfThree):
    """Names an option in a statement that does nothing."""

    def run(self, context, options):
        options.rounding  # noqa: B018 - the fault
        return super().run(context, options)


class ReadsOnlyItsOwn:
    """Describes three options and reads two; inherits from nothing."""

    def describe(self, options=None):
        return {
            **described(Sound, name="reads_only_its_own"),
            "options_schema": {},
            "types": {"field": "string", "shift": "float", "how": {"enum": ["sum", "mean"]}},
        }

    def run(self, context, options):
        values = {"field": options["field"], "shift": 0.5, "how": options["how"]}
        if values["how"] == "mean":
            values["shift"] = 0.0
        return Sound().run(context, Sound.Options(**values))


class ForgetsAnItem(ReadsOnlyItsOwn):
    """Takes an option out of a mapping and leaves it; inherits from nothing that is a stage."""

    def run(self, context, options):
        shift = options["shift"]  # noqa: F841 - the fault
        return super().run(context, options)


class DumpsAndForgets(ReadsTwoOfThree):
    """Takes a dict of its options, and never looks at one of them in it."""

    def run(self, context, options):
        given = options.model_dump()
        assert given["field"]
        return super().run(context, options)


class LooksUpItsVariables(ReadsTwoOfThree):
    """Takes one option from its variables, and leaves another."""

    def run(self, context, options):
        return super().run(context, Sound.Options(field=vars(options)["field"], shift=options.shift, how=options.how))


class CopiesAndForgets(ReadsOnlyItsOwn):
    """Turns its options into a dict, and never looks at one of them in it."""

    def run(self, context, options):
        given = dict(options)
        return super().run(context, {"field": given["field"], "how": given["how"]})


class AsksForMore(Sound):
    """Asks its options for something that is no option."""

    def run(self, context, options):
        assert not getattr(options, "verbose", False)
        return super().run(context, options)


class AsksAMappingForMore:
    """Asks its options for something that is no option; inherits from nothing."""

    def describe(self, options=None):
        said = described(Sound, name="asks_a_mapping_for_more")
        return {**said, "options_schema": {}}

    def run(self, context, options):
        assert not options.get("verbose")
        return Sound().run(context, Sound.Options(**options))


class LooksForMoreInADict(Sound):
    """Looks in a dict of its options for something that is no option."""

    def run(self, context, options):
        found = super().run(context, options)
        offset = options.model_dump().get("offset", 0.0)
        return found.update_metric(context.runtime.stage_id, lambda held: {**held, "offset": offset + 1})


class LooksForMoreInACopy(AsksAMappingForMore):
    """Looks in a dict of its options for something that is no option; inherits from nothing that is a stage."""

    def run(self, context, options):
        given = {**options}
        scale = given.get("scale", 1)
        found = Sound().run(context, Sound.Options(**{name: given[name] for name in ("field", "shift", "how")}))
        return found.update_metric(context.runtime.stage_id, lambda held: {**held, "scale": 2 * scale})


class AnotherDefaultInWords(Sound):
    """Describes a default that is not the one of its class."""

    def describe(self, options=None):
        return described(type(self), defaults={"shift": 0.25, "how": "sum"})


class AnotherDefaultInside:
    """Has a default of its own in the code; inherits from nothing."""

    def describe(self, options=None):
        return {**described(Sound, name="another_default_inside"), "options_schema": {}}

    def run(self, context, options):
        values = {
            "field": options["field"],
            "shift": options.get("shift", 0.75),
            "how": options.get("how", "sum"),
        }
        return Sound().run(context, Sound.Options(**values))


class DefaultThatNobodyDescribes(AnotherDefaultInside):
    """Takes a number of its own where an option is left out that has no default."""

    def describe(self, options=None):
        return described(Sound, name="default_that_nobody_describes", defaults={"how": "sum"})


class LooksWhetherItWasGiven(Sound):
    """Does another thing when its default is given than when it is left out."""

    def run(self, context, options):
        shift = options.shift if "shift" in options.model_fields_set else 3.0
        changed = Sound.Options(field=options.field, how=options.how, shift=shift)
        return super().run(context, changed)


class _Listed(StageOptions):
    fields: Annotated[list[str], Field(description="Fields to sum up.")]


class SortsItsOptions(Sound):
    """Sorts a list among its options in place."""

    Options = _Listed

    def run(self, context, options):
        options.fields.sort()
        if "score" not in options.fields:
            raise StageError("no_scores", f"none of {options.fields} is score")
        if "group" in options.fields:
            raise StageError("bad_score", "group: no number")
        return super().run(context, Sound.Options(field="score"))

    examples = (
        StageExample("Two fields.", options={"fields": ["score", "id"]}, outputs=ROWS),
        StageExample(
            "Weighted.", options={"fields": ["score"]}, outputs=ROWS, assigns={"weights": {"a": 2.0, "b": 1.0}}
        ),
        StageExample("No field of that name.", options={"fields": ["scor"]}, outputs=ROWS, raises="no_scores"),
        StageExample("A text.", options={"fields": ["score", "group"]}, outputs=ROWS, raises="bad_score"),
    )


class PopsFromItsOptions(SortsItsOptions):
    """Takes an element out of a list among its options."""

    def run(self, context, options):
        found = super().run(context, options.model_copy(update={"fields": list(options.fields)}))
        options.fields.pop()
        return found


class EvenOnly(Sound):
    """Legal, for comparison: a rule of its own that no schema can say."""

    class Options(Sound.Options):
        shift: Annotated[float, Field(ge=-10, le=10, description="What is added, a whole number.")] = 0.0

        @field_validator("shift")
        @classmethod
        def _whole(cls, value: float) -> float:
            if value != int(value):
                raise ValueError("must be a whole number")
            return value


FAULTS = {
    "CRU-D01": [OptionalInTruth, RequiredInWords],
    "CRU-D02": [TakesAnything, IgnoresUnknown, HidesAnOption],
    "CRU-D03": [NarrowerWords, WiderWords],
    "CRU-D04": [
        *(TighterThanDescribed, CrashesAtItsBound, CrashesOnAHalf, NeedsAFirstField, NeedsALetter),
        *(NeedsAPositiveNumber, HasABoundOfItsOwn, CrashesOnAnItem, AnotherPatternInWords),
    ],
    "CRU-D05": [
        ReadsTwoOfThree,
        ReadsOnlyItsOwn,
        AsksAndForgets,
        MentionsAnOption,
        ForgetsAnItem,
        DumpsAndForgets,
        LooksUpItsVariables,
        CopiesAndForgets,
    ],
    "CRU-D06": [AsksForMore, AsksAMappingForMore, LooksForMoreInADict, LooksForMoreInACopy],
    "CRU-D07": [AnotherDefaultInWords, AnotherDefaultInside, LooksWhetherItWasGiven, DefaultThatNobodyDescribes],
    "CRU-D08": [SortsItsOptions, PopsFromItsOptions],
}
LEGAL = [EvenOnly]
