"""How a secret looks where something quotes it: escaped for JSON, HTML and addresses, in base64 and in hex."""

from __future__ import annotations

from collections.abc import Iterator

from crucible_core.contract.json_values import as_text

__all__ = ["forms_of"]

_DERIVED = 4
"""Characters of a secret; forms of a shorter one turn up by chance."""
_SHORTEST = 8
"""Characters of a form in base64 or hex, for the same reason."""


def forms_of(secret: str) -> frozenset[str]:
    """Return a secret and its other forms; of an empty one none.

    Not found is what somebody encrypts, compresses, splits or changes otherwise.
    """
    if not secret:
        return frozenset()
    forms = {secret, repr(secret)[1:-1]}
    if len(secret) >= _DERIVED:
        forms |= {*_escaped(secret), *_encoded(secret)}
    return frozenset(forms)


def _escaped(secret: str) -> Iterator[str]:
    import html
    import json
    from urllib.parse import quote, quote_plus

    for once in (as_text(secret)[1:-1], json.dumps(secret)[1:-1]):
        yield once
        yield as_text(once)[1:-1]  # JSON within JSON
        yield repr(once)[1:-1]
    yield secret.encode("ascii", "backslashreplace").decode()
    yield html.escape(secret)
    yield html.escape(secret).replace("&quot;", "&#34;").replace("&#x27;", "&#39;")  # as templates write it
    yield html.escape(secret, quote=False)
    data = secret.encode("utf-8", "surrogatepass")
    yield from (quote(data), quote(data, safe=""), quote_plus(data))


def _encoded(secret: str) -> Iterator[str]:
    import base64

    data = secret.encode("utf-8", "surrogatepass")
    forms = [data.hex(), data.hex().upper()]
    for before in range(3):  # within longer data it may begin at any of three places, as in "user:password"
        whole = base64.b64encode(bytes(before) + data).decode().rstrip("=")
        last = len(whole) - bool((len(data) + before) % 3)  # what its last letter is, what follows decides too
        inner = whole[(0, 2, 3)[before] : last]
        forms += [inner, inner.translate(str.maketrans("+/", "-_"))]
    yield from (form for form in forms if len(form) >= _SHORTEST)
