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

# What may be written against a card number: words that speak of one, and nothing else.
_GLUED_BEFORE = re.compile(
    r"(?:\w(?<!card)(?<!card_)(?<!\bpan)(?<!visa)(?<!amex)(?<!\bcc)(?<!\bnr)(?<!number)|\d\.)$", re.IGNORECASE
)
_GLUED_AFTER = re.compile(r"(?!exp|cvv|cvc|valid)\w|\.\d", re.IGNORECASE)
_MONTH_AND_YEAR = re.compile(r"(?:0[1-9]|1[0-2])\d\d")
_GROUP = 4

# Possessive, and never begun in the middle of a run, so that a long run of digits is read once.
_BETWEEN = r"[ \u00a0\u2009\u202f./_-]"
_RUN = rf"(?<![0-9])(?<!\d{_BETWEEN})(?<!\d\+)[0-9]++(?:{_BETWEEN}[0-9]++)*+"


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
        count = _card_at(text, groups, first)
        if count and not _goes_on(text, groups, first, count):
            yield groups[first][0], groups[first + count - 1][1]
            first += count - 1
        first += 1


def _card_at(text: str, groups: list[tuple[int, int]], first: int) -> int:
    """Return how many groups, from the first on, form a card number; 0 if none do."""
    windows = ((count, groups[first : first + count]) for count in (5, 4, 3, 1))
    return next((count for count, window in windows if len(window) == count and _is_card(text, window)), 0)


def _goes_on(text: str, groups: list[tuple[int, int]], first: int, count: int) -> bool:
    """Tell whether a grouped number goes on behind the card number it begins with.

    Two or three more digits may be a month or a check value, four a month and a year, or the beginning of another card.
    """
    after = first + count
    if count == 1 or after == len(groups) or text[groups[first][1]] != text[groups[after - 1][1]]:
        return False
    digits = text[slice(*groups[after])]
    if len(digits) == _GROUP:
        return not _MONTH_AND_YEAR.fullmatch(digits) and not _card_at(text, groups, after)
    return len(digits) == 1


def _is_card(text: str, window: list[tuple[int, int]]) -> bool:
    shape = tuple(end - start for start, end in window)
    if len(shape) > 1 and shape not in _GROUPINGS:
        return False
    if len({text[left[1]] for left, _ in pairwise(window)}) > 1:
        return False
    start, end = window[0][0], window[-1][1]
    digits = "".join(text[left:right] for left, right in window)
    before = text[max(0, start - 24) : start]
    if not is_card_number(digits) or _GLUED_AFTER.match(text, end) or _GLUED_BEFORE.search(before):
        return False
    return not _OTHER_NUMBER.search(before)


CARD_RULE = Rule(
    "pii.credit_card.luhn",
    "pii",
    "credit_card",
    _RUN,
    "high",
    "13 to 19 digits in an issuer's range, plain or grouped as on cards, that pass Luhn.",
)
