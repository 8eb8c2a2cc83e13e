"""Find numbers that identify a person or their machine: United States social security numbers and IP addresses."""

from __future__ import annotations

import re

from crucible_core.stages.guardrails.rule import Rule

_CUE = re.compile(r"(?:\bssns?\b|social security)[^\n\d]{0,20}$", re.IGNORECASE)
_GOODS_CUE = re.compile(
    r"\b(?:part|serial|order|invoice|sku|item|model|tracking|product|article|catalog(?:ue)?|lot|batch|drawing|isbn|ticket)s?\b"
    r"[ .:#-]{0,3}(?:(?:no|nr|num|number|id|code)\b)?[ .:#-]{0,3}$",
    re.IGNORECASE,
)
_VERSION_CUE = re.compile(r"(?:\b(?:version|chapter|section|clause|release|v|build|paragraph)|§) ?$", re.IGNORECASE)


def _has_cue(match: re.Match[str]) -> bool:
    return bool(_CUE.search(match.string[max(0, match.start() - 40) : match.start()]))


def _names_no_goods(match: re.Match[str]) -> bool:
    return not _GOODS_CUE.search(match.string[max(0, match.start() - 40) : match.start()])


def _is_public_address(match: re.Match[str]) -> bool:
    import ipaddress  # imported here since few texts hold something that looks like an address

    try:
        address = ipaddress.ip_address(match.group())
    except ValueError:
        return False
    before = match.string[max(0, match.start() - 16) : match.start()]
    return address.is_global and not address.is_multicast and not _VERSION_CUE.search(before)


# Areas 000, 666 and 900 to 999, group 00 and serial 0000 are never issued (Social Security Administration, POMS RM
# 10201.035).
_AREA, _GROUP, _SERIAL = r"(?!000|666|9)\d{3}", r"(?!00)\d{2}", r"(?!0000)\d{4}"

IDENTITY_RULES = (
    Rule(
        "pii.us_ssn.dashes",
        "pii",
        "us_ssn",
        rf"(?<![\w.-]){_AREA}-{_GROUP}-{_SERIAL}(?![\w]|-\d|\.\d)",
        "high",
        "Three, two and four digits set apart by dashes, in ranges that are issued, that number no goods.",
        _names_no_goods,
    ),
    Rule(
        "pii.us_ssn.cue",
        "pii",
        "us_ssn",
        rf"(?<![\w.-]){_AREA} ?{_GROUP} ?{_SERIAL}(?![\w]|-\d|\.\d)",
        "high",
        "Nine digits in ranges that are issued, after the words SSN or social security.",
        _has_cue,
    ),
    Rule(
        "pii.ip_address.version_4",
        "pii",
        "ip_address",
        r"(?<![\w.-])(?:\d{1,3}\.){3}\d{1,3}(?![\w]|\.\d|-\w)",
        "low",
        "A globally routed IPv4 address.",
        _is_public_address,
    ),
    Rule(
        "pii.ip_address.version_6",
        "pii",
        "ip_address",
        r"(?<![\w:.])(?=[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:]*:)[0-9A-Fa-f:]{3,39}(?![\w:])",
        "low",
        "A globally routed IPv6 address.",
        _is_public_address,
    ),
)
