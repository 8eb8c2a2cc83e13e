"""A bound that a metric of a run is held to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import isinf
from typing import TYPE_CHECKING, Any, Self

from pydantic import model_validator

from crucible_core.ir.errors import CrossFieldError, describe_value
from crucible_core.ir.model import IRModel
from crucible_core.ir.scalars import Number

if TYPE_CHECKING:
    from pydantic import GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema

_SIGNS = {"min": ">=", "above": ">", "max": "<=", "below": "<"}
_FIELDS = {sign: field for field, sign in _SIGNS.items()}
_BOUND = r"\s*(>=|<=|>|<)\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*"
_FORMS = "a bound such as '>= 0.9', '< 1' or '> 0, <= 3'"


class QualityTarget(IRModel):
    """One or two bounds of a metric; in a spec also as text: '>= 0.9', '> 0.5, <= 1'."""

    min: Number | None = None
    """The metric must be at least this."""
    max: Number | None = None
    """The metric must be at most this."""
    above: Number | None = None
    """The metric must be greater than this."""
    below: Number | None = None
    """The metric must be less than this."""

    def admits(self, value: float) -> bool:
        """Say whether a value keeps to the bounds; NaN never does."""
        return (
            value == value  # noqa: PLR0124  # the cheapest test for NaN
            and (self.min is None or value >= self.min)
            and (self.max is None or value <= self.max)
            and (self.above is None or value > self.above)
            and (self.below is None or value < self.below)
        )

    def __str__(self) -> str:
        bounds = [(sign, getattr(self, field)) for field, sign in _SIGNS.items()]
        return ", ".join(f"{sign} {bound:.15g}" for sign, bound in bounds if bound is not None)

    @model_validator(mode="before")
    @classmethod
    def _parse(cls, data: Any) -> Any:
        """Turn text into bounds."""
        if isinstance(data, (str, Mapping, QualityTarget)):
            return parse_bounds(data) if isinstance(data, str) else data
        number = isinstance(data, (int, float)) and not isinstance(data, bool)
        meant = f"; write '>= {data!r}' or '<= {data!r}'" if number else ""
        raise CrossFieldError(f"expected {_FORMS}, got {describe_value(data)}{meant}")

    @model_validator(mode="after")
    def _can_be_met(self) -> Self:
        lower, upper = (self.min, self.above), (self.max, self.below)
        if all(bound is None for bound in lower + upper):
            raise CrossFieldError("a quality target needs at least one of min, max, above, below")
        if None not in lower or None not in upper:
            raise CrossFieldError("min excludes above, and max excludes below: one bound on each side")
        low = next((bound for bound in lower if bound is not None), float("-inf"))
        high = next((bound for bound in upper if bound is not None), float("inf"))
        closed = self.min is not None and self.max is not None
        if low > high or (low == high and not closed):
            raise CrossFieldError(f"no value can be {self}")
        return self

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Describe both forms: text, and a mapping with at least one bound."""
        json_schema = super().__get_pydantic_json_schema__(schema, handler)
        definition = handler.resolve_ref_schema(json_schema)
        mapping = {**definition, "minProperties": 1}
        definition.clear()
        title, description = mapping.pop("title"), mapping.pop("description")
        text = {"type": "string", "pattern": f"^{_BOUND}(,{_BOUND})?$"}
        definition.update(title=title, description=description, anyOf=[text, mapping])
        return json_schema


def parse_bounds(text: str) -> dict[str, float]:
    """Read bounds such as '>= 0.9' or '> 0, < 1' into the fields of a quality target.

    Raises:
        ValueError: The text is no such thing.
    """
    bounds: dict[str, float] = {}
    for part in text.split(","):
        match = re.fullmatch(_BOUND, part)
        if match is None or _FIELDS[match[1]] in bounds:
            raise ValueError(f"expected {_FORMS}, got {describe_value(text)}")
        bounds[_FIELDS[match[1]]] = number = float(match[2])
        if isinf(number):
            raise ValueError(f"expected a bound that is finite, got {describe_value(text)}")
    return bounds
