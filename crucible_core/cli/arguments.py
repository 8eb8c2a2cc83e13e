"""Values given on the command line: ``stage.option=value`` and ``name=@file``."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

TABLES = (".csv", ".tsv", ".parquet", ".feather", ".xlsx")
"""What cannot be given as it is: the types of its columns are decided where it is loaded."""


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
            raise _refused("-o", f"{text!r}: write stage.option=value, e.g. -o compare.alpha=0.01")
        overrides.setdefault(stage, {})[option] = _yaml(value, "-o", repr(text))
    return overrides


def parse_options(given: Iterable[str]) -> dict[str, Any]:
    """Return options of one stage from ``option=value``; values are read as in a YAML spec.

    Raises:
        click.BadParameter: One is not of that form.
    """
    options: dict[str, Any] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not (equals and name):
            raise _refused("-o", f"{text!r}: write option=value, e.g. -o alpha=0.01")
        options[name] = _yaml(value, "-o", repr(text))
    return options


def assigned_files(given: Iterable[str]) -> dict[str, Path]:
    """Return name to file for what is given as ``name=@file``."""
    pairs = (text.partition("=") for text in given)
    return {name: Path(value[1:]) for name, _, value in pairs if value.startswith("@")}


def parse_assigns(given: Iterable[str]) -> dict[str, Any]:
    """Return the values to start with from ``name=@file`` or ``name=value``.

    A ``.json``, ``.jsonl``, ``.yaml``, ``.yml`` or ``.toml`` file gives what it holds, any other file of text its text.

    Raises:
        click.BadParameter: One is not of that form, or its file is a table, cannot be read or is not what it claims.
    """
    assigns: dict[str, Any] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name.isidentifier():
            raise _refused("--assign", f"{text!r}: write name=@file or name=value; a name has letters, digits and '_'")
        assigns[name] = _content(Path(value[1:])) if value.startswith("@") else _yaml(value, "--assign", repr(text))
    return assigns


def _content(path: Path) -> Any:
    suffix = path.suffix.lower()
    if suffix in TABLES:
        raise _refused("--assign", f"{path}: a table is read by a stage such as load_dataset; or give it as .jsonl")
    text = _text(path)
    if suffix == ".jsonl":  # not splitlines(): JSON strings may hold what Unicode calls a line separator
        lines = enumerate(text.split("\n"), start=1)
        return [_json(line, f"{path}:{number}") for number, line in lines if line.strip()]
    if suffix == ".json":
        return _json(text, str(path))
    if suffix == ".toml":
        return _toml(text, path)
    return _yaml(text, "--assign", str(path)) if suffix in (".yaml", ".yml") else text


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise _refused("--assign", f"cannot read {path}: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise _refused("--assign", f"{path} is not UTF-8 text (byte {error.start})") from None


def _json(text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise _refused("--assign", f"{where}: not JSON: {error}") from None
    except RecursionError:
        raise _refused("--assign", f"{where}: nested too deeply") from None


def _toml(text: str, path: Path) -> Any:
    import tomllib

    try:
        return tomllib.loads(text)
    except ValueError as error:
        raise _refused("--assign", f"{path}: not TOML: {error}") from None


def _yaml(text: str, flag: str, where: str) -> Any:
    from crucible_core.ir import SpecError
    from crucible_core.ir.yaml_reading import YamlReader

    reader = YamlReader(text, where)
    try:
        reader.read()
    except SpecError as error:
        raise _refused(flag, str(error)) from None
    return reader.data


def _refused(flag: str, message: str) -> click.BadParameter:
    return click.BadParameter(message, param_hint=flag)
