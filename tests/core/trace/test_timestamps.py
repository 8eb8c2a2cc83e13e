"""The time of an event."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from crucible_core.trace import timestamps
from crucible_core.trace.timestamps import utc_now


def test_it_is_what_datetime_says():
    before = datetime.now(UTC)
    now = utc_now()
    assert before <= datetime.fromisoformat(now) <= datetime.now(UTC)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00", now)


@pytest.mark.parametrize("nanoseconds", [0, 999_999_999, 1_000_000_000, 1_793_646_288_000_001_999, -1])
def test_every_moment_is_written_as_datetime_writes_it(monkeypatch, nanoseconds):
    monkeypatch.setattr(timestamps, "time_ns", lambda: nanoseconds)
    second, rest = divmod(nanoseconds, 1_000_000_000)
    moment = datetime.fromtimestamp(second, UTC).replace(microsecond=rest // 1_000)
    assert utc_now() == moment.isoformat(timespec="microseconds")
