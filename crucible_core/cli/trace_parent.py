"""What started the command, as W3C Trace Context says it in the environment."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

_TRACEPARENT = r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(-.*)?"


def trace_parent(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return ``{"traceparent": ...}`` from ``TRACEPARENT``; nothing where it is not set, or is none.

    Kept with the record, it tells later what the run was a part of: a process that goes on with it has another.
    """
    given = environment.get("TRACEPARENT", "").strip()
    return {"traceparent": given} if given and re.fullmatch(_TRACEPARENT, given) else {}
