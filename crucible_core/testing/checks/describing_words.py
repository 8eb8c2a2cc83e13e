"""Group C, what is said to people: texts and reasons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from crucible_core.contract.paths import OPEN, placeholders, root_of
from crucible_core.contract.traits import Traits
from crucible_core.testing.check import Finding, Level, check
from crucible_core.testing.placeholder_text import is_placeholder, only_repeats, word_count
from crucible_core.testing.stated import field

if TYPE_CHECKING:
    from crucible_core.contract.description import StageDescription
    from crucible_core.testing.case import Case

_ANYTHING = ("any", "map", "list")
_LISTS = {"reads": "reads", "may_read": "reads", "writes": "writes", "may_write": "writes"}
"""List of paths to what both of its kind are called, where a reason is given for both."""


@check("C03", "the description, every option and every error are explained", after=["C01"])
def everything_is_explained(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """``description`` says what the stage does, each option has a description, each error code a meaning.

    None of these is empty, the thing's own name, or a stand-in such as ``TODO``. Descriptions of options are looked for
    in ``options_schema``, or in the ``Options`` class; a stage that gives only ``types`` has no place for them, and
    nothing is asked of its options.

    Why: this is what people see in ``crucible stages``, in editors and in documentation that is made from it.

    Fix: a first line in the docstring; ``Annotated[float, Field(description="...")]`` or a docstring below the field;
    ``errors = {"no_rows": "There are no rows."}``.
    """
    del facts
    text, name = field(case.said, "description", ""), field(case.said, "name", "")
    if is_placeholder(text, name, getattr(case.kind, "__name__", "")):
        yield Finding("a description of what the stage does", repr(text))
    for option, about in _option_texts(case):
        if is_placeholder(about) or about == option:
            yield Finding(f"a description of the option {option!r}", repr(about) if about else "there is none")
    errors = field(case.said, "errors", {})
    for code, meaning in errors.items() if isinstance(errors, Mapping) else ():
        if is_placeholder(meaning, code):
            yield Finding(f"what the error {code!r} means", repr(meaning))


def _option_texts(case: Case) -> Iterator[tuple[str, Any]]:
    """Yield each option with its description, where there is a place for one."""
    schema = _options_schema(case)
    properties = schema.get("properties", {}) if isinstance(schema, Mapping) else {}
    for name, about in properties.items() if isinstance(properties, Mapping) else ():
        yield name, _text_of(about, schema)


def _options_schema(case: Case) -> Any:
    from pydantic import BaseModel

    from crucible_core.contract.options_schema import options_schema

    said = case.said
    given = said.get("options_schema") if isinstance(said, Mapping) else said.make_schema and said.options_schema
    model = getattr(case.kind, "Options", None)
    if given or not (isinstance(model, type) and issubclass(model, BaseModel)):
        return given
    return options_schema(model)


def _text_of(about: Any, schema: Mapping[str, Any]) -> Any:
    """Return the description of a property; of what it refers to where it has none of its own."""
    if not isinstance(about, Mapping):
        return ""
    if "description" in about:
        return about["description"]
    inner = [about, *(each for key in ("allOf", "anyOf", "oneOf") for each in about.get(key, ()))]
    names = [str(each.get("$ref", "")).rpartition("/")[2] for each in inner if isinstance(each, Mapping)]
    referred = (schema.get("$defs", {}).get(name, {}) for name in names)
    return next((each["description"] for each in referred if each.get("description")), "")


@check("C12", "what is open or weak has a reason", after=["C01", "C02"])
def reasons_are_given(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """A context path ``*`` or ``room.*``, a type ``any`` and a weak trait each have a reason in ``traits.reasons``.

    So has any by another name: a ``map`` or a ``list`` of whatever, and a part of a model that may be anything. Weak
    are determinism ``none``, a network, processes, and not to pickle. A reason stands under the trait's name; or under
    the path, ``*``, or the list it is in (``reads``, ``may_read``, ``writes``, ``may_write``); or under the option's
    name, ``options.<name>`` or ``any``. It is a sentence, not a word, and says more than the name of what it is for.

    Why: each of these switches checks off for whoever uses the stage: data flow, types of options, caching, running
    elsewhere. A reader wants to know whether that has to be.

    Fix: ``traits = Traits(reasons={"may_read": "A report tells of whatever is there."})``, or say it more narrowly.
    """
    del facts
    reasons = case.description.traits.reasons
    for what, keys in _open_or_weak(case):
        given = [reasons[key] for key in keys if key in reasons]
        if not given:
            yield Finding(f"a reason for {what}", f"traits.reasons has none of the keys {', '.join(keys)}")
        elif not any(_is_a_reason(each, keys) for each in given):
            yield Finding(f"a reason for {what}, as a sentence", repr(given[0]))


def _is_a_reason(text: Any, keys: tuple[str, ...]) -> bool:
    says = not is_placeholder(text) and word_count(text) > 1
    return says and not only_repeats(text, *keys)


def _open_or_weak(case: Case) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield what needs a reason, in words, and the keys under which that may stand."""
    about = case.description
    for trait in about.traits.weak:
        yield f"the trait {trait} = {getattr(about.traits, trait)!r}", (trait, f"traits.{trait}")
    for name, spec in about.options.types.items():
        if _has_any(spec) or _has_any_within(about, name, spec):
            yield f"the option {name!r}, which admits anything,", (name, f"options.{name}", "any", "types")
    for keys in dict.fromkeys(_open_paths(case)):
        yield f"the open path {keys[0]!r}", keys


def _open_paths(case: Case) -> Iterator[tuple[str, ...]]:
    """Yield the keys for each open path, also for one that an option's default opens."""
    about = case.description
    for key, kind in _LISTS.items():
        for path in getattr(about, key):
            options = placeholders(path)
            for filled in _filled(about, path):
                if _is_open(filled):
                    template = (path,) if path != filled else ()
                    yield (filled, *template, key, kind, OPEN, *options)


def _filled(about: StageDescription, path: str) -> tuple[str, ...]:
    from crucible_core.contract.paths import fill

    return fill((path,), about.options.defaults)


def _is_open(path: str) -> bool:
    return path == OPEN or root_of(path).endswith(f".{OPEN}")


def _has_any_within(about: StageDescription, name: str, spec: Any) -> bool:
    """Tell whether a part of a model may be anything, as the schema of an option of that type shows."""
    from crucible_core.testing.schema_members import admits_anything

    schema = about.options_schema if "'struct'" in repr(spec) else {}
    return name in schema.get("properties", {}) and admits_anything(schema["properties"][name], schema.get("$defs", {}))


def _has_any(spec: Any) -> bool:
    """Tell whether a type, or one within it, is ``any``, or a container of it; the values of an enum are no types."""
    if isinstance(spec, Mapping):
        return any(
            _has_any(each) for kind, each in spec.items() if kind in ("list", "map", "tuple", "union", "nullable")
        )
    return any(map(_has_any, spec)) if isinstance(spec, (list, tuple)) else spec in _ANYTHING


@check("C14", "there is a reason only for what is open or weak", level=Level.RECOMMENDED, after=["C01", "C02"])
def reasons_are_current(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """Every key of ``traits.reasons`` names something that needs a reason.

    Why: a reason that stayed when the stage was mended tells readers of a weakness that is no more.

    Fix: take it out, or correct its key.
    """
    del facts
    traits, usual = case.description.traits.to_dict(), Traits().to_dict()
    known = {key for _, keys in _open_or_weak(case) for key in keys} | {
        key for key in usual if traits[key] != usual[key]
    }
    for key in case.description.traits.reasons:
        if key not in known:
            yield Finding("reasons for what is open or weak", f"one for {key!r}, which is neither")
