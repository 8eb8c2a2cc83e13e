"""Read experiments from YAML, JSON and TOML files, with the place of everything that is wrong in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crucible_core.ir.errors import Location, SpecError, describe_value
from crucible_core.ir.positions import Place
from crucible_core.ir.spec_files import read_text

if TYPE_CHECKING:
    import os

    from crucible_core.ir.experiments import Experiment

SCHEMA_KEY = "$schema"
"""Names the JSON Schema of a spec in it, for editors; it says nothing of the experiment."""


@dataclass(frozen=True)
class SpecDocument:
    """The data of a spec and, when it came from a file, where each part of it stands there."""

    source: Path | None
    data: dict[str, Any]
    _find_places: Callable[[], Place] | None = field(default=None, repr=False, compare=False)

    @cached_property
    def _places(self) -> Place | None:
        return self._find_places() if self._find_places else None

    def locate(self, path: tuple[str | int, ...], *, key: bool = False) -> Location | None:
        """Return where the value at a path begins, or its key; the nearest parent when there is no such value.

        Returns:
            The place, or None when the spec did not come from a file.
        """
        if self.source is None or self._places is None:
            return None
        return Location(str(self.source), *self._places.find(path, key=key))


def read_spec(path: str | os.PathLike[str]) -> SpecDocument:
    """Read a spec file; its extension (.yaml, .yml, .json or .toml) says what it is.

    Raises:
        SpecError: The file cannot be read, or does not hold a mapping.
    """
    source = Path(path)
    text = read_text(source)
    data, find_places = _parse(text, source)
    if data is None and _says_nothing(text, source):
        raise SpecError.of("the file is empty; a spec needs at least 'id' and 'pipeline'", location=_start(source))
    if not isinstance(data, dict):
        place = find_places()
        message = f"a spec is a mapping with 'id' and 'pipeline', got {describe_value(data)}"
        raise SpecError.of(message, location=Location(str(source), place.line, place.column))
    return SpecDocument(source, data, find_places)


def _start(source: Path) -> Location:
    return Location(str(source), 1, 1)


def _says_nothing(text: str, source: Path) -> bool:
    return source.suffix.lower() != ".json" or not text.strip()


def _parse(text: str, source: Path) -> tuple[Any, Callable[[], Place]]:
    """Return the data of a text and what finds its places; None for a text that says nothing."""
    suffix, file = source.suffix.lower(), str(source)
    if not text.strip():
        return None, lambda: Place(1, 1)
    if suffix == ".json":
        from crucible_core.ir.json_reading import json_places, read_json

        return read_json(text, file), lambda: json_places(text)
    if suffix == ".toml":
        from crucible_core.ir.toml_reading import read_toml

        return read_toml(text, file) or None, lambda: _toml_places(text)
    from crucible_core.ir.yaml_reading import YamlReader

    reader = YamlReader(text, file)
    reader.read()
    root = reader.root or Place(1, 1)
    return reader.data, lambda: root


def _toml_places(text: str) -> Place:
    from crucible_core.ir.toml_places import toml_places

    return toml_places(text)


def parse_experiment(document: SpecDocument) -> Experiment:
    """Return the experiment that a document describes.

    Raises:
        SpecError: It does not fit; every problem is listed, with its place.
    """
    from pydantic import ValidationError

    from crucible_core.ir.experiments import Experiment

    data = _without_schema(document)
    try:
        return Experiment.model_validate(data)
    except ValidationError as error:
        from crucible_core.ir.validation_problems import spec_error

        problems = spec_error(error, Experiment, data, lambda path, key: document.locate(path, key=key))
        raise problems from None


def _without_schema(document: SpecDocument) -> dict[str, Any]:
    """Return the data without the address of a JSON Schema, by which editors find what to check a spec against.

    Raises:
        SpecError: The address is no text.
    """
    if SCHEMA_KEY not in document.data:
        return document.data
    address = document.data[SCHEMA_KEY]
    if not isinstance(address, str):
        message = f"expected the address of a JSON Schema, got {describe_value(address)}"
        raise SpecError.of(message, path=SCHEMA_KEY, location=document.locate((SCHEMA_KEY,)))
    return {key: value for key, value in document.data.items() if key != SCHEMA_KEY}


def load_experiment(
    spec: str | os.PathLike[str] | Mapping[str, Any],
) -> tuple[Experiment, SpecDocument]:
    """Return the experiment of a file or mapping, and the document it was read from.

    Raises:
        SpecError: It cannot be read, or does not fit.
    """
    document = SpecDocument(None, dict(spec)) if isinstance(spec, Mapping) else read_spec(spec)
    return parse_experiment(document), document
