"""Times of events as OpenTelemetry counts them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def nanoseconds(timestamp: str) -> int:
    """Return nanoseconds since 1970 of an event's timestamp, exactly.

    Example:
        >>> nanoseconds("1970-01-01T00:00:01.000001+00:00")
        1000001000
    """
    return (datetime.fromisoformat(timestamp) - _EPOCH) // _MICROSECOND * 1000
