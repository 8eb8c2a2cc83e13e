"""Try options on a stage: on its class, on the planner, and in a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crucible_core.contract.options import option_values
from crucible_core.contract.type_check import type_errors
from crucible_core.testing.case import RefusedError
from crucible_core.testing.digest import first_differences
from crucible_core.testing.option_schema import OptionSchema
from crucible_core.testing.recorded_options import OptionsRead, watch_model

if TYPE_CHECKING:
    from pydantic import BaseModel

    from crucible_core.contract.example import StageExample
    from crucible_core.testing.case import Case
    from crucible_core.testing.trial import Trial

_OWN_RULES = frozenset({"value_error", "assertion_error", "callable_type"})
"""What a validator of the stage's own says; it may depend on other options, and is no bound."""


def base_options(case: Case, example: StageExample) -> dict[str, Any]:
    """Return the options of an example, those of its experiment's section included, where any are needed."""
    given = dict(example.make("options"))
    planned, _ = case.planned(example, given)
    missing = [name for name in case.description.options.required if name not in given]
    taken = option_values(planned.options) if missing else {}
    return {**given, **{name: taken[name] for name in missing if name in taken}}


def accepts_directly(model: type[BaseModel], given: Mapping[str, Any]) -> bool:
    """Tell whether a stage's ``Options`` class takes these options."""
    from pydantic import ValidationError

    try:
        model.model_validate(dict(given))
    except ValidationError:
        return False
    except Exception:  # noqa: BLE001 - a validator of the stage's own: whatever it raises, it refuses
        return False
    return True


def directly_refused(case: Case, name: str, value: Any) -> str | None:
    """Say why a value of an option is refused by its type or by the ``Options`` class itself; None where it is not.

    What a validator of the stage's own says does not count: it may look at other options.
    """
    spec = case.description.options.types[name]
    wrong = type_errors(value, spec)
    if wrong:
        return wrong[0]
    if case.model is None:
        return None
    from pydantic import ValidationError

    given = {**base_options(case, example_with(case, name)), name: value}
    try:
        case.model.model_validate(given)
    except ValidationError as error:
        for each in error.errors():
            if each["loc"][:1] == (name,) and each["type"] not in _OWN_RULES:
                return str(each["msg"])
    except Exception:  # noqa: BLE001 - likewise, and it may look at other options
        return None
    return None


@dataclass(frozen=True)
class Ending:
    """How a run with a varied option ended.

    Args:
        foreseen: It failed with an error that the stage declares.
        crashed: It failed in a way that it did not foresee.
        words: How, for a message.
    """

    foreseen: bool
    crashed: bool
    words: str


def verdict_in_run(case: Case, name: str, value: Any) -> Ending | None:
    """Run an example with a value of an option; None where a validator of the stage's own refuses it."""
    example = example_with(case, name)
    try:
        trial = case.run(example, options={**base_options(case, example), name: value})
    except RefusedError as error:
        return Ending(foreseen=True, crashed=False, words=str(error))
    foreseen = case.foresees(trial.code)
    return Ending(foreseen and trial.code is not None, not foreseen, trial.ended)


def example_with(case: Case, name: str) -> StageExample:
    """Return an example that succeeds and gives this option; the first one where none does."""
    return next((each for each in case.succeeding if name in each.make("options")), case.succeeding[0])


class Bounds:
    """The values worth trying for one option.

    Args:
        described: What the description's schema says.
        own: What the ``Options`` class says; the same where there is none.
        near: A value that is known to be admitted, or None.
        spec: The option's type.
    """

    def __init__(self, described: OptionSchema, own: OptionSchema, near: Any, spec: Any) -> None:
        self._described = described
        self._own = own
        self._spec = spec
        self.near = near

    def candidates(self, near: Any) -> list[Any]:
        """Return what either of the two makes worth trying."""
        found = self._described.candidates(near)
        return found + [value for value in self._own.candidates(near) if value not in found]

    def far(self, near: Any) -> list[Any]:
        """Return what the description admits for want of a bound."""
        return [value for value in self._described.far(near) if self.described(value)]

    def described(self, value: Any) -> bool:
        """Tell whether the description admits a value."""
        return self._described.admits(value) and not type_errors(value, self._spec)


def option_bounds(case: Case) -> Iterator[tuple[str, Bounds]]:
    """Yield each option that has bounds, with what is to be tried."""
    from crucible_core.contract.options_schema import options_schema

    described = case.description.options_schema
    own = described if case.model is None else options_schema(case.model)
    for name, spec in case.description.options.types.items():
        example = example_with(case, name)
        near = example.make("options").get(name, case.description.options.defaults.get(name))
        bounds = Bounds(OptionSchema(described, name), OptionSchema(own, name), near, spec)
        if bounds.candidates(near) or bounds.far(near):
            yield name, bounds


def read_options(case: Case) -> OptionsRead:
    """Return what all examples asked of their options, checks of the ``Options`` class on its own values included."""
    read = OptionsRead()
    for trial in case.firsts():
        read.add(trial.options)
    if case.model is not None:
        with watch_model(case.model, read, whole=False):
            for example in case.succeeding:
                case.planned(example)
    return read


def with_default_omitted(case: Case, name: str) -> str | None:
    """Say how the result differs without an option and with its default given; None where it does not.

    Options that exclude each other, so that giving the default is refused, cannot be compared.
    """
    default = case.description.options.defaults[name]
    for example in _examples_about(case, name):
        given = {key: value for key, value in base_options(case, example).items() if key != name}
        found = _compared(case, example, given, {**given, name: default})
        if found is not None:
            return found
    return None


def _examples_about(case: Case, name: str) -> list[StageExample]:
    """Return two examples at most: one that leaves the option out, where the default matters, and one that gives it."""
    without = [each for each in case.succeeding if name not in each.make("options")]
    return [*without[:1], *[each for each in case.succeeding if each not in without][:1]]


def _compared(case: Case, example: StageExample, without: Mapping[str, Any], given: Mapping[str, Any]) -> str | None:
    try:
        explicit = case.run(example, options=given)
        omitted = case.run(example, options=without)
    except RefusedError:
        return None
    trials = [omitted]
    if case.model is None:
        bare = case.run(example, options=without, checked=False)
        trials += [bare] if bare.code != "stage_crashed" else []  # it relies on the core to fill in defaults
    for trial in trials:
        difference = _difference(case, trial, explicit)
        if difference is not None:
            return f"in the example {example.summary!r}, without and with: {difference}"
    return None


def _difference(case: Case, one: Trial, other: Trial) -> str | None:
    if case.description.traits.determinism == "none":
        return None if one.code == other.code else f"{one.ended} and {other.ended}"
    mine, theirs = one.product(), other.product()
    return None if mine == theirs else first_differences(mine, theirs)
