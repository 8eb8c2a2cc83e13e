"""What this process is, as its telemetry says it."""

from __future__ import annotations

import os
import platform
import socket

from opentelemetry.sdk.resources import Resource

SERVICE = "crucible"
"""``service.name`` where ``OTEL_SERVICE_NAME`` and ``OTEL_RESOURCE_ATTRIBUTES`` say nothing."""


_UNNAMED = "unknown_service"
"""How OpenTelemetry calls a service that nobody has given a name."""


def process_resource() -> Resource:
    """Return the process as a resource; what the environment says of it wins.

    The command line is not in it, since it may hold secrets; runs have it on their spans, as it is recorded.
    """
    asked = Resource.create()
    ours: dict[str, str | int] = {
        "host.name": socket.gethostname(),
        "process.pid": os.getpid(),
        "process.runtime.name": platform.python_implementation().lower(),
        "process.runtime.version": platform.python_version(),
    }
    more = {name: value for name, value in ours.items() if name not in asked.attributes}
    if str(asked.attributes.get("service.name", _UNNAMED)).startswith(_UNNAMED):
        more["service.name"] = SERVICE
    return asked.merge(Resource(more))
