"""Run an experiment inside a program that is traced, and print the trace as a tree.

Needs crucible-otel, and nothing configured: the program's own provider is used. Run it from the repository's root:

    python examples/traced_run.py
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from crucible_core import run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from opentelemetry.sdk.trace import ReadableSpan

SPEC = Path(__file__).with_name("compare_classifiers.yaml")


def tree(spans: tuple[ReadableSpan, ...], parent: int | None = None, depth: int = 0) -> Iterator[str]:
    """Yield a line for each span below another, in the order in which they began."""
    below = [span for span in spans if (span.parent.span_id if span.parent else None) == parent]
    for span in sorted(below, key=lambda span: span.start_time or 0):
        attributes = span.attributes or {}
        result = attributes.get("cicd.pipeline.task.run.result") or attributes.get("cicd.pipeline.result") or ""
        seconds = ((span.end_time or 0) - (span.start_time or 0)) / 1e9
        yield f"{'  ' * depth}{span.name:{40 - 2 * depth}} {seconds:8.3f} s  {result}".rstrip()
        yield from tree(spans, span.context.span_id if span.context else None, depth + 1)


def main(output_dir: str) -> None:
    """Run the experiment and print what was traced."""
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    with trace.get_tracer("nightly").start_as_current_span("nightly evaluation"):
        run(SPEC, output_dir=output_dir).unwrap()
    print("\n".join(tree(exporter.get_finished_spans())))  # noqa: T201 - what it is for


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "artifacts/crucible")
