"""How a run is doing, as whoever looks now sees it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crucible_core.runs.provenance import process_alive


def observed_status(manifest: Mapping[str, Any]) -> str:
    """Return a run's status: the recorded one, but ``interrupted`` where it says running and its process is gone.

    Whether a process on another host still runs cannot be seen from here; the recorded status stands then.

    Args:
        manifest: The run's manifest, with its ``status`` and its ``process``.
    """
    status = str(manifest["status"])
    gone = status == "running" and process_alive(manifest.get("process") or {}) is False
    return "interrupted" if gone else status
