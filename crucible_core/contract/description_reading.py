"""Read the description a stage gives of itself, and say all that is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from crucible_core.contract.description import DESCRIPTION_KEYS, SCHEMA_VERSION, StageDescription
from crucible_core.contract.json_values import NON_FINITE
from crucible_core.contract.options import OptionTable
from crucible_core.contract.options_schema import types_of_schema
from crucible_core.contract.paths import OPEN, path_problem, placeholders
from crucible_core.contract.traits import Traits
from crucible_core.contract.type_check import type_errors
from crucible_core.contract.type_spec import type_spec_problems

_MAPPINGS = ("types", "defaults", "options_schema", "errors", "extensions")
_PATHS = ("reads", "may_read", "writes", "may_write", "ephemeral", "pickled")
_LISTS = ("required", "optional", *_PATHS, "examples")


def description_from(given: Any) -> StageDescription:
    """Return a description as a value of our own, from one or from a plain mapping.

    Raises:
        ValueError: It is neither, lacks its name or description, or says something the grammar does not allow; the
            message lists every problem.
    """
    return checked_description(read_description(given))


def read_description(given: Any) -> StageDescription:
    """Return a description as a value of our own; what it says is not looked at yet, only that it can be read.

    Raises:
        ValueError: It is neither a description nor a mapping, or says things of the wrong kind.
    """
    if isinstance(given, StageDescription):
        return given
    if not isinstance(given, Mapping):
        # not a TypeError: callers treat every wrong description alike
        raise ValueError(f"describe() returned {type(given).__name__}; return a StageDescription or a mapping")  # noqa: TRY004 - as every wrong one
    _raise(_shape_problems(given))
    return _read(given)


def checked_description(about: StageDescription) -> StageDescription:
    """Return a description that says nothing the grammar does not allow.

    Raises:
        ValueError: It does; the message lists every problem.
    """
    _raise([*_option_problems(about.options), *path_problems(about), *_other_problems(about)])
    return about


def _raise(problems: list[str]) -> None:
    if problems:
        raise ValueError("; ".join(problems))


def _read(given: Mapping[str, Any]) -> StageDescription:
    schema = given.get("options_schema")
    make_schema = None if schema is None else lambda: schema
    return StageDescription(
        name=given["name"],
        description=given["description"],
        version=given.get("version", "0.0.0"),
        section=given.get("section"),
        options=_options(given, schema or {}),
        **{key: tuple(given.get(key, ())) for key in _PATHS},
        errors=dict(given.get("errors", {})),
        traits=_traits(given.get("traits", {})),
        examples=tuple(given.get("examples", ())),
        extensions=dict(given.get("extensions", {})),
        make_schema=make_schema,
    )


def _options(given: Mapping[str, Any], schema: Mapping[str, Any]) -> OptionTable:
    """Return the option table; the schema says what the mapping leaves out."""
    required, optional = given.get("required"), given.get("optional")
    properties: Mapping[str, Any] = schema.get("properties", {})
    if required is None:
        required = [name for name in schema.get("required", ()) if name not in (optional or ())]
    if optional is None:
        optional = [name for name in properties if name not in required]
    defaults = given.get("defaults")
    if defaults is None:
        known = ((name, properties.get(name)) for name in optional)
        defaults = {name: each["default"] for name, each in known if isinstance(each, Mapping) and "default" in each}
    types = given["types"] if "types" in given else types_of_schema(schema, (*required, *optional))
    return OptionTable(tuple(required), tuple(optional), dict(types), dict(defaults))


def _traits(given: Traits | Mapping[str, Any]) -> Traits:
    return given if isinstance(given, Traits) else Traits(**given)


def _shape_problems(given: Mapping[str, Any]) -> list[str]:
    """List what is of the wrong kind in a plain mapping, so that it cannot be read at all."""
    problems = [f"description has no key {str(key)!r}" for key in given if key not in DESCRIPTION_KEYS]
    problems += [f"{key} must be a non-empty string" for key in ("name", "description") if not _is_text(given.get(key))]
    problems += [f"{key} must be a list" for key in _LISTS if not isinstance(given.get(key, ()), (list, tuple))]
    problems += [f"{key} must be a mapping" for key in _MAPPINGS if not isinstance(given.get(key, {}), Mapping)]
    if given.get("schema_version", SCHEMA_VERSION) != SCHEMA_VERSION:
        problems.append(f"schema_version must be {SCHEMA_VERSION!r}, got {given['schema_version']!r}")
    problems += _name_problems(given) if not problems else ()
    problems += _schema_problems(given.get("options_schema", {}))
    try:
        _traits(given.get("traits", {}))
    except (TypeError, ValueError) as error:
        problems.append(f"traits: {str(error).removeprefix('Traits.__init__() ')}")
    return problems


def _name_problems(given: Mapping[str, Any]) -> Iterator[str]:
    """Yield each name of an option that is no string; nothing more can be said of those."""
    for key in ("required", "optional", "types", "defaults"):
        for name in given.get(key, ()):
            if not isinstance(name, str):
                yield f"{key}: the names of options are strings, got {name!r}"


def _schema_problems(schema: Any) -> Iterator[str]:
    if isinstance(schema, Mapping):
        if not isinstance(schema.get("properties", {}), Mapping):
            yield "options_schema.properties must be a mapping"
        if not isinstance(schema.get("required", ()), (list, tuple)):
            yield "options_schema.required must be a list"


def _option_problems(options: OptionTable) -> Iterator[str]:
    names = options.names
    for name in dict.fromkeys(each for each in names if names.count(each) > 1):
        yield f"option {name!r} is listed twice, among required and optional ones"
    if "id" in names:
        yield "an option cannot be called 'id': {id} in context paths is the stage's id"
    for name in dict.fromkeys(names):
        if name not in options.types:
            yield f"option {name!r} has no type"
    for name, spec in options.types.items():
        if name not in names:
            yield f"type for {name!r}, which is not an option"
        yield from (f"type of {name!r}: {problem}" for problem in type_spec_problems(spec))
    yield from _default_problems(options)


def _default_problems(options: OptionTable) -> Iterator[str]:
    for name, value in options.defaults.items():
        spec = options.types.get(name)
        if name not in options.optional:
            yield f"default for {name!r}, which is not optional"
        elif spec is not None and not type_spec_problems(spec):
            yield from (f"default of {name!r}: {error}" for error in type_errors(_number(value), spec))


def _number(value: Any) -> Any:
    """Return the number that JSON has to write as text, others as they are."""
    return float(value) if value in NON_FINITE.values() else value


def path_problems(about: StageDescription) -> Iterator[str]:
    """Yield what is wrong with the context paths of a description, each with the list it is in."""
    known = ("id", *about.options.names)
    for key in _PATHS:
        for path in getattr(about, key):
            wrong = _path_problem(path, known) if isinstance(path, str) else f"{path!r} is no string"
            if wrong is not None:
                yield f"{key}: {wrong}"


def _path_problem(path: str, known: tuple[str, ...]) -> str | None:
    for name in placeholders(path):
        if name not in known:
            return f"{path!r}: there is no option {name!r}"
    if path.startswith("{"):
        return None  # what the option says is looked at when it is known
    return path_problem(path.replace("{", "").replace("}", "")) if path != OPEN else None


def _other_problems(about: StageDescription) -> Iterator[str]:
    for key in ("name", "description", "version"):
        if not _is_text(getattr(about, key)):
            yield f"{key} must be a non-empty string"
    if about.section is not None and not _is_text(about.section):
        yield "section must be the path of a part of the experiment, or null"
    for code, meaning in about.errors.items():
        if not (_is_text(code) and _is_text(meaning)):
            yield f"errors: {code!r} must be a code with its meaning in words"
    wrong: list[Any] = [each for each in about.examples if not _has_summary(each)]
    yield from (f"examples: {each!r} is no StageExample" for each in wrong)


def _has_summary(example: Any) -> bool:
    return "summary" in example if isinstance(example, Mapping) else hasattr(example, "summary")


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())
