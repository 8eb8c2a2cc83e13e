"""Merge and check the options of a stage, once, before anything runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from crucible_core.contract.persistent import FrozenMap
from crucible_core.contract.type_check import type_errors

if TYPE_CHECKING:
    from pydantic import BaseModel

    from crucible_core.contract.description import StageDescription
    from crucible_core.ir import Experiment

_MANY_COMPARED = 200
_SHOWN = 60


class OptionMode(StrEnum):
    """How strictly options are checked."""

    ERROR = "error"
    """A problem keeps the run from starting."""
    WARN = "warn"
    """Problems are reported and the run goes on."""
    OFF = "off"
    """Defaults are applied, nothing is checked."""


@dataclass(frozen=True, slots=True)
class OptionProblem:
    """What is wrong with one option; ``option`` is empty where it is about all of them, ``key`` true for its name."""

    option: str
    message: str
    hint: str | None = None
    key: bool = False


def section_values(experiment: Experiment, section: str | None) -> Mapping[str, Any]:
    """Return the fields that were set in a section of the experiment, e.g. ``reliability.stats``.

    A field set to null counts as not set.
    """
    value: Any = experiment
    for name in (section or "").split("."):
        value = value.get(name) if isinstance(value, Mapping) else getattr(value, name, None)
    if value is None or not section:
        return {}
    if isinstance(value, Mapping):
        return value
    return {name: getattr(value, name) for name in value.fields_set if getattr(value, name) is not None}


def checked(
    description: StageDescription, model: type[BaseModel] | None, given: Mapping[str, Any], mode: OptionMode
) -> tuple[Any, list[OptionProblem]]:
    """Return the options a stage is to get, and what is wrong with them.

    Args:
        description: The stage's description.
        model: Its ``Options`` class; None for a stage without, which gets a read-only mapping.
        given: What the definition and the experiment's section give, merged.
        mode: How strictly to check. Under `OFF` nothing is; under `WARN` the options come with the problems.
    """
    if mode is OptionMode.OFF:
        return _unchecked(description, model, given), []
    problems = [*_key_problems(description, given), *_type_problems(description, given)]
    if model is None:
        return _unchecked(description, model, given), problems
    options, refused = _validated(model, {name: given[name] for name in given if name in description.options.names})
    blamed = {problem.option for problem in problems}
    problems += [problem for problem in refused if problem.option not in blamed]
    if not problems:
        return options, []
    return (None if mode is OptionMode.ERROR else _unchecked(description, model, given)), problems


def _key_problems(description: StageDescription, given: Mapping[str, Any]) -> Iterator[OptionProblem]:
    names = description.options.names
    for name in given:
        if name not in names:
            takes = f"takes {', '.join(names)}" if names else "takes no options"
            hint = _near(name, names) or f"it {takes}"
            yield OptionProblem(name, f"{description.name} has no option {name!r}", hint, key=True)
    for name in description.options.required:
        if name not in given:
            yield OptionProblem("", f"{description.name} needs the option {name!r}", f"add {name} to its options")


def _type_problems(description: StageDescription, given: Mapping[str, Any]) -> Iterator[OptionProblem]:
    types = description.options.types
    for name, value in given.items():
        for message in type_errors(value, types[name]) if name in types else ():
            yield OptionProblem(name, f"{name}{message}" if message.startswith("[") else message)


def _validated(model: type[BaseModel], given: Mapping[str, Any]) -> tuple[Any, list[OptionProblem]]:
    from pydantic import ValidationError

    try:
        return model.model_validate(dict(given)), []
    except ValidationError as error:
        return None, [
            OptionProblem(str(each["loc"][0]) if each["loc"] else "", _in_words(each))
            for each in error.errors()
            if each["type"] != "missing" or len(each["loc"]) > 1
        ]


def _in_words(error: Mapping[str, Any]) -> str:
    """Say what pydantic found: the option, what it must be, and what was given."""
    inside = ".".join(str(step) for step in error["loc"][1:])
    message = error["msg"].removeprefix("Input ").removeprefix("Value error, ")
    shown = repr(error["input"])
    got = f", got {shown if len(shown) <= _SHOWN else shown[: _SHOWN - 3] + '...'}" if error["loc"] else ""
    return f"{inside}: {message}{got}" if inside else f"{message}{got}"


def _unchecked(description: StageDescription, model: type[BaseModel] | None, given: Mapping[str, Any]) -> Any:
    if model is None:
        return FrozenMap({**description.options.defaults, **given})
    return model.model_construct(None, **given)


def _near(name: str, names: tuple[str, ...]) -> str | None:
    from difflib import get_close_matches

    close = get_close_matches(name, names[:_MANY_COMPARED], n=1)
    return f"did you mean {close[0]!r}?" if close else None
