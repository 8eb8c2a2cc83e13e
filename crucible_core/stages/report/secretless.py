"""What stages left, without the values of secret options that may be in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from crucible_core.contract.persistent import FrozenMap, Rows
from crucible_core.contract.report_parts import Figure, Table, Text
from crucible_core.contract.verdict import Verdict

if TYPE_CHECKING:
    from crucible_core.contract.context import Context

_PARTS = (Figure, Table, Text, Verdict)


def without_secrets(context: Context) -> Context:
    """Return a context to report on: in its texts asterisks stand for secrets, before anything escapes a letter.

    Values that are neither texts nor made of texts stay what they are.
    """
    runtime = context.runtime
    if not runtime.has_secrets:
        return context
    for room in ("metrics", "artifacts"):
        context = context._with(room, FrozenMap(_hidden(dict(getattr(context, room)), runtime.hide_secrets)))
    experiment = context.experiment
    if experiment is not None and experiment.description:
        described = experiment.model_copy(update={"description": runtime.hide_secrets(experiment.description)})
        context = context._with("experiment", described)
    context = context._with("outputs", Rows(_hidden(list(context.outputs), runtime.hide_secrets)))
    return context._with("_verdicts", Rows(_hidden(list(context.verdicts), runtime.hide_secrets)))


def _hidden(value: Any, hide: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return hide(value)
    if isinstance(value, Mapping):
        return {_hidden(key, hide): _hidden(each, hide) for key, each in value.items()}
    if isinstance(value, (list, tuple)) and type(value) in (list, tuple):
        return type(value)(_hidden(each, hide) for each in value)
    if isinstance(value, _PARTS):
        return replace(value, **{each.name: _hidden(getattr(value, each.name), hide) for each in fields(value)})
    return value
