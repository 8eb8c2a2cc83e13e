"""What is asked of an index, and how people write it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from crucible_core.ir.errors import CrucibleError

STATUSES = ("running", "succeeded", "failed", "cancelled", "interrupted", "damaged")
ORDERS = {"created": "created_at", "duration": "duration_s", "experiment": "experiment", "status": "status"}
"""What runs can be sorted by besides metrics, and the column for it."""

_CONDITION = r"(.*[^<>=!\s])\s*(>=|<=|!=|==|=|>|<)\s*([^<>=!\s]+)"
_AGO = r"(\d+)\s*([smhdw])"
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_DATE = r"\d{4}-\d\d-\d\d"


class QueryError(CrucibleError):
    """A question that has no answer because it is not one."""

    exit_code = 2


class MetricCondition(NamedTuple):
    """What a metric has to be; without an operator it has to be there."""

    path: str
    operator: str | None = None
    value: float = 0.0


class RunQuery(NamedTuple):
    """Which runs are wanted, and in which order.

    Attributes:
        experiments: Any of these experiments; all where none is named.
        statuses: Any of these statuses.
        tags: All of these tags.
        metrics: All of these conditions.
        since: Created then or later, ISO 8601 in UTC.
        until: Created before then.
        order: A key of `ORDERS` or the path of a metric; the largest or latest come first.
        reverse: The smallest or earliest first.
        limit: At most so many; None for all.
    """

    experiments: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    metrics: tuple[MetricCondition, ...] = ()
    since: str | None = None
    until: str | None = None
    order: str = "created"
    reverse: bool = False
    limit: int | None = None


def metric_condition(text: str) -> MetricCondition:
    """Return the condition that a text such as ``eval.accuracy>0.9`` is.

    >>> metric_condition("eval.accuracy >= 0.9")
    MetricCondition(path='eval.accuracy', operator='>=', value=0.9)

    Raises:
        QueryError: It is none.
    """
    match = re.fullmatch(_CONDITION, text.strip())
    if match is None:
        if text.strip() and not re.search(r"[<>=!]", text):
            return MetricCondition(metric_path(text.strip()))
        raise _no_condition(text)
    try:
        value = float(match[3])
    except ValueError:
        raise _no_condition(text) from None
    if value != value:  # noqa: PLR0124 - not a number
        raise _no_condition(text)
    return MetricCondition(metric_path(match[1]), {"=": "=="}.get(match[2], match[2]), value)


def metric_path(text: str) -> str:
    """Return the path of a metric, written with or without ``metrics.`` before it."""
    return text.removeprefix("metrics.")


def _no_condition(text: str) -> QueryError:
    return QueryError(
        f"metric {text!r:.120}: write a path, one of > >= < <= == != and a number", hint="e.g. eval.accuracy>0.9"
    )


def moment(text: str | datetime, *, end: bool = False, now: datetime | None = None) -> str:
    """Return a time as ISO 8601 in UTC: of a date, a time, or an age such as ``12h``, ``7d`` or ``2w``.

    A time without a zone is in UTC, as Crucible shows it.

    >>> moment("2026-11-24"), moment("2026-11-24", end=True)
    ('2026-11-24T00:00:00.000000+00:00', '2026-11-25T00:00:00.000000+00:00')

    Args:
        text: What was written.
        end: A date means its end.
        now: What ages count from.

    Raises:
        QueryError: It is no time.
    """
    if isinstance(text, str) and (age := re.fullmatch(_AGO, text.strip())):
        try:
            found = (now or datetime.now(UTC)) - timedelta(**{_UNITS[age[2]]: int(age[1])})
        except OverflowError:
            raise _no_moment(text) from None
    else:
        try:
            found = text if isinstance(text, datetime) else datetime.fromisoformat(text.strip())
            found = found if found.tzinfo else found.replace(tzinfo=UTC)
            if end and isinstance(text, str) and re.fullmatch(_DATE, text.strip()):
                found += timedelta(days=1)
        except (ValueError, OverflowError):
            raise _no_moment(text) from None
    return found.astimezone(UTC).isoformat(timespec="microseconds")


def _no_moment(text: object) -> QueryError:
    return QueryError(f"{text!r:.60} is no time", hint="write a date such as 2026-11-24, a time, or an age such as 7d")


def run_query(
    *,
    experiments: Iterable[str] = (),
    statuses: Iterable[str] = (),
    tags: Iterable[str] = (),
    metrics: Iterable[str] = (),
    since: str | datetime | None = None,
    until: str | datetime | None = None,
    order: str = "created",
    reverse: bool = False,
    limit: int | None = None,
) -> RunQuery:
    """Return the query that people wrote so.

    Raises:
        QueryError: Something in it is not what it should be.
    """
    statuses = tuple(statuses)
    for status in statuses:
        if status not in STATUSES:
            raise QueryError(f"no run has the status {status!r:.60}; choose one of {', '.join(STATUSES)}")
    if limit is not None and limit < 0:
        raise QueryError(f"limit {limit}: give a number from 0 on")
    return RunQuery(
        tuple(experiments),
        statuses,
        tuple(tags),
        tuple(map(metric_condition, metrics)),
        None if since is None else moment(since),
        None if until is None else moment(until, end=True),
        order if order in ORDERS else metric_path(order),
        reverse,
        limit,
    )
