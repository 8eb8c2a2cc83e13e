"""Merge and check the options of a stage, once, before anything runs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from crucible_core.contract.errors import StageError, named
from crucible_core.contract.objects import import_object
from crucible_core.contract.persistent import FrozenMap
from crucible_core.contract.schema_check import schema_errors
from crucible_core.contract.type_check import type_errors
from crucible_core.contract.type_spec import is_secret
from crucible_core.contract.type_words import shown

if TYPE_CHECKING:
    from pydantic import BaseModel

    from crucible_core.contract.description import StageDescription

_MANY_COMPARED = 200


class OptionMode(StrEnum):
    """How strictly options are checked."""

    ERROR = "error"
    """A problem keeps the run from starting."""
    WARN = "warn"
    """Problems are reported and the run goes on."""
    OFF = "off"
    """Defaults are applied, nothing is checked."""


class OptionProblem(NamedTuple):
    """What is wrong with one option; ``option`` is empty where it is about all of them, ``key`` true for its name."""

    option: str
    message: str
    hint: str | None = None
    key: bool = False


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
        problems += _schema_problems(description, given, {problem.option for problem in problems})
        return _unchecked(description, model, given), problems
    options, refused = _validated(description, model, given)
    blamed = {problem.option for problem in problems}
    problems += [problem for problem in refused if problem.option not in blamed]
    if problems and mode is OptionMode.ERROR:
        return None, problems
    return (_unchecked(description, model, given) if options is None else options), problems


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


def _schema_problems(
    description: StageDescription, given: Mapping[str, Any], blamed: Collection[str]
) -> Iterator[OptionProblem]:
    """Hold options to the schema that a stage without an options class describes: nobody else does.

    Args:
        description: The stage's description.
        given: The options.
        blamed: Those that have the wrong type as it is.
    """
    if description.make_schema is None:
        return
    schema = description.options_schema
    properties, definitions = schema.get("properties", {}), schema.get("$defs", {})
    for name, value in given.items():
        wrong = [] if name in blamed else schema_errors(value, properties.get(name, True), definitions)
        if wrong and is_secret(description.options.types.get(name)):
            yield OptionProblem(name, f"{name} is not as its schema says; what was given is not shown")
        else:
            yield from (OptionProblem(name, f"{name}: {message}") for message in wrong)


def _validated(
    description: StageDescription, model: type[BaseModel], given: Mapping[str, Any]
) -> tuple[Any, list[OptionProblem]]:
    """Return the options as the stage's own class, or what it refuses; names of functions become functions."""
    from pydantic import ValidationError

    known = {name: value for name, value in given.items() if name in description.options.names}
    try:
        return model.model_validate(known), []
    except ValidationError as error:
        found = error.errors()
    except Exception as error:  # noqa: BLE001 - a validator of the stage's own: whatever it raises, it refuses
        return None, list(_crashed(description, model, known, error))
    functions_named = {str(each["loc"][0]): each["input"] for each in found if _is_named_function(each)}
    if functions_named:
        functions, problems = _imported(description, functions_named)
        return (None, problems) if problems else _validated(description, model, {**known, **functions})
    return None, [
        OptionProblem(str(each["loc"][0]) if each["loc"] else "", _in_words(each, _hides(description, each)))
        for each in found
        if each["type"] != "missing" or len(each["loc"]) > 1
    ]


def _crashed(
    description: StageDescription, model: type[BaseModel], known: Mapping[str, Any], error: Exception
) -> Iterator[OptionProblem]:
    """Say which option, given alone, leads to the error of a validator; of all of them together where none does."""
    blamed = [name for name, value in known.items() if _crashes(model, {name: value})]
    for name in blamed or [""]:
        hidden = is_secret(description.options.types.get(name))
        said = type(error).__name__ if hidden else named(error)
        what = name or f"the options of {description.name}"
        yield OptionProblem(name, f"{what} cannot be checked: a validator of {description.name} raised {said}")


def _crashes(model: type[BaseModel], given: Mapping[str, Any]) -> bool:
    from pydantic import ValidationError

    try:
        model.model_validate(given)
    except ValidationError:
        return False
    except Exception:  # noqa: BLE001 - as above
        return True
    return False


def _is_named_function(error: Mapping[str, Any]) -> bool:
    return error["type"] == "callable_type" and len(error["loc"]) == 1 and isinstance(error["input"], str)


def _imported(description: StageDescription, named: Mapping[str, str]) -> tuple[dict[str, Any], list[OptionProblem]]:
    """Return the functions that these options name, and what is wrong with them."""
    functions, problems = {}, []
    for option, name in named.items():
        try:
            functions[option] = import_object(name, option)
        except StageError as error:
            problems.append(OptionProblem(option, error.message.removeprefix(f"{option}: ")))
        else:
            wrong = type_errors(functions[option], description.options.types[option])
            problems += [OptionProblem(option, f"{name!r} does not fit: {message}") for message in wrong]
    return functions, problems


def _hides(description: StageDescription, error: Mapping[str, Any]) -> bool:
    """Tell whether what was given may not be shown: it is a secret, or lies in a value that has secrets in it."""
    option = str(error["loc"][0]) if error["loc"] else ""
    if is_secret(description.options.types.get(option)):
        return True
    return len(error["loc"]) > 1 and "'password'" in str(description.options_schema)


def _in_words(error: Mapping[str, Any], hide: bool) -> str:
    """Say what pydantic found: the option, what it must be, and what was given unless it is to be hidden."""
    inside = ".".join(str(step) for step in error["loc"][1:])
    message = error["msg"].removeprefix("Input ").removeprefix("Value error, ")
    got = "" if hide or not error["loc"] else f", got {shown(error['input'])}"
    return f"{inside}: {message}{got}" if inside else f"{message}{got}"


def _unchecked(description: StageDescription, model: type[BaseModel] | None, given: Mapping[str, Any]) -> Any:
    if model is None:
        return FrozenMap({**description.options.defaults, **given})
    return model.model_construct(None, **given)


def _near(name: str, names: tuple[str, ...]) -> str | None:
    from difflib import get_close_matches

    close = get_close_matches(name, names[:_MANY_COMPARED], n=1)
    return f"did you mean {close[0]!r}?" if close else None
