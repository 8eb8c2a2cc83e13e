"""Pydantic models of typed dicts, for their JSON Schema alone.

Pydantic reads ``typing.TypedDict`` itself from Python 3.12 on; until then it asks for a backport.
"""

from __future__ import annotations

from typing import Any, get_args, get_origin, get_type_hints, is_typeddict

from pydantic import BaseModel, create_model

from crucible_core.trace.payloads import Record


def model_of(kind: Any) -> type[BaseModel]:
    """Return a closed model with the keys of a typed dict, all required, under its name and docstring."""
    fields: dict[str, Any] = {name: (_inner(hint), ...) for name, hint in get_type_hints(kind).items()}
    return create_model(kind.__name__, __base__=Record, __doc__=kind.__doc__, **fields)


def _inner(hint: Any) -> Any:
    if is_typeddict(hint):
        return model_of(hint)
    arguments = get_args(hint)
    if get_origin(hint) is list:
        return list[_inner(arguments[0])]  # type: ignore[misc]  # a type made at run time
    if type(None) in arguments:
        return _inner(next(each for each in arguments if each is not type(None))) | None
    return hint
