"""What this process is, as its telemetry says it."""

from __future__ import annotations

import os
import platform
import socket

from opentelemetry.sdk.resources import Resource

SERVICE = "crucible"
"""``service.name`` where ``OTEL_SERVICE_NAME`` and ``OTEL_RESOURCE_ATTRIBUTES`` say nothing."""


def process_resource() -> Resource:
    """Return the process as a resource; what the environment says of it wins.

    The command line is not in it, since it may hold secrets; runs have it on their spans, as it is recorded.
    """
    asked = Resource.create()
    named = not str(asked.attributes.get("service.name", "unknown_service")).startswith("unknown_service")
    ours = {
        "host.name": socket.gethostname(),
        "process.pid": os.getpid(),
        "process.runtime.name": platform.python_implementation().lower(),
        "process.runtime.version": platform.python_version(),
    }
    more = {name: value for name, value in ours.items() if name not in asked.attributes}
    return asked.merge(Resource(more if named else {**more, "service.name": SERVICE}))
