"""The metrics that a run logged, without what tells of the machine rather than of the data."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

_OF_THE_MACHINE = re.compile(
    r"time|duration|elapsed|second|minute|latency|throughput|speed|rate_per|_per_|/s\b|/sec|\bit/s|eta\b|memory|rss|bytes"
    r"|cpu|gpu|load\b|power|energy|temperature|util|_m?s\b|_ns\b|_us\b",
    re.IGNORECASE,
)
"""Names of metrics that are measured of how a run went, which is otherwise each time."""


def logged_metrics(lines: Iterable[str]) -> list[dict[str, Any]]:
    """Return name, step and value of every metric event of a journal, in order.

    The value is left out where the name says that it is a duration, a rate or a use of the machine.

    Args:
        lines: The journal.
    """
    payloads = [event["payload"] for event in map(json.loads, lines) if event["event_name"] == "metric"]
    return [
        {key: held for key, held in each.items() if key != "value" or not _OF_THE_MACHINE.search(str(each.get("name")))}
        for each in payloads
    ]
