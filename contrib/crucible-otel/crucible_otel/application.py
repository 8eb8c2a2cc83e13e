"""The providers that the application has set for the whole process, asked without importing OpenTelemetry."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from opentelemetry.metrics import MeterProvider
    from opentelemetry.trace import TracerProvider

_UNSET = {"ProxyTracerProvider", "_ProxyMeterProvider"}
"""What the API gives out while nobody has set a provider."""


def application_tracer_provider() -> TracerProvider | None:
    """Return the tracer provider that the application has set; None where it has set none."""
    provider: TracerProvider | None = _set_provider("trace", "OTEL_PYTHON_TRACER_PROVIDER", "get_tracer_provider")
    return provider


def application_meter_provider() -> MeterProvider | None:
    """Return the meter provider that the application has set; None where it has set none."""
    provider: MeterProvider | None = _set_provider("metrics", "OTEL_PYTHON_METER_PROVIDER", "get_meter_provider")
    return provider


def _set_provider(module: str, variable: str, getter: str) -> Any:
    name = f"opentelemetry.{module}"
    if name not in sys.modules:  # then nobody can have called its setter
        if variable not in os.environ:
            return None
        __import__(name)
    provider = getattr(sys.modules[name], getter)()
    return None if type(provider).__name__ in _UNSET else provider
