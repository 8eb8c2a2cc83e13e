"""The strict scalar types of the IR: "5" is no integer, true is no integer, an integer is a float."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, Field, PlainValidator, Strict, WithJsonSchema

from crucible_core.ir.errors import describe_value
from crucible_core.ir.frozen import freeze_finite


class Expected(str):
    """What an error message says was expected where this type stands."""

    __slots__ = ()


def parse_timestamp(value: Any) -> datetime:
    """Return a datetime that knows its time zone, from a datetime or its ISO 8601 text.

    Raises:
        ValueError: It is neither, or has no time zone.
    """
    moment = value
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            moment = None
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        expected = "an ISO 8601 date and time with its zone, such as 2026-01-31T12:00:00Z"
        raise ValueError(f"expected {expected}, got {describe_value(value)}")
    return moment


Text = Annotated[str, Strict(), Expected("a string")]
Name = Annotated[str, Strict(), Field(min_length=1), Expected("a non-empty string")]
Flag = Annotated[bool, Strict(), Expected("true or false")]

PositiveInt = Annotated[int, Strict(), Field(ge=1), Expected("an integer greater than or equal to 1")]
Count = Annotated[int, Strict(), Field(ge=0), Expected("an integer greater than or equal to 0")]
Integer = Annotated[int, Strict(), Expected("an integer")]

Number = Annotated[float, Strict(), Field(allow_inf_nan=False), Expected("a finite number")]
Positive = Annotated[float, Strict(), Field(gt=0, allow_inf_nan=False), Expected("a number greater than 0")]
NonNegative = Annotated[
    float, Strict(), Field(ge=0, allow_inf_nan=False), Expected("a number greater than or equal to 0")
]
Rate = Annotated[float, Strict(), Field(ge=0, le=1, allow_inf_nan=False), Expected("a number from 0 to 1")]
Share = Annotated[
    float,
    Strict(),
    Field(ge=0, lt=1, allow_inf_nan=False),
    Expected("a number greater than or equal to 0 and less than 1"),
]
OpenRate = Annotated[
    float, Strict(), Field(gt=0, lt=1, allow_inf_nan=False), Expected("a number between 0 and 1, both excluded")
]
Percentage = Annotated[float, Strict(), Field(ge=0, le=100, allow_inf_nan=False), Expected("a number from 0 to 100")]
OpenPercentage = Annotated[
    float, Strict(), Field(gt=0, lt=100, allow_inf_nan=False), Expected("a number between 0 and 100, both excluded")
]

_IDENTIFIERS = r"[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*"
_NUMBER = r"(0|[1-9]\d*)"
_SEMVER = rf"^{_NUMBER}\.{_NUMBER}\.{_NUMBER}(-{_IDENTIFIERS})?(\+{_IDENTIFIERS})?$"
SemanticVersion = Annotated[
    str, Strict(), Field(pattern=_SEMVER), Expected("a semantic version in quotes, such as '1.0.0'")
]
PathSafeId = Annotated[
    str,
    Strict(),
    Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=128),
    Expected("1 to 128 letters, digits, '.', '_' or '-', beginning with a letter or digit"),
]

Timestamp = Annotated[
    datetime,
    PlainValidator(parse_timestamp),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
FrozenValue = Annotated[Any, AfterValidator(freeze_finite)]
