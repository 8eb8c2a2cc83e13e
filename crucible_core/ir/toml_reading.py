"""Read TOML."""

from __future__ import annotations

import re
from datetime import date, time
from typing import Any, NoReturn

from crucible_core.ir.errors import Location, SpecError
from crucible_core.ir.positions import LineStarts

_AT = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


def read_toml(text: str, file: str) -> Any:
    """Return the data of a TOML text; dates and times become their ISO 8601 text, as in YAML and JSON.

    Raises:
        SpecError: The text is not TOML.
    """
    import tomllib

    try:
        return _like_json(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        found = _AT.search(str(error))
        message = str(error)[: found.start()] if found else str(error)
        if found and found[1]:
            _refuse(message, file, int(found[1]), int(found[2]))
        _refuse(message + " at the end of the file", file, *LineStarts(text).locate(len(text)))
    except RecursionError:
        _refuse("nested too deeply", file, 1, None)
    except ValueError as error:
        _refuse(str(error), file, 1, None)


def _refuse(message: str, file: str, line: int, column: int | None) -> NoReturn:
    raise SpecError.of(f"not valid TOML: {message}", location=Location(file, line, column)) from None


def _like_json(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _like_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_like_json(item) for item in value]
    return value.isoformat() if isinstance(value, (date, time)) else value
