"""What a run can be asked for, checked before anything is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crucible_core.ir.errors import CrucibleError
from crucible_core.pipeline.options import OptionMode
from crucible_core.pipeline.termination import MAX_GRACE_S

DURABILITIES = ("process", "power")
"""What a completed stage survives: the end of the process, or a power cut as well."""


def option_mode(name: str) -> OptionMode:
    """Return how strictly options are checked.

    Raises:
        CrucibleError: There is no such mode.
    """
    if name not in list(OptionMode):
        raise CrucibleError(f"validate_options {name!r}: choose one of {', '.join(OptionMode)}")
    return OptionMode(name)


def check_given(assigns: Any, rows: list[Any], facts: Any, observers: list[Any], cancel: Any) -> None:
    """Refuse, before anything is written, values that no run can begin with.

    Raises:
        CrucibleError: One of them; the message says which, and what to give.
    """
    for name, value in (("assigns", assigns), ("telemetry_context", facts)):
        if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
            raise CrucibleError(f"{name}: give a mapping with names as keys, got {value!r:.60}")
    for index, row in enumerate(rows):
        if not isinstance(row, Mapping):
            raise CrucibleError(f"outputs[{index}]: give a mapping from field names to values, got {row!r:.60}")
    for index, observer in enumerate(observers):
        if not callable(observer):
            raise CrucibleError(f"observers[{index}]: give a function of one event, got {observer!r:.60}")
    if cancel is not None and not callable(getattr(cancel, "is_set", None)):
        raise CrucibleError(f"cancel: give something with is_set(), such as a threading.Event, got {cancel!r:.60}")


def waits_for_the_disk(durability: str) -> bool:
    """Tell whether a run of this durability waits for the disk.

    Raises:
        CrucibleError: There is no such durability.
    """
    if durability not in DURABILITIES:
        raise CrucibleError(f"durability {durability!r}: choose one of {', '.join(DURABILITIES)}")
    return durability == "power"


def checked_seed(seed: int | None) -> int | None:
    """Return a seed, or None where none was given.

    Raises:
        CrucibleError: It is no integer from 0 on.
    """
    if seed is None:
        return None
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise CrucibleError(f"seed {seed!r}: give an integer from 0 on")
    return seed


def check_grace(grace_s: float) -> None:
    """Refuse what is no time that a stage could be given to end.

    Raises:
        CrucibleError: It is no number, or out of range.
    """
    if isinstance(grace_s, bool) or not isinstance(grace_s, (int, float)) or not 0 <= grace_s <= MAX_GRACE_S:
        raise CrucibleError(f"grace_s {grace_s!r}: give a number of seconds from 0 to {MAX_GRACE_S:g}")
