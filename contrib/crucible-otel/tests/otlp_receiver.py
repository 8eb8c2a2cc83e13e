"""A receiver of OTLP over HTTP on loopback, which decodes what it gets by OpenTelemetry's own definitions."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

SIGNALS = {
    "/v1/traces": (ExportTraceServiceRequest, ExportTraceServiceResponse),
    "/v1/metrics": (ExportMetricsServiceRequest, ExportMetricsServiceResponse),
}


@dataclass
class Receiver:
    """What was received, and how requests are answered.

    Args:
        url: Its base address.
        status: The code of each answer.
        released: While it is not set, no request is answered.
    """

    url: str = ""
    status: int = 200
    released: threading.Event = field(default_factory=threading.Event)
    asked: threading.Event = field(default_factory=threading.Event)
    requests: list = field(default_factory=list)
    headers: list = field(default_factory=list)

    def wait_for(self, run_id: str) -> None:
        """Wait until the span of a run is there."""
        while not any(values(span.attributes).get("cicd.pipeline.run.id") == run_id for span in self.spans):
            self.asked.clear()
            self.asked.wait(1)

    @property
    def resources(self) -> list:
        """The attributes of everything that sent something."""
        batches = [
            getattr(each, field)
            for each in self.requests
            for field in ("resource_spans", "resource_metrics")
            if hasattr(each, field)
        ]
        return [values(one.resource.attributes) for batch in batches for one in batch]

    @property
    def spans(self) -> list:
        """The spans received, in that order."""
        traces = (each for each in self.requests if isinstance(each, ExportTraceServiceRequest))
        return [
            span for each in traces for one in each.resource_spans for scope in one.scope_spans for span in scope.spans
        ]

    @property
    def metrics(self) -> dict:
        """Each metric as it was received last, by its name."""
        requests = (each for each in self.requests if isinstance(each, ExportMetricsServiceRequest))
        found = [
            metric
            for each in requests
            for one in each.resource_metrics
            for scope in one.scope_metrics
            for metric in scope.metrics
        ]
        return {metric.name: metric for metric in found}


def values(attributes) -> dict:
    """Return attributes of a message as Python's values."""
    return {each.key: value(each.value) for each in attributes}


def value(any_value):
    """Return one value of a message."""
    kind = any_value.WhichOneof("value")
    if kind == "array_value":
        return [value(each) for each in any_value.array_value.values]
    return getattr(any_value, kind)


@contextmanager
def receiving(port: int = 0, **answers) -> Iterator[Receiver]:
    """Serve for the time of a block."""
    receiver = Receiver(**answers)
    if "released" not in answers:
        receiver.released.set()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.asked.set()
            receiver.released.wait()
            request, response = SIGNALS[self.path]
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            if receiver.status == 200:
                assert self.headers["Content-Type"] == "application/x-protobuf"
                receiver.requests.append(request.FromString(body))
                receiver.headers.append(dict(self.headers))
            content = response().SerializeToString()
            self.send_response(receiver.status)
            self.send_header("Content-Type", "application/x-protobuf")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *arguments):
            """Print nothing."""

    with ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        server.daemon_threads = True
        receiver.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield receiver
        finally:
            receiver.released.set()
            server.shutdown()
            thread.join()
