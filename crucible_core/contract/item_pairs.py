"""Values of two runs measured on the same items, and what a plugin finds of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["ItemFinding", "ItemPairs"]


@dataclass(frozen=True)
class ItemPairs:
    """One field of the items of two runs, matched.

    Args:
        field: The field, such as ``score``.
        series: What else the rows have in common: the stage that wrote them, the model; empty where they do not say.
        names: What to call the two runs.
        items: Ids of the items that both runs have a value for.
        first: Their values in the first run, all finite.
        second: Their values in the second run, in the same order.
    """

    field: str
    series: Mapping[str, Any]
    names: tuple[str, str]
    items: tuple[Any, ...]
    first: tuple[float, ...]
    second: tuple[float, ...]


@dataclass(frozen=True)
class ItemFinding:
    """Whether the difference of two runs on the same items is more than noise.

    Args:
        more_than_noise: The answer; None where it cannot be given.
        finding: The answer in a sentence, with its numbers.
        test: Name of the test it rests on; None where none could be made.
        p_value: Its p-value, corrected where several were asked at once; None where there is none.
        alpha: Up to which p-value the difference is taken for more than noise.
        difference: How much greater the second run is, in the unit of the field.
        interval: The bounds of the difference; one that is None is open.
        effect_size: The standardised difference, with the same sign.
        effect_size_name: Which measure that is.
        reason: Why there is no answer; None where there is one.
        notes: What a reader should know besides, a sentence each.
    """

    more_than_noise: bool | None
    finding: str
    test: str | None = None
    p_value: float | None = None
    alpha: float | None = None
    difference: float | None = None
    interval: tuple[float | None, float | None] | None = None
    effect_size: float | None = None
    effect_size_name: str | None = None
    reason: str | None = None
    notes: tuple[str, ...] = field(default=())

    def to_dict(self) -> dict[str, Any]:
        """Return the finding as JSON values."""
        return {
            **{name: getattr(self, name) for name in self.__dataclass_fields__},
            "interval": None if self.interval is None else list(self.interval),
            "notes": list(self.notes),
        }
