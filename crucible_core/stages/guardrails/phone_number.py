"""Find telephone numbers: international ones, and the commonest national ways to write them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crucible_core.stages.guardrails.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Callable

# Country calling codes assigned by ITU-T E.164.
_COUNTRY_CODE = re.compile(
    r"1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|(?:2[1-69]|3[578]|42|5[09]|6[7-9]|8[0578]|9[679])\d"
)
_SHORTEST, _LONGEST = 8, 15  # digits with the country code; E.164 allows 15, shorter than 8 is rarely dialled
_LONG_CODES = 11  # digits of a number in the plans of +1 and +7
_UNSPACED = 10  # a plain run after a plus sign must be this long, lest it be a signed quantity
_TRUNK = range(9, 12)  # digits of a national number written with its trunk prefix 0
_AFTER_CUE = range(7, 13)  # digits of a number that a cue announces; longer ones must begin with a country code
_CUE = re.compile(
    r"(?<!\[)\b(?P<cue>(?:cell|mobile|tele?)?phones?|tele?(?:ph|f)on\w{0,2}|tel|mobile|cell|call|fax|text|whatsapp|sms|ring|"
    r"dial|handy|msisdn|m[oó]vil|reach (?:me|us))(?: ?(?:no|nr|num|number)s?)?\b(?P<rest>[^\n\d]{0,20})$",
    re.IGNORECASE,
)
_OTHER_NUMBER = re.compile(
    r"\b(?:isbn|issn|order|invoice|ref(?:erence)?|ticket|case|serial|part|sku|tracking|version|build|id|commit|account|item|"
    r"model|doi|patent|batch|lot|container|room|page|no|nr)\b[ .:#-]{0,3}(?:(?:no|nr|number|id)\b)?[ .:#-]{0,3}$",
    re.IGNORECASE,
)
_ZIP_PLUS_FOUR = re.compile(r"0\d{4}-\d{4}")
_DATE = re.compile(r"\d{2}([./-])\d{2}\1\d{4}|\d{4}([./-])\d{2}\2\d{2}")

_OPEN = r"(?<![\w+#/(])(?<!\d[.:-])(?<!\w-)"  # not glued to a word or a longer number
_CLOSED = r"(?!\w|[-.:/]\d)"


def _digits(written: str) -> str:
    return re.sub(r"\D", "", written)


def _before(match: re.Match[str]) -> str:
    return match.string[max(0, match.start() - 40) : match.start()]


def _is_international(match: re.Match[str]) -> bool:
    written = match.group()
    digits = _digits(written.replace("(0)", ""))
    if written.startswith("00"):
        digits = digits[2:]
    if not _follows_e164(digits):
        return False
    spaced = len(written) - len(digits) > 1
    return (spaced or len(digits) >= _UNSPACED) and not digits.endswith("00000")


def _follows_e164(digits: str) -> bool:
    """Tell whether digits begin with an assigned country code and are as many as its plan allows."""
    code = _COUNTRY_CODE.match(digits)
    if code is None or not _SHORTEST <= len(digits) <= _LONGEST:
        return False
    return code.group() not in {"1", "7"} or len(digits) == _LONG_CODES


def _is_american(match: re.Match[str]) -> bool:
    return not _OTHER_NUMBER.search(_before(match))


def _is_trunk(match: re.Match[str]) -> bool:
    written = match.group()
    separators = set(re.findall(r"(?<=\d)\D(?=\d)", written[5:]))
    if len(_digits(written)) not in _TRUNK or len(separators) > 1:
        return False
    if _DATE.match(written) or _ZIP_PLUS_FOUR.fullmatch(written):
        return False
    return not _OTHER_NUMBER.search(_before(match))


def _has_cue(match: re.Match[str]) -> bool:
    digits, cue = _digits(match.group()), _CUE.search(_before(match))
    if cue is None or _OTHER_NUMBER.search(cue["rest"]) or _DATE.match(match.group()):
        return False
    return len(digits) in _AFTER_CUE or (len(digits) > _AFTER_CUE[-1] and _follows_e164(digits))


def _phone(variant: str, pattern: str, description: str, accepts: Callable[[re.Match[str]], bool]) -> Rule:
    return Rule(f"pii.phone.{variant}", "pii", "phone", pattern, "medium", description, accepts)


PHONE_RULES = (
    _phone(
        "international",
        rf"(?:(?<=\()|{_OPEN})(?:\+|00)[1-9](?:[ \u00a0./-]?\(?\d(?:\)(?=[ .-]?\d))?){{6,17}}{_CLOSED}",
        "A plus sign or 00, an assigned country code and 8 to 15 digits in all.",
        _is_international,
    ),
    _phone(
        "north_america",
        rf"{_OPEN}(?:1[-. ])?(?:\([2-9][0-8]\d\) ?|[2-9][0-8]\d[-. ])(?!\d11)[2-9]\d\d[-. ]\d{{4}}{_CLOSED}",
        "Three, three and four digits as the North American plan allows them, set apart.",
        _is_american,
    ),
    _phone(
        "trunk_prefix",
        rf"{_OPEN}(?:\(0[1-9]\d{{0,4}}\)|0[1-9]\d{{0,4}})(?:[ \u00a0./-]\d{{2,8}}){{1,5}}{_CLOSED}",
        "The trunk prefix 0 of most national plans, 9 to 11 digits, set apart.",
        _is_trunk,
    ),
    _phone(
        "after_a_cue",
        rf"{_OPEN}(?:\d{{7,15}}|\(?\d{{1,5}}\)?(?:[ \u00a0.-]\d{{1,5}}){{1,6}}){_CLOSED}",
        "7 to 12 digits, or more that begin with a country code, after a word such as phone, call or fax.",
        _has_cue,
    ),
)
