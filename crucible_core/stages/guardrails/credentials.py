"""Find keys and secrets: tokens of known shape, and values assigned to telling names."""

from __future__ import annotations

import math
import re
from collections import Counter

from crucible_core.stages.guardrails.rule import Rule

_TOKEN_ENTROPY = 3.0  # bits per character; random base 62 of 20 characters has about 4, words and counters less than 3
_LONG_SECRET = 16  # characters; shorter values are passwords, chosen by people, and need letters with digits or signs
_PLACEHOLDER = re.compile(
    r"your|example\b|changeme|placeholder|redacted|xxx|\*\*\*|\.\.\.|^(?:none|null|true|false|required|optional)$",
    re.IGNORECASE,
)


def shannon_entropy(text: str) -> float:
    """Return the entropy of the characters of `text`, in bits per character (Shannon 1948, equation 4); 0 if empty."""
    counts = Counter(text).values()
    return -sum(count / len(text) * math.log2(count / len(text)) for count in counts)


def _is_random(value: str) -> bool:
    return (
        bool(re.search(r"\d", value))
        and bool(re.search(r"[A-Za-z]", value))
        and shannon_entropy(value) >= _TOKEN_ENTROPY
    )


def _value_is_random(match: re.Match[str]) -> bool:
    return _is_random(match["value"])


def _value_is_secret(match: re.Match[str]) -> bool:
    value = match["value"]
    if _PLACEHOLDER.search(value) or not re.search(r"[A-Za-z]", value):
        return False
    if len(value) >= _LONG_SECRET:
        return _is_random(value)
    return bool(re.search(r"\d", value)) and len(set(value)) >= len(value) // 2


def _is_token_header(match: re.Match[str]) -> bool:
    """Tell whether the first part of a JSON Web Token is JSON that names an algorithm (RFC 7515, section 4.1)."""
    from crucible_core.stages.guardrails.encoded_text import decode_text

    header = decode_text(match.group().partition(".")[0])
    return header is not None and header.startswith("{") and '"alg"' in header


_KEY_LABEL = r"[A-Z0-9 ]{0,24}PRIVATE KEY(?: BLOCK)?-----"
# What is left of a key without an end: its headers, and lines of base64 alone, however they are broken and quoted.
_NEW_LINE = r"(?:[ \t\"'+,]*+(?:\r?\n|\\[nr])[ \t>\"']*+)"
_KEY_HEADERS = rf"(?:{_NEW_LINE}[A-Za-z][A-Za-z-]{{1,40}}+: [^\n\\]{{0,200}}+)*+"
_KEY_LINE = rf"{_NEW_LINE}++[A-Za-z0-9+/=]++(?=[ \t\"'+,]*+(?:[\r\n\\]|\Z))"
_KEY_BODY = rf"{_KEY_HEADERS}(?:{_KEY_LINE}|[ \t]++[A-Za-z0-9+/=]{{16,}}+)*+"
_TELLING_NAME = (
    r"(?:pass(?:word|wd|phrase)|pwd|secret(?:[_ -]?(?:access[_ -]?)?key)?|api[_ -]?key|access[_ -]?key|auth[_ -]?token|"
    r"access[_ -]?token|client[_ -]?secret|private[_ -]?key|token)"
)

_SHAPES: tuple[tuple[str, str, str], ...] = (
    ("aws_access_key", r"(?<![A-Za-z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])", "An AWS access key id."),
    ("github_token", r"(?<![A-Za-z0-9_])gh[pousr]_[A-Za-z0-9]{36,251}(?![A-Za-z0-9_])", "A GitHub token."),
    (
        "github_token.fine_grained",
        r"(?<![A-Za-z0-9_])github_pat_[A-Za-z0-9_]{22,244}(?![A-Za-z0-9_])",
        "A GitHub token.",
    ),
    (
        "gitlab_token",
        r"(?<![A-Za-z0-9_-])glpat-[A-Za-z0-9_-]{20,64}(?![A-Za-z0-9_-])",
        "A GitLab personal access token.",
    ),
    ("slack_token", r"(?<![A-Za-z0-9-])xox[abeoprs]-[A-Za-z0-9-]{10,250}(?![A-Za-z0-9-])", "A Slack token."),
    (
        "slack_token.webhook",
        r"https://hooks\.slack\.com/services/[A-Za-z0-9/]{20,80}",
        "The address of a Slack webhook.",
    ),
    ("google_api_key", r"(?<![A-Za-z0-9_-])AIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])", "A Google API key."),
    ("stripe_key", r"(?<![A-Za-z0-9_])[rs]k_(?:live|test)_[A-Za-z0-9]{16,247}(?![A-Za-z0-9_])", "A Stripe key."),
    ("huggingface_token", r"(?<![A-Za-z0-9_])hf_[A-Za-z0-9]{30,40}(?![A-Za-z0-9_])", "A Hugging Face token."),
)


def _shape(name: str, pattern: str, description: str) -> Rule:
    category, _, variant = name.partition(".")
    return Rule(f"pii.{category}.{variant or 'shape'}", "pii", category, pattern, "high", description)


CREDENTIAL_RULES = (
    Rule(
        "pii.private_key.pem",
        "pii",
        "private_key",
        rf"-----BEGIN {_KEY_LABEL}(?:(?:[^-]|-(?!----)){{0,20000}}+-----END {_KEY_LABEL}|{_KEY_BODY})",
        "high",
        "A private key in PEM armour (RFC 7468); without its last line, up to the last line of base64.",
    ),
    *(_shape(*shape) for shape in _SHAPES),
    Rule(
        "pii.llm_api_key.sk",
        "pii",
        "llm_api_key",
        r"(?<![A-Za-z0-9_-])sk-(?:proj-|svcacct-|or-v1-|ant-[a-z0-9]{2,8}-)?(?P<random>[A-Za-z0-9_-]{20,250})(?![A-Za-z0-9_-])",
        "high",
        "A key beginning with sk-, as OpenAI, Anthropic and OpenRouter issue them.",
        lambda match: _is_random(match["random"]),
    ),
    Rule(
        "pii.jwt.header",
        "pii",
        "jwt",
        r"(?<![A-Za-z0-9_.-])eyJ[A-Za-z0-9_-]{5,4000}\.[A-Za-z0-9_-]{4,8000}\.[A-Za-z0-9_-]{0,4000}",
        "high",
        "A JSON Web Token whose header names an algorithm.",
        _is_token_header,
    ),
    Rule(
        "pii.url_credentials.user_and_password",
        "pii",
        "url_credentials",
        r"(?<![A-Za-z])[A-Za-z][A-Za-z0-9+.-]{1,20}://(?P<value>[^\s/:@\[\]]{1,64}:[^\s/@\[\]]{1,128})@(?=[\w\[])",
        "high",
        "A user name and a password in a URL.",
    ),
    Rule(
        "pii.assigned_secret.bearer",
        "pii",
        "assigned_secret",
        r"(?i)\b(?:bearer|basic) (?P<value>[A-Za-z0-9._~+/-]{16,500}={0,2})(?![\w])",
        "high",
        "A random-looking value in an authorization header.",
        _value_is_random,
    ),
    Rule(
        "pii.assigned_secret.assignment",
        "pii",
        "assigned_secret",
        rf"(?i)(?<![A-Za-z]){_TELLING_NAME}[\"']?(?:[ \t]{{0,3}}(?::=|=>|:|=)[ \t]{{0,3}}| is )[\"']?"
        r"(?P<value>[^\s\"'<>(){}\[\],;]{6,200})(?![\w(\[{])",
        "high",
        "A value with letters and digits, random if long, assigned to a name such as password or api_key.",
        _value_is_secret,
    ),
)
