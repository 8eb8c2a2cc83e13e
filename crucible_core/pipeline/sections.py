"""The parts of an experiment from which stages take the options they were not given."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from types import UnionType
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin

if TYPE_CHECKING:
    from crucible_core.ir import Experiment


def section_values(experiment: Experiment, section: str) -> Mapping[str, Any]:
    """Return the fields that were set in a section of the experiment, e.g. ``reliability.stats``.

    A field set to null counts as not set.
    """
    value: Any = experiment
    for name in section.split("."):
        value = value.get(name) if isinstance(value, Mapping) else getattr(value, name, None)
    if value is None:
        return {}
    fields = value if isinstance(value, Mapping) else {name: getattr(value, name) for name in value.fields_set}
    return {name: each for name, each in fields.items() if each is not None}


def unused_sections(experiment: Experiment, used: Collection[str]) -> Iterator[str]:
    """Yield the parts of ``reliability`` that are set and that no stage of the pipeline takes its options from."""
    reliability = experiment.reliability
    for name in sorted(reliability.fields_set) if reliability is not None else ():
        section = f"reliability.{name}"
        taken = any(each == section or each.startswith(f"{section}.") or each == "reliability" for each in used)
        if getattr(reliability, name) is not None and not taken:
            yield section


def section_problem(section: str) -> str | None:
    """Say why stages cannot take options from a place of an experiment, or None where they can."""
    from crucible_core.ir import Experiment
    from crucible_core.ir.expectations import annotation_at, model_of

    found = annotation_at(Experiment, tuple(section.split(".")))
    parts = found if isinstance(found, tuple) else (found,)
    if found is Any or model_of(found) is not None or any(_is_mapping(part) for part in parts):
        return None
    return f"its section {section!r} is no part of an experiment that has fields"


def _is_mapping(annotation: Any) -> bool:
    origin = get_origin(annotation)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return True
    return origin in (Union, UnionType) and any(_is_mapping(part) for part in get_args(annotation))
