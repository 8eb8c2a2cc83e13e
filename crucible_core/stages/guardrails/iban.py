"""Find international bank account numbers (IBAN): the country's length and the check digits modulo 97."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crucible_core.stages.guardrails.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

# Lengths by country of the IBAN registry that SWIFT keeps for ISO 13616-2.
_LENGTHS_TEXT = """
AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18
FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20
LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24
SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30
"""
IBAN_LENGTHS = {entry[:2]: int(entry[2:]) for entry in _LENGTHS_TEXT.split()}
"""Number of characters of an IBAN, by ISO 3166 code of the country."""

_CHARACTER = re.compile(r"[A-Za-z0-9]")
_BLANKS = " \u00a0-"


def is_iban(number: str) -> bool:
    """Tell whether `number`, without separators and in capitals, has its country's length and the right check digits.

    The first four characters move to the end, letters become 10 to 35, and the number must leave 1 when divided by 97
    (ISO 13616-1 with ISO 7064, MOD 97-10).
    """
    if len(number) != IBAN_LENGTHS.get(number[:2]):
        return False
    return int("".join(str(int(character, 36)) for character in number[4:] + number[:4])) % 97 == 1


def find_ibans(text: str) -> Iterator[tuple[int, int]]:
    """Yield the `(start, end)` of IBANs in `text`, plain or in groups of up to four set apart by single blanks."""
    for start, _ in IBAN_RULE.spans(text):
        end = _end_of_number(text, start)
        if end is not None:
            yield start, end


def _end_of_number(text: str, start: int) -> int | None:
    length = IBAN_LENGTHS.get(text[start : start + 2].upper())
    if length is None:
        return None
    end, characters = start, ""
    while end < len(text) and len(characters) < length:
        if _CHARACTER.match(text[end]):
            characters += text[end].upper()
        elif text[end] not in _BLANKS or text[end - 1] in _BLANKS:
            return None
        end += 1
    whole = end == len(text) or not re.match(r"\w", text[end])
    return end if whole and is_iban(characters) else None


IBAN_RULE = Rule(
    "pii.iban.mod_97",
    "pii",
    "iban",
    r"(?<![A-Za-z0-9])[A-Za-z]{2}[0-9]{2}(?=[ \u00a0-]?[A-Za-z0-9])",
    "high",
    "A country code, its registered length and check digits that are right modulo 97.",
)
