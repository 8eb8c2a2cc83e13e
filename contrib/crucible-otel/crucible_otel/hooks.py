"""The hooks of this plugin; light, since every run imports it, also where nothing is exported."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from crucible_core import hookimpl

if TYPE_CHECKING:
    from crucible_core import Event

__all__ = ["crucible_trace_event", "crucible_wants_trace"]


@hookimpl
def crucible_wants_trace() -> bool:
    """Tell whether there is anywhere to export to: an endpoint, or providers that the application has set."""
    from crucible_otel.application import application_meter_provider, application_tracer_provider
    from crucible_otel.settings import settings

    asked = settings()
    if asked.disabled:
        return False
    if asked.exports or asked.complaints:
        return True
    return application_tracer_provider() is not None or application_meter_provider() is not None


@hookimpl
def crucible_trace_event(event: Event) -> None:
    """Export an event of a run whose beginning was exported."""
    if event.event_name != "run_start" and "crucible_otel.of_process" not in sys.modules:
        return
    from crucible_otel.of_process import process_observer

    process_observer()(event)
