"""Find e-mail addresses."""

from __future__ import annotations

import re

from crucible_core.stages.guardrails.rule import Rule

_FILE_SUFFIXES = frozenset(
    {"png", "jpg", "jpeg", "gif", "svg", "webp", "bmp", "ico", "pdf", "css", "js", "html", "json"}
)
_USER_OF_URL = re.compile(r"://(?:[^\s/@]{1,64}:)?$")
_LOCAL, _DOMAIN = 64, 255  # octets, RFC 5321 section 4.5.3.1


def _is_address(match: re.Match[str]) -> bool:
    local, _, domain = match.group().rpartition("@")
    if len(local) > _LOCAL or len(domain) > _DOMAIN or ".." in local or local.endswith("."):
        return False
    if domain.rpartition(".")[2].lower() in _FILE_SUFFIXES:
        return False
    return not _USER_OF_URL.search(match.string[max(0, match.start() - 70) : match.start()])


# The local part is what people have, letters of any script included, not all that RFC 5322 allows (no quoted strings).
# A colon and a path after the domain make it an address of scp or git.
_DOMAIN_NAME = r"(?:[^\W_](?:[^\W_]|-(?!\.)){0,62}\.){1,8}[^\W\d_]{2,63}(?![\w@-]|\.\w|:[\w~/])"
_AT, _DOT = (rf" ?[\[({{] ?{word} ?[\])}}] ?" for word in ("at", "dot"))

EMAIL_RULES = (
    Rule(
        "pii.email.address",
        "pii",
        "email",
        rf"(?<![\w.%+-])\w[\w.%+'-]{{0,63}}@{_DOMAIN_NAME}",
        "medium",
        "A local part and a domain name with a top level of letters.",
        _is_address,
    ),
    Rule(
        "pii.email.bracketed",
        "pii",
        "email",
        rf"(?i)(?<![\w.%+-])\w[\w.%+'-]{{0,63}}{_AT}(?:[a-z0-9-]{{1,63}}(?:{_DOT}|\.)){{1,8}}[a-z]{{2,63}}(?!\w)",
        "medium",
        "An address that writes [at] and [dot] against collectors.",
    ),
)
