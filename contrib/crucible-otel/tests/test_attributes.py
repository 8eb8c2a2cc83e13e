"""Any JSON values become attributes that any exporter can encode."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from otlp_receiver import values

from crucible_otel.attributes import MAX_TEXT, flattened, number_of, numbers, text_of

TEXTS = st.text(st.characters(codec=None, exclude_categories=()))
SCALARS = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | TEXTS
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4))


@given(JSON)
def test_whatever_it_is_it_can_be_sent(payload):
    exporter, provider = InMemorySpanExporter(), TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    span = provider.get_tracer("test").start_span("span")
    span.add_event("event", flattened("payload", payload))
    span.end()
    sent = encode_spans(exporter.get_finished_spans()).SerializeToString()
    ((received,),) = (
        list(one.spans) for one in ExportTraceServiceRequest.FromString(sent).resource_spans[0].scope_spans
    )
    asked = flattened("payload", payload)
    found = values(received.events[0].attributes)
    assert json.dumps(found) == json.dumps(asked)


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ({"a": {"b": 1}, "c": None}, {"p.a.b": 1}),
        ([1, 2], {"p": [1, 2]}),
        ([1, "2"], {"p": '[1, "2"]'}),
        ([1, True], {"p": "[1, true]"}),
        ([{"a": 1}], {"p": '[{"a": 1}]'}),
        ([], {"p": []}),
        ({"a": {"b": {"c": {"d": {"e": 1}}}}}, {"p.a.b.c.d": '{"e": 1}'}),
        (2**63, {"p": str(2**63)}),
        ("\ud800", {"p": r"\ud800"}),
        (None, {}),
    ],
)
def test_how_it_is_said(payload, expected):
    assert flattened("p", payload) == expected


def test_there_are_so_many_and_no_more():
    assert len(flattened("p", {str(n): n for n in range(1000)}, limit=10)) == 10
    assert len(numbers("p", {str(n): n for n in range(1000)}, limit=10)) == 10


def test_a_text_that_is_too_long_keeps_its_beginning_and_its_end():
    text = "a" + "x" * 10 * MAX_TEXT + "z"
    assert len(text_of(text)) < MAX_TEXT + 10
    assert (text_of(text)[0], text_of(text)[-1]) == ("a", "z")


def test_numbers_that_json_lacks_are_numbers_again():
    assert number_of("Infinity") == float("inf")
    assert numbers("m", {"a": "-Infinity", "b": True, "c": "text", "d": 1, "e": None}) == {
        "m.a": float("-inf"),
        "m.d": 1.0,
    }
