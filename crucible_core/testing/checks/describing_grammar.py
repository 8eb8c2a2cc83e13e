"""Group C, what is said: form, types and values of a description."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from crucible_core.contract.description_reading import path_problems, read_description
from crucible_core.contract.errors import named
from crucible_core.contract.json_values import NON_FINITE
from crucible_core.contract.type_check import type_errors
from crucible_core.contract.type_spec import type_spec_problems
from crucible_core.pipeline.sections import section_problem
from crucible_core.testing.check import Finding, Level, check
from crucible_core.testing.contradictions import contradictions
from crucible_core.testing.published_form import published_form, shape_errors
from crucible_core.testing.stated import field

if TYPE_CHECKING:
    from crucible_core.contract.options import OptionTable
    from crucible_core.testing.case import Case

_SEMANTIC = re.compile(
    r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)"
    r"(-(0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*)(\.(0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*))*)?"
    r"(\+[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?",
    re.ASCII,
)
"""As semver.org gives it."""
_CODE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


@check("C02", "the description has the published form", after=["C01"])
def has_the_published_form(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """Every key is one of those in ``docs/schemas/stage_description.schema.json``, with a value of the kind it says.

    Context paths are paths, their placeholders name options, the section is a part of an experiment, error codes are in
    snake_case, and examples given as mappings have the fields of a ``StageExample``. Keys that are left out take their
    defaults. The text, the version, the types and the defaults have checks of their own (C03, C10, C09, C05).

    Why: programs read descriptions by this schema, the planner's data flow among them.

    Fix: each finding names the place and what is to be there.
    """
    del facts
    try:
        problems = list(shape_errors(case.said))
    except Exception as error:  # noqa: BLE001 - values of other kinds than they are to have may lead to anything
        yield Finding("a description that can be written out", named(error))
        return
    for place, problem in problems:
        if place != "name" or not isinstance(case.said, Mapping) or not isinstance(case.said.get("name"), str):
            yield Finding(f"{place} as published", problem)  # the letters of a name are A02's
    if problems:
        return
    try:
        stated = read_description(case.said)
    except ValueError:
        return  # for a reason that is another check's
    for problem in path_problems(stated):
        yield Finding(
            "context paths: outputs, assigns.K, metrics.K or artifacts.K, with options as placeholders", problem
        )
    wrong = section_problem(stated.section) if isinstance(stated.section, str) and stated.section.strip() else None
    if wrong is not None:
        yield Finding("a section of the experiment, or none", wrong)
    for code in stated.errors:
        if not _CODE.fullmatch(code):
            yield Finding("error codes in snake_case, such as 'no_rows'", repr(code))


@check("C04", "required and optional options are apart, each has a type, defaults are of optional ones", after=["C01"])
def options_are_consistent(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """No option is listed twice; ``types`` has one entry for each and none besides; ``defaults`` only optional ones.

    Where ``options_schema`` is given beside them, it has the same options, requires the same ones, and says the same of
    their types (as far as JSON knows them) and defaults. No option is called ``id``, since ``{id}`` in context paths is
    the stage's own.

    Why: these lists say the same thing in several ways, for several readers. Where they differ, somebody is misled.

    Fix: inherit from ``crucible_core.Stage``, which makes all of them from ``Options``; or give ``options_schema``
    alone.
    """
    del facts
    options = case.stated.options
    names = options.names
    for name in dict.fromkeys(each for each in names if names.count(each) > 1):
        yield Finding("each option once, as required or as optional", f"{name!r} is listed twice")
    if "id" in names:
        yield Finding("no option called 'id'", "there is one")
    for name in sorted(set(names) - set(options.types)):
        yield Finding("a type for every option", f"none for {name!r}")
    for name in sorted(set(options.types) - set(names)):
        yield Finding("types of options", f"one for {name!r}, which is none")
    for name in sorted(set(options.defaults) - set(options.optional)):
        yield Finding("defaults of optional options", f"one for {name!r}, which is not optional")
    yield from _schema_differs(case.said, options)


def _schema_differs(said: Any, options: OptionTable) -> Iterator[Finding]:
    """Hold a schema that was given to the lists that were given beside it."""
    if not isinstance(said, Mapping) or not {"required", "optional", "types"} & set(said):
        return
    schema = said.get("options_schema") or {}
    if "properties" in schema and set(schema["properties"]) != set(options.names):
        differing = sorted(set(schema["properties"]) ^ set(options.names))
        yield Finding("options_schema to have the same options", f"{', '.join(differing)} only here or only there")
    if "required" in schema and set(schema["required"]) != set(options.required):
        differing = sorted(set(schema["required"]) ^ set(options.required))
        yield Finding("options_schema to require the same options", f"{', '.join(differing)} only here or only there")
    yield from (Finding(*each) for each in contradictions(said, schema))


@check("C05", "each default, and each value in an example, is of its option's type", after=["C01"])
def values_fit_their_types(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """A default passes the type spec of its option, and the bounds of the ``Options`` class; so do values in examples.

    ``None`` is a default only where the type is nullable. An example that is to show what happens with options that are
    refused cannot be written: the planner does not let such a stage run.

    Why: a default that its own type refuses makes the option required without saying so.

    Fix: correct the default, or the annotation (``int | None`` for one that may be missing).
    """
    del facts
    types = {name: spec for name, spec in case.stated.options.types.items() if not type_spec_problems(spec)}
    for name, value in case.stated.options.defaults.items():
        for problem in type_errors(_number(value), types[name]) if name in types else ():
            yield Finding(f"the default of {name!r} to be of its type", problem)
    yield from _defaults_out_of_bounds(case)
    for example in case.examples:
        for name, value in example.make("options").items():
            for problem in type_errors(value, types[name]) if name in types else ():
                yield Finding(f"{name!r} in the example {example.summary!r} to be of its type", problem)


def _number(value: Any) -> Any:
    """Return the number that JSON has to write as text, others as they are."""
    return float(value) if isinstance(value, str) and value in NON_FINITE.values() else value


def _defaults_out_of_bounds(case: Case) -> Iterator[Finding]:
    """Hold the defaults of an ``Options`` class to its own bounds, which pydantic does when it is made."""
    from pydantic import BaseModel, TypeAdapter, ValidationError

    model = getattr(case.kind, "Options", None)
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        return
    for name, each in model.model_fields.items():
        if each.is_required() or each.default_factory_takes_validated_data:
            continue
        try:
            adapter: TypeAdapter[Any] = TypeAdapter(_annotated(each))
            adapter.validate_python(each.get_default(call_default_factory=True))
        except ValidationError as error:
            yield Finding(f"the default of {name!r} to be within its bounds", error.errors()[0]["msg"])


def _annotated(given: Any) -> Any:
    from typing import Annotated

    return Annotated[given.annotation, *given.metadata] if given.metadata else given.annotation


@check("C06", "the description is JSON", after=["C01", "C02", "C05", "C09"])
def is_json(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """Written as JSON and read again it is the same; there are no NaN, no infinities, no objects, keys are strings.

    Tuples count as lists. What the core derives from a class is JSON already; this is about mappings of one's own, and
    about ``extensions``, ``traits.resources`` and options of examples, which nobody converts. Options of an example
    that are objects are given by a function without arguments that makes them.

    Why: descriptions go to files, to editors and to other programs.

    Fix: write what the object stands for: a path as text, ``None`` for no limit in the place of infinity.
    """
    del facts
    for name, value in published_form(case.said, whole=False).items():
        problem = _json_problem(value)
        if problem is not None:
            yield Finding(f"{name} as JSON", problem)
    text = json.dumps(case.description.to_dict(), allow_nan=False, sort_keys=True)
    again = json.dumps(read_description(json.loads(text)).to_dict(), allow_nan=False, sort_keys=True)
    if again != text:
        yield Finding("the same description when it is written out and read again", "another")


def _json_problem(value: Any) -> str | None:
    try:
        text = json.dumps(value, allow_nan=False, sort_keys=True)
    except (TypeError, ValueError, RecursionError) as error:
        return named(error)
    if " at 0x" in text:
        return "the text of an object, which differs from process to process"
    return None if json.loads(text) == value else "another value when it is read again"


@check("C09", "types are of the closed grammar", after=["C01"])
def types_are_of_the_grammar(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """Every type spec is one that docs/stages.md lists, its enums are not empty, and it is at most 16 deep.

    Why: options are held to these specs, documentation and editors show them. A word that nobody knows checks nothing.

    Fix: ``"string"``, not ``"str"``; ``{"list": "integer"}``, not ``"list[int]"``; ``"any"``, with a reason, for what
    the grammar cannot say.
    """
    del facts
    for name, spec in case.stated.options.types.items():
        for problem in type_spec_problems(spec)[:3]:
            yield Finding(f"a type spec for {name!r}", problem)


@check("C10", "the version is a semantic version", after=["C01"])
def version_is_semantic(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """``version`` is MAJOR.MINOR.PATCH, with what semver.org allows after it.

    Why: runs record it, and caches and comparisons of runs go by it.

    Fix: ``version = "1.0.0"``; count up the first number when results change.
    """
    del facts
    version = field(case.said, "version", "0.0.0")
    if not (isinstance(version, str) and _SEMANTIC.fullmatch(version)):
        yield Finding("a semantic version such as '1.0.0'", repr(version))


@check("C13", "the version says something", level=Level.RECOMMENDED, after=["C10"])
def version_is_said(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """``version`` is another than ``0.0.0``, which is what a stage has that does not say.

    Why: whoever compares two runs wants to know whether the stage was the same.

    Fix: ``version = "0.1.0"``.
    """
    del facts
    if field(case.said, "version", "0.0.0") == "0.0.0":
        yield Finding("a version of the stage's own", "0.0.0")
