"""URLs of shared indexes."""

from __future__ import annotations

import re

_SCHEMES = ("postgresql://", "postgres://", "postgresql+psycopg://")
_PASSWORD = r"(\b[a-z][a-z0-9+.-]*://[^\s/@:]*):[^\s/@]*@"  # noqa: S105 - where passwords are
_PASSWORD_OPTION = r"([?&]password=)[^&\s]*"  # noqa: S105 - likewise


def is_url(text: str) -> bool:
    """Tell whether a text is a URL, of whatever kind, rather than a path."""
    return "://" in text


def without_password(text: str) -> str:
    """Return a text in which the passwords of URLs are asterisks.

    >>> without_password("--index=postgresql://me:secret@db/runs")
    '--index=postgresql://me:***@db/runs'
    """
    return re.sub(_PASSWORD_OPTION, r"\1***", re.sub(_PASSWORD, r"\1:***@", text))


def is_postgresql(url: str) -> bool:
    """Tell whether a URL names a PostgreSQL database."""
    return url.startswith(_SCHEMES)
