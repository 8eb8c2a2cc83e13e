"""Find payment card numbers: length and range of the issuer, grouping, and the Luhn check digit."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from crucible_core.stages.guardrails.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

# Issuer identification numbers (ISO/IEC 7812) as the networks publish them: lowest and highest first digits, lengths.
_ISSUERS = (
    ("4", "4", (13, 16, 19)),  # Visa
    ("51", "55", (16,)),  # Mastercard
    ("2221", "2720", (16,)),  # Mastercard, the range opened in 2017
    ("34", "34", (15,)),  # American Express
    ("37", "37", (15,)),
    ("6011", "6011", (16, 17, 18, 19)),  # Discover
    ("644", "659", (16, 17, 18, 19)),
    ("300", "305", (14, 15, 16, 17, 18, 19)),  # Diners Club
    ("36", "36", (14, 15, 16, 17, 18, 19)),
    ("38", "39", (14, 15, 16, 17, 18, 19)),
    ("3528", "3589", (16, 17, 18, 19)),  # JCB
    ("62", "62", (16, 17, 18, 19)),  # UnionPay
    ("81", "81", (16, 17, 18, 19)),
    ("50", "50", (13, 14, 15, 16, 17, 18, 19)),  # Maestro
    ("56", "58", (13, 14, 15, 16, 17, 18, 19)),
    ("6304", "6304", (13, 14, 15, 16, 17, 18, 19)),
    ("6759", "6763", (13, 14, 15, 16, 17, 18, 19)),
    ("2200", "2204", (16, 17, 18, 19)),  # Mir
)
_GROUPINGS = frozenset({(4, 4, 4, 4), (4, 6, 5), (4, 6, 4), (4, 4, 4, 4, 1), (4, 4, 4, 4, 2), (4, 4, 4, 4, 3)})
_OTHER_NUMBER = re.compile(r"(?:\b(?:ean|gtin|isbn|barcode|tracking)\b[\w .:#-]{0,12})$", re.IGNORECASE)
_DIGITS = re.compile(r"\d+")

_GLUED_AFTER = re.compile(r"\w|\.\d")

# Possessive, and never begun in the middle of a run, so that a long run of digits is read once.
_RUN = r"(?<!\w)(?<!\d[.+ \u00a0\u2009\u202f-])[0-9]++(?:[ \u00a0\u2009\u202f-][0-9]++)*+"


def passes_luhn(digits: str) -> bool:
    """Tell whether the last of `digits` is the Luhn check digit of the others (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value  # noqa: PLR2004 - the sum of the digits of a two-digit product
    return total % 10 == 0


def is_card_number(digits: str) -> bool:
    """Tell whether `digits`, without separators, has an issuer's range and length and passes Luhn."""
    return passes_luhn(digits) and any(
        len(digits) in lengths and low <= digits[: len(low)] <= high for low, high, lengths in _ISSUERS
    )


def find_card_numbers(text: str) -> Iterator[tuple[int, int]]:
    """Yield the `(start, end)` of card numbers in `text`, plain or grouped as printed on cards."""
    for start, end in CARD_RULE.spans(text):
        groups = [match.span() for match in _DIGITS.finditer(text, start, end)]
        yield from _windows(text, groups)


def _windows(text: str, groups: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the windows of consecutive digit groups that form a card number, longest first at each place."""
    first = 0
    while first < len(groups):
        for count in (5, 4, 3, 1):
            window = groups[first : first + count]
            if len(window) == count and _is_card(text, window):
                yield window[0][0], window[-1][1]
                first += count - 1
                break
        first += 1


def _is_card(text: str, window: list[tuple[int, int]]) -> bool:
    shape = tuple(end - start for start, end in window)
    if len(shape) > 1 and shape not in _GROUPINGS:
        return False
    if len({text[left[1]] for left, _ in pairwise(window)}) > 1:
        return False
    start, end = window[0][0], window[-1][1]
    digits = "".join(text[left:right] for left, right in window)
    if not is_card_number(digits) or _GLUED_AFTER.match(text, end):
        return False
    return not _OTHER_NUMBER.search(text[max(0, start - 24) : start])


CARD_RULE = Rule(
    "pii.credit_card.luhn",
    "pii",
    "credit_card",
    _RUN,
    "high",
    "13 to 19 digits in an issuer's range, plain or grouped as on cards, that pass Luhn.",
)
