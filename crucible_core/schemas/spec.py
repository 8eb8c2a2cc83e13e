"""The JSON Schema of spec files, with the options of stages in it where they are known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from crucible_core.ir import Experiment
from crucible_core.ir.expectations import annotation_at, model_of
from crucible_core.ir.reading import SCHEMA_KEY
from crucible_core.schemas.branches import branching

if TYPE_CHECKING:
    from crucible_core.contract.description import StageDescription


class InstalledStage(NamedTuple):
    """A stage that specs can name.

    Attributes:
        names: What it can be called: ``name`` where nobody contests it, and ``distribution:name``.
        description: What it says of itself; None where it cannot be asked, and its options are left open.
    """

    names: tuple[str, ...]
    description: StageDescription | None


def spec_schema(stages: Sequence[InstalledStage] = ()) -> dict[str, Any]:
    """Return the schema of a spec file.

    Args:
        stages: The installed stages; an editor completes and checks their names and options. Where none are given,
            names and options of stages are left open.
    """
    schema = Experiment.model_json_schema(mode="validation")
    definitions = schema["$defs"]
    schema["properties"][SCHEMA_KEY] = {"type": "string", "description": "Where this schema is, for editors."}
    bare, mapping = definitions["StageDef"]["anyOf"]
    names = _names(stages) if stages else {}
    complete = _names(stage for stage in stages if not _required(stage)) if stages else {}
    step = _step(mapping, names, list(_clauses(stages, definitions)))
    definitions["StageDef"]["anyOf"] = [{**bare, **complete}, step]
    found: dict[str, Any] = branching(schema, definitions)
    return found


def _names(stages: Iterable[InstalledStage]) -> dict[str, Any]:
    """Return what holds a name to those of the installed stages; editors show the descriptions beside them."""
    texts = [(stage.names, stage.description.description if stage.description else "") for stage in stages]
    about = {name: text for names, text in texts for name in names}
    return {"enum": list(about), "enumDescriptions": list(about.values())}


def _step(mapping: dict[str, Any], names: dict[str, Any], clauses: list[dict[str, Any]]) -> dict[str, Any]:
    """Hold a step to these names and clauses, unless its ``module`` puts a class of the spec's own in their place."""
    step = {key: value for key, value in mapping.items() if key != "anyOf"}  # which asks for a name or a module
    held: dict[str, Any] = {"required": ["name"]}
    if names:
        held["properties"] = {"name": names}
        held["allOf"] = clauses
    own = {"properties": {"module": {"type": "string"}}, "required": ["module"]}
    return {**step, "if": own, "then": True, "else": held}


def _clauses(stages: Iterable[InstalledStage], definitions: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield what holds the steps of each stage to its options."""
    for stage in stages:
        if stage.description is None:
            continue
        key = f"Options_{stage.names[0].replace(':', '_').replace('-', '_')}"
        definitions[key] = _embedded(_given(stage), f"#/$defs/{key}")
        options = {"$ref": f"#/$defs/{key}"}
        named = {"properties": {"name": {"enum": list(stage.names)}}, "required": ["name"]}
        if _required(stage):
            yield {"if": named, "then": {"properties": {"options": options}, "required": ["options"]}}
        else:
            given = {"if": {"type": "null"}, "then": True, "else": options}
            yield {"if": named, "then": {"properties": {"options": given}}}


def _required(stage: InstalledStage) -> list[str]:
    """Return the options that a spec must give in the step itself: no section fills them in."""
    about = stage.description
    if about is None:
        return []
    named = [str(name) for name in about.options_schema.get("required", ())]
    return [name for name in named if not _fills(about.section, name)]


def _fills(section: str | None, option: str) -> bool:
    """Tell whether a section of the experiment may have a field of this name."""
    model = model_of(annotation_at(Experiment, tuple(section.split(".")))) if section is not None else None
    return section is not None and (model is None or option in model.model_fields)


def _given(stage: InstalledStage) -> dict[str, Any]:
    """Return the schema of the options a spec gives: what a section may fill in is not required here."""
    assert stage.description is not None
    options = dict(stage.description.options_schema)
    return {**options, "required": _required(stage)} if "required" in options else options


def _embedded(schema: Any, place: str) -> Any:
    """Return a schema whose references into itself hold from ``place`` in another."""
    if isinstance(schema, list):
        return [_embedded(each, place) for each in schema]
    if not isinstance(schema, dict):
        return schema
    moved = {key: _embedded(each, place) for key, each in schema.items() if key not in ("$schema", "$id")}
    if isinstance(schema.get("$ref"), str):
        moved["$ref"] = _moved(schema["$ref"], place)
    discriminator = schema.get("discriminator")
    if isinstance(discriminator, dict) and isinstance(discriminator.get("mapping"), dict):
        mapping = {name: _moved(ref, place) for name, ref in discriminator["mapping"].items()}
        moved["discriminator"] = {**discriminator, "mapping": mapping}
    return moved


def _moved(reference: str, place: str) -> str:
    return f"{place}{reference[1:]}" if reference.startswith("#") else reference
