"""The experiment as its record tells it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crucible_core.contract.json_values import REDACTED, as_record
from crucible_core.contract.type_spec import is_secret
from crucible_core.runs.secret_values import texts_in

if TYPE_CHECKING:
    from crucible_core.pipeline.plan import Plan
    from crucible_core.runs.secret_values import OptionTypes


def recorded_spec(plan: Plan, types_of: OptionTypes) -> dict[str, Any]:
    """Return the fields of the experiment that were set, as JSON values, options that are secrets as asterisks.

    Of a stage whose options have types that cannot be known, every option that holds text is one.
    """
    spec: dict[str, Any] = as_record(plan.experiment.to_dict(only_set=True))
    for planned, definition in zip(plan.stages, spec["pipeline"], strict=True):
        if definition.get("options"):
            definition["options"] = _redacted(definition["options"], types_of(planned))
    return spec


def _redacted(options: Mapping[str, Any], types: Mapping[str, Any] | None) -> dict[str, Any]:
    def hides(name: str, value: Any) -> bool:
        return any(texts_in(value)) and (types is None or is_secret(types.get(name)))

    return {name: REDACTED if hides(name, value) else value for name, value in options.items()}
