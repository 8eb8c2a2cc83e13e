"""What the variables of OpenTelemetry mean here."""

from __future__ import annotations

import pytest

from crucible_otel.settings import FLUSH_S, settings

ENDPOINT = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318"}


@pytest.mark.parametrize(
    ("environment", "traces", "metrics"),
    [
        ({}, False, False),
        (ENDPOINT, True, True),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "  "}, False, False),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://x/v1/traces"}, True, False),
        ({"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "http://x/v1/metrics"}, False, True),
        ({**ENDPOINT, "OTEL_TRACES_EXPORTER": "none"}, False, True),
        ({**ENDPOINT, "OTEL_METRICS_EXPORTER": "none"}, True, False),
        ({**ENDPOINT, "OTEL_TRACES_EXPORTER": "otlp"}, True, True),
        ({**ENDPOINT, "OTEL_TRACES_EXPORTER": "console"}, False, True),
        ({**ENDPOINT, "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, False, False),
        ({**ENDPOINT, "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL": "http/json"}, True, False),
        ({**ENDPOINT, "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"}, True, True),
    ],
)
def test_what_is_exported(environment, traces, metrics):
    asked = settings(environment)
    assert (asked.traces, asked.metrics) == (traces, metrics)
    assert asked.exports is (traces or metrics)


@pytest.mark.parametrize("value", ["true", "TRUE", " True "])
def test_the_sdk_is_disabled_by_true_alone(value):
    assert settings({**ENDPOINT, "OTEL_SDK_DISABLED": value}).exports is False
    assert settings({**ENDPOINT, "OTEL_SDK_DISABLED": "1"}).exports is True


def test_one_complaint_is_made_once_for_both_signals():
    asked = settings({**ENDPOINT, "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"})
    (complaint,) = asked.complaints
    assert "4318" in complaint


def test_nothing_is_complained_of_where_no_endpoint_is_given():
    assert settings({"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc", "OTEL_TRACES_EXPORTER": "console"}).complaints == ()


@pytest.mark.parametrize(("value", "seconds"), [("", FLUSH_S), ("3", 3.0), ("nonsense", FLUSH_S), ("-1", 0.0)])
def test_the_end_of_a_run_waits_as_long_as_one_export_may_take(value, seconds):
    assert settings({"OTEL_EXPORTER_OTLP_TIMEOUT": value}).flush_s == seconds
