"""Values given on the command line: ``stage.option=value`` and ``name=@file``."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click


def parse_overrides(given: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return stage id to options from ``stage.option=value``; values are read as in a YAML spec.

    Raises:
        click.BadParameter: One is not of that form.
    """
    overrides: dict[str, dict[str, Any]] = {}
    for text in given:
        name, equals, value = text.partition("=")
        stage, dot, option = name.partition(".")
        if not (equals and dot and stage and option):
            raise click.BadParameter(f"{text!r}: write stage.option=value, e.g. -o compare.alpha=0.01")
        overrides.setdefault(stage, {})[option] = _yaml(value, text)
    return overrides


def parse_assigns(given: Iterable[str]) -> dict[str, Any]:
    """Return the values to start with from ``name=@file`` or ``name=value``.

    A ``.json``, ``.jsonl``, ``.yaml`` or ``.yml`` file gives what it holds, any other file its text.

    Raises:
        click.BadParameter: One is not of that form, or its file cannot be read.
    """
    assigns: dict[str, Any] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name.isidentifier():
            raise click.BadParameter(f"{text!r}: write name=@file or name=value")
        assigns[name] = _file(Path(value[1:]), text) if value.startswith("@") else _yaml(value, text)
    return assigns


def _file(path: Path, text: str) -> Any:
    try:
        content = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise click.BadParameter(f"{text!r}: cannot read {path}: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise click.BadParameter(f"{text!r}: {path} is not UTF-8 (byte {error.start})") from None
    suffix = path.suffix.lower()
    if suffix == ".jsonl":
        return [_json(line, f"{path}:{number}") for number, line in enumerate(content.splitlines(), 1) if line.strip()]
    if suffix == ".json":
        return _json(content, str(path))
    return _yaml(content, str(path)) if suffix in (".yaml", ".yml") else content


def _json(text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise click.BadParameter(f"{where}: not JSON: {error}") from None


def _yaml(text: str, where: str) -> Any:
    from crucible_core.ir import SpecError
    from crucible_core.ir.yaml_reading import YamlReader

    reader = YamlReader(text, where)
    try:
        reader.read()
    except SpecError as error:
        raise click.BadParameter(str(error)) from None
    return reader.data
