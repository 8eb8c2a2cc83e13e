"""Which runs are recorded as running and do not run."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crucible_core.runs.index.connection import Connection
    from crucible_core.runs.index.home import Home

_NAMES = ("host", "boot_id", "pid", "started_at")


def keys_of_gone(connection: Connection, home: Home | None = None) -> list[str]:
    """Return the keys of runs that are recorded as running and whose process is not there any more, sorted.

    Of a process on another host that cannot be seen; its run is not among them.

    Args:
        connection: The index.
        home: Only runs that lie there; all when None.
    """
    where = "" if home is None else " AND home = :home"
    running = connection.rows(
        "SELECT key, process_host, process_boot_id, process_pid, process_started_at FROM runs"
        f" WHERE status = 'running'{where}",
        {} if home is None else {"home": home.id},
    )
    if not running:
        return []
    from crucible_core.runs.provenance import process_alive, process_identity

    here = process_identity()
    left = ((key, dict(zip(_NAMES, values, strict=True))) for key, *values in running)
    return sorted(key for key, it in left if it["pid"] is not None and process_alive(it, here) is False)
