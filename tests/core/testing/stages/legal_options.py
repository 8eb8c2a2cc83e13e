"""Odd but legal stages: options of many kinds."""

from __future__ import annotations

import enum
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from adding import EXAMPLES, ROWS, Adding, numbers
from pydantic import BaseModel, Field, SecretStr, model_validator

from crucible_core import ModuleName, Spec, StageError, StageExample, StageOptions, Traits, import_object


def doubled(value):
    """Return twice a number."""
    return 2 * value


class Model(BaseModel, frozen=True):
    """A part of the options."""

    size: int = Field(ge=1, description="Number of parameters.")
    layers: tuple[int, ...] = Field((), description="Sizes of the layers.")


class NestedOptions(Adding):
    """Takes a model within its options, and a list of them."""

    class Options(StageOptions):
        model: Model = Field(description="The model.")
        others: list[Model] = Field([], description="Models to compare it to.")

    examples = tuple(
        StageExample(
            each.summary,
            options={"model": {"size": 3, "layers": [1, 2]}, "others": [{"size": 1}]},
            outputs=each.outputs,
            raises=each.raises,
        )
        for each in EXAMPLES
    )

    def run(self, context, options):
        sizes = [options.model.size + sum(options.model.layers), *(each.size for each in options.others)]
        return context.put_metric(context.runtime.stage_id, {"total": sum(numbers(context)), "sizes": sizes})


class OptionsOfManyTypes(Adding):
    """Takes unions, nullables, lists, maps and tuples."""

    class Options(StageOptions):
        either: int | str = Field(1, description="A number or a name.")
        maybe: float | None = Field(None, gt=0, description="A number above 0, if any.")
        names: list[str] = Field(["a"], min_length=1, max_length=3, description="Some names.")
        weights: dict[str, float] = Field({}, description="Name to weight.")
        pair: tuple[int, str] = Field((1, "x"), description="A number and a name.")
        several: Sequence[int] = Field((), description="Some numbers.")
        flags: frozenset[str] = Field(frozenset({"b", "a"}), description="Some flags.")
        free: Mapping[str, list[int]] = Field({}, description="Name to numbers.")
        step: int = Field(2, multiple_of=2, description="An even number.")
        on: bool = Field(True, description="Whether to do it.")

    examples = (
        *EXAMPLES,
        StageExample(
            "All of them.",
            options={
                "either": "two",
                "maybe": 0.5,
                "names": ["x", "y"],
                "weights": {"x": 1.0},
                "pair": [2, "z"],
                "several": [1, 2],
                "flags": ["c"],
                "free": {"k": [1]},
                "step": 4,
                "on": False,
            },
            outputs=ROWS,
        ),
    )

    def run(self, context, options):
        given = {
            "either": options.either,
            "maybe": options.maybe,
            "names": list(options.names),
            "weights": dict(options.weights),
            "pair": list(options.pair),
            "several": list(options.several),
            "flags": sorted(options.flags),
            "free": {key: list(each) for key, each in options.free.items()},
            "step": options.step,
            "on": options.on,
            "total": sum(numbers(context)),
        }
        return context.put_metric(context.runtime.stage_id, given)


class Norm(enum.Enum):
    """How long something is."""

    L1 = "l1"
    L2 = "l2"


class Level(enum.StrEnum):
    """How much to say."""

    LOW = "low"
    HIGH = "high"


class EnumOptions(Adding):
    """Takes members of enums, and a literal of numbers."""

    class Options(StageOptions):
        norm: Norm = Field(Norm.L1, description="Which norm.")
        level: Level = Field(Level.LOW, description="How much to say.")
        digits: Literal[1, 2] = Field(1, description="How many digits.")

    examples = (
        *EXAMPLES,
        StageExample("The other ones.", options={"norm": "l2", "level": "high", "digits": 2}, outputs=ROWS),
        StageExample("These ones.", options={"norm": "l1", "level": "low", "digits": 1}, outputs=ROWS),
    )

    def run(self, context, options):
        values = numbers(context)
        found = sum(map(abs, values)) if options.norm is Norm.L1 else math.hypot(*values)
        said = {"norm": round(found, options.digits), "level": options.level.value}
        return context.put_metric(context.runtime.stage_id, said)


class SpecialOptions(Adding):
    """Takes a secret, a path, the name of an object and a function."""

    class Options(StageOptions):
        token: SecretStr = Field(SecretStr(""), description="What opens the door.")
        file: Path = Field(Path("data.csv"), description="Which file is meant; it is not opened.")
        where: ModuleName = Field("math:pi", description="A number somewhere.")
        change: Annotated[Callable[[float], float], Spec({"function": 1})] = Field(
            doubled, description="What is done to each number."
        )

    errors = {**Adding.errors, "bad_module": "There is no such number."}
    examples = (
        *EXAMPLES,
        StageExample(
            "All of them.",
            options={"token": "xyz", "file": "other.csv", "where": "math:e", "change": "math:fabs"},
            outputs=ROWS,
        ),
        StageExample("There is none.", options={"where": "math:nothing"}, outputs=ROWS, raises="bad_module"),
    )

    def run(self, context, options):
        try:
            factor = float(import_object(options.where, "where"))
        except (StageError, TypeError, ValueError) as error:
            raise StageError("bad_module", f"where: {options.where!r} names no number") from error
        said = {
            "opens": bool(options.token.get_secret_value()),
            "file": options.file.name,
            "total": factor * sum(map(options.change, numbers(context))),
        }
        return context.put_metric(context.runtime.stage_id, said)


class TakesASection(Adding):
    """Gets an option from the experiment where it is not given."""

    section = "reliability.stats"

    class Options(StageOptions):
        alpha: float = Field(0.05, gt=0, lt=1, description="Significance level.")

    examples = (*EXAMPLES, StageExample("Another level.", options={"alpha": 0.01}, outputs=ROWS))

    def run(self, context, options):
        return context.put_metric(context.runtime.stage_id, {"total": sum(numbers(context)), "alpha": options.alpha})


class OptionsThatDependOnEachOther(Adding):
    """Takes bounds, the lower of which is not above the upper, and a default that is made of another option."""

    class Options(StageOptions):
        low: float = Field(-10.0, description="Numbers below are left out.")
        high: float = Field(10.0, description="Numbers above are left out.")
        label: str = Field(
            default_factory=lambda data: f"above {data['low']:g}", description="What to call the result."
        )

        @model_validator(mode="after")
        def ordered(self):
            if self.low > self.high:
                raise ValueError("low must not be above high")
            return self

    examples = (
        *EXAMPLES,
        StageExample("Between bounds.", options={"low": 0, "high": 2, "label": "small"}, outputs=ROWS),
    )

    def run(self, context, options):
        kept = [each for each in numbers(context) if options.low <= each <= options.high]
        return context.put_metric(context.runtime.stage_id, {options.label: sum(kept)})


class PassesOptionsOn(Adding):
    """Hands all its options to a function at once."""

    class Options(StageOptions):
        start: float = Field(0.0, description="Where to begin.")

    examples = (*EXAMPLES, StageExample("From ten.", options={"start": 10}, outputs=ROWS))

    def run(self, context, options):
        total = sum(numbers(context), **options.model_dump())
        return context.put_metric(context.runtime.stage_id, {"total": total})


class CopiesItsOptions(Adding):
    """Takes its options as a dict in several ways, shows them, and looks for what belongs to something else."""

    class Options(StageOptions):
        start: float = Field(0.0, description="Where to begin.")
        keep: bool = Field(False, description="Whether rows are counted.")
        label: str = Field("total", description="What the result is called.", min_length=1)

    examples = (
        *EXAMPLES,
        StageExample("From ten.", options={"start": 10, "keep": True, "label": "sum"}, outputs=ROWS),
    )

    def run(self, context, options):
        given, again, settings = options.model_dump(), dict(options), {"offset": 1}
        shown = ", ".join(f"{name}={value!r}" for name, value in sorted(vars(options).items()))
        total = settings.get("offset", 0) + given["start"] + sum(numbers(context))
        counted = {"rows": len(context.outputs)} if again["keep"] else {}
        return context.put_metric(context.runtime.stage_id, {again.pop("label"): total, **counted, "shown": shown})


class UnpacksItsOptions:
    """Inherits from nothing, and hands its options on as arguments; one is for more than the examples show."""

    def describe(self, options=None):
        return {
            "name": "unpacks_its_options",
            "description": "Add up the numbers in the outputs, rounded.",
            "version": "1.0.0",
            "optional": ["digits", "most"],
            "types": {"digits": "integer", "most": {"nullable": "integer"}},
            "defaults": {"digits": 3, "most": None},
            "reads": ["outputs"],
            "writes": ["metrics.{id}"],
            "errors": Adding.errors,
            "examples": [*EXAMPLES, StageExample("Rounded.", options={"digits": 1, "most": 9}, outputs=ROWS)],
        }

    def run(self, context, options):
        return context.put_metric(context.runtime.stage_id, self.added(numbers(context), **options))

    def added(self, values, digits, most):
        return round(sum(values[: None if most is None else max(0, most)]), digits)


class TakesAnything(Adding):
    """Takes a value of any type, and says why."""

    traits = Traits(reasons={"note": "It is kept as it is."})

    class Options(StageOptions):
        note: Any = Field(None, description="Whatever is to be kept with the result.")

    examples = (*EXAMPLES, StageExample("With a note.", options={"note": ["x", 1]}, outputs=ROWS))

    def run(self, context, options):
        said = {"total": sum(numbers(context)), "note": repr(options.note)}
        return context.put_metric(context.runtime.stage_id, said)


class TakesAnythingToo(TakesAnything):
    """Takes whatever it is given, and says why under the name of the type."""

    traits = Traits(reasons={"any": "It is kept as it is."})


LEGAL = [
    *(NestedOptions, OptionsOfManyTypes, EnumOptions, SpecialOptions, TakesASection),
    *(
        OptionsThatDependOnEachOther,
        PassesOptionsOn,
        TakesAnything,
        TakesAnythingToo,
        CopiesItsOptions,
        UnpacksItsOptions,
    ),
]
