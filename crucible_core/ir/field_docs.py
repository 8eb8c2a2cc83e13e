"""The docstrings that follow the fields of a class in its source."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

_KEPT = 512


@lru_cache(_KEPT)
def field_docs(cls: type) -> Mapping[str, str]:
    """Return field name -> docstring, from the source of a class; empty where there is no source.

    Reading the source when a JSON Schema is made, and not when the class is, keeps importing the IR cheap.
    """
    import ast
    import inspect
    import textwrap
    from itertools import pairwise

    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(cls)))
    except (OSError, TypeError):
        return {}
    (definition,) = tree.body
    body = definition.body if isinstance(definition, ast.ClassDef) else []
    docs: dict[str, str] = {}
    for field, text in pairwise(body):
        if not isinstance(field, ast.AnnAssign) or not isinstance(field.target, ast.Name):
            continue
        if isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant) and isinstance(text.value.value, str):
            docs[field.target.id] = inspect.cleandoc(text.value.value)
    return docs
