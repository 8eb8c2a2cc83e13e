"""Compute how often the guardrails take the numbers of ordinary columns for personal data, for guardrails.md."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

from crucible_core.stages.guardrails import BuiltinAdapter
from crucible_core.stages.guardrails.payment_card import is_card_number
from crucible_core.stages.guardrails.rows import Scan, flagged_texts

PAGE = Path(__file__).resolve().parents[1] / "docs" / "guardrails.md"
BEGIN, END = "<!-- numbers: begin -->", "<!-- numbers: end -->"
ROWS = 1000
SEED = 20261124

_FIRST, _LAST = 1_000_000_000, 2_000_000_000  # seconds since 1970: the years 2001 to 2033
_CARD_BEGINNINGS = ("4", "51", "53", "2223", "6011", "3528")


def _below(digits: int) -> Callable[[Random], int]:
    return lambda rng: rng.randrange(10 ** (digits - 1), 10**digits)


def _card(rng: Random) -> int:
    begun = rng.choice(_CARD_BEGINNINGS)
    number = begun + "".join(rng.choices("0123456789", k=15 - len(begun)))
    return next(int(number + digit) for digit in "0123456789" if is_card_number(number + digit))


def _american(rng: Random) -> int:
    area = f"{rng.randrange(2, 10)}{rng.randrange(90):02}"
    return int(f"1{area}{rng.randrange(220, 1000)}{rng.randrange(10**4):04}")


COLUMNS: tuple[tuple[str, str, Callable[[Random], int | float]], ...] = (
    ("seen_at", "seconds since 1970", lambda rng: rng.randrange(_FIRST, _LAST)),
    ("seen_at", "milliseconds since 1970", lambda rng: rng.randrange(_FIRST * 10**3, _LAST * 10**3)),
    ("seen_at", "microseconds since 1970", lambda rng: rng.randrange(_FIRST * 10**6, _LAST * 10**6)),
    ("seen_at", "nanoseconds since 1970", lambda rng: rng.randrange(_FIRST * 10**9, _LAST * 10**9)),
    ("amount", "file sizes, lognormal", lambda rng: int(rng.lognormvariate(13, 4))),
    ("price", "prices with cents", lambda rng: rng.randrange(1, 10**8) / 100),
    ("population", "whole numbers as floats", lambda rng: float(rng.randrange(10**9))),
    ("order", "10 random digits", _below(10)),
    ("order", "13 random digits", _below(13)),
    ("order", "16 random digits", _below(16)),
    ("order_id", "16 random digits", _below(16)),
    ("fingerprint", "64 random bits", lambda rng: rng.getrandbits(63)),
    ("number", "payment cards", _card),
    ("phone", "North American, with the 1", _american),
    ("phone", "North American, without it", lambda rng: _american(rng) - 10**10),
    ("mobile_number", "German mobile, 13 digits", lambda rng: 4915 * 10**9 + rng.randrange(10**9)),
    ("contact", "North American, with the 1", _american),
)
"""Name of the column, what is in it, and what makes a value."""


def flagged(name: str, make: Callable[[Random], int | float], *, asked: bool) -> int:
    """Return how many of `ROWS` values of a column are flagged as personal data, under the default profile."""
    rng = Random(f"{SEED}/{name}")  # noqa: S311 - not for secrets
    asked_for = frozenset({name}) if asked else frozenset()
    scan = Scan(BuiltinAdapter(), frozenset({"pii"}), ["default"], asked_for)
    return sum(any(flagged_texts({name: make(rng)}, scan)) for _ in range(ROWS))


def render() -> str:
    """Return the table in Markdown."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield f"| column | {ROWS} numbers of it | flagged | flagged, named in `fields` |"
    yield "|---|---|---|---|"
    for name, what, make in COLUMNS:
        shares = " | ".join(f"{flagged(name, make, asked=asked) / ROWS:.1%}" for asked in (False, True))
        yield f"| `{name}` | {what} | {shares} |"


def with_numbers(page: str) -> str:
    """Return the page with the table of what the code computes."""
    before, _, rest = page.partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        raise ValueError(f"{PAGE.name} must hold {BEGIN!r} and {END!r}, around the place of the table")
    return f"{before}{BEGIN}\n{render()}\n{END}{after}"


def main() -> int:
    """Rewrite the table of the page."""
    PAGE.write_text(with_numbers(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
