"""What the environment asks for, by the variables that OpenTelemetry defines; nothing of OpenTelemetry is imported."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

FLUSH_S = 5.0
"""How long the end of a run waits for what is not exported yet, where ``OTEL_EXPORTER_OTLP_TIMEOUT`` says nothing."""

_SPOKEN = "http/protobuf"


@dataclass(frozen=True, slots=True)
class Settings:
    """What to export from this process.

    Args:
        disabled: ``OTEL_SDK_DISABLED``: nothing at all, whatever else is set.
        traces: An endpoint for traces is given, and this plugin can export to it.
        metrics: Likewise for metrics.
        flush_s: Seconds to wait at the end of a run.
        complaints: What is asked for and cannot be done, for people.
    """

    disabled: bool
    traces: bool
    metrics: bool
    flush_s: float = FLUSH_S
    complaints: tuple[str, ...] = ()

    @property
    def exports(self) -> bool:
        """Whether an endpoint is given at all."""
        return not self.disabled and (self.traces or self.metrics)


def settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Return what the environment asks for.

    Example:
        >>> settings({}).exports
        False
        >>> settings({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318"}).exports
        True
    """
    disabled = _value(environment, "OTEL_SDK_DISABLED").lower() == "true"
    found = {signal: list(_complaints(environment, signal)) for signal in ("TRACES", "METRICS")}
    traces, metrics = (_has_endpoint(environment, signal) and not found[signal] for signal in ("TRACES", "METRICS"))
    complaints = dict.fromkeys(complaint for each in found.values() for complaint in each)
    return Settings(disabled, traces, metrics, _flush_s(environment), tuple(complaints))


def _has_endpoint(environment: Mapping[str, str], signal: str) -> bool:
    endpoint = _of_signal(environment, "OTEL_EXPORTER_OTLP_{}ENDPOINT", signal)
    return bool(endpoint) and _value(environment, f"OTEL_{signal}_EXPORTER") != "none"


def _complaints(environment: Mapping[str, str], signal: str) -> Iterator[str]:
    """Yield why an endpoint that is given for a signal cannot be exported to."""
    if not _has_endpoint(environment, signal):
        return
    exporter = _value(environment, f"OTEL_{signal}_EXPORTER")
    if exporter not in ("", "otlp"):
        yield (
            f"OTEL_{signal}_EXPORTER={exporter}: crucible-otel exports by otlp, or not at all (none); for another "
            "exporter run the program under opentelemetry-instrument"
        )
    protocol = _of_signal(environment, "OTEL_EXPORTER_OTLP_{}PROTOCOL", signal)
    if protocol not in ("", _SPOKEN):
        yield (
            f"the OTLP protocol {protocol!r}: crucible-otel speaks {_SPOKEN}; set OTEL_EXPORTER_OTLP_PROTOCOL="
            f"{_SPOKEN} and give the collector's HTTP port, usually 4318"
        )


def _flush_s(environment: Mapping[str, str]) -> float:
    try:
        return max(float(_value(environment, "OTEL_EXPORTER_OTLP_TIMEOUT")), 0.0)
    except ValueError:  # not set; or wrong, which the exporter reports
        return FLUSH_S


def _of_signal(environment: Mapping[str, str], name: str, signal: str) -> str:
    """Return a variable's value for a signal, else its value for all signals."""
    return _value(environment, name.format(f"{signal}_")) or _value(environment, name.format(""))


def _value(environment: Mapping[str, str], name: str) -> str:
    return environment.get(name, "").strip()
