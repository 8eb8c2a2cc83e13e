"""What the tests of this distribution share."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from crucible_core import run
from crucible_otel import OTelObserver


def _sibling(name: str) -> ModuleType:
    """Import a file beside this one: test folders are no packages."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


otel_stages = _sibling("otel_stages")
otlp_receiver = _sibling("otlp_receiver")


def experiment(*stages: str, **fields) -> dict:
    """Return an experiment of stages of `otel_stages`, by the names of their classes."""
    pipeline = [{"id": each.lower(), "name": each.lower(), "module": f"otel_stages:{each}"} for each in stages]
    return {"id": "demo", "pipeline": pipeline, **fields}


class Watched:
    """Runs whose telemetry is kept in memory."""

    def __init__(self, directory: Path) -> None:
        self.exporter, self.reader = InMemorySpanExporter(), InMemoryMetricReader()
        self.tracer_provider = TracerProvider(shutdown_on_exit=False)
        self.tracer_provider.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.meter_provider = MeterProvider([self.reader], shutdown_on_exit=False)
        self.observer = OTelObserver(self.tracer_provider, self.meter_provider)
        self.directory = directory

    def run(self, *stages: str, run_id: str = "one", persist: bool = True, fields: dict | None = None, **arguments):
        """Run an experiment and return its result."""
        asked = experiment(*stages, **(fields or {}))
        return run(
            asked,
            run_id=run_id,
            output_dir=self.directory,
            observers=[self.observer],
            persist=persist,
            **arguments,
        )

    def go_on(self, run_id: str = "one"):
        """Go on with a run and return its result."""
        return run(resume=run_id, output_dir=self.directory, observers=[self.observer])

    @property
    def spans(self) -> dict:
        """The spans that are over, by name; the last of those of one name."""
        return {span.name: span for span in self.exporter.get_finished_spans()}

    def points(self, name: str) -> list:
        """Return the attributes and the point of everything measured under a name since the last look."""
        data = self.reader.get_metrics_data()
        found = [
            metric
            for resource in data.resource_metrics
            for scope in resource.scope_metrics
            for metric in scope.metrics
            if metric.name == name
        ]
        return [(dict(point.attributes), point) for metric in found for point in metric.data.data_points]


@pytest.fixture
def watched(tmp_path):
    """Return what runs experiments and keeps their telemetry in memory."""
    return Watched(tmp_path)


class Command:
    """The ``crucible`` command in a process of its own, the stages of these tests beside the spec."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        shutil.copy(Path(__file__).with_name("otel_stages.py"), directory)

    def spec(self, *stages: str, policies: dict[str, str] | None = None) -> Path:
        """Write an experiment and return its file; a stage may have more fields than it needs."""
        names = {each: each.lower() for each in stages}
        more = {name: f", {fields}" for name, fields in (policies or {}).items()}
        lines = [
            f"  - {{id: {name}, name: {name}, module: 'otel_stages:{each}'{more.get(name, '')}}}"
            for each, name in names.items()
        ]
        path = self.directory / "spec.yaml"
        path.write_text("\n".join(["id: demo", "pipeline:", *lines, ""]))
        return path

    def environment(self, **variables: str) -> dict[str, str]:
        """Return the environment of a process: this one's, without settings of OpenTelemetry but these."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("OTEL_", "TRACE"))}
        return {**inherited, **variables}

    def run(self, *stages: str, run_id: str = "one", arguments=(), policies=None, **variables: str):
        """Run an experiment and return the process when it is over."""
        spec = self.spec(*stages, policies=policies)
        command = [sys.executable, "-m", "crucible_core", "run", str(spec), "--run-id", run_id, *arguments]
        return subprocess.run(
            command,
            cwd=self.directory,
            env=self.environment(**variables),
            capture_output=True,
            text=True,
            check=False,
        )

    def run_on(self, run_id: str, **variables: str):
        """Go on with a run and return the process when it is over."""
        command = [sys.executable, "-m", "crucible_core", "run", "--resume", run_id]
        return subprocess.run(
            command,
            cwd=self.directory,
            env=self.environment(**variables),
            capture_output=True,
            text=True,
            check=False,
        )

    def python(self, source: str, **variables: str):
        """Run a program and return the process when it is over."""
        return subprocess.run(
            [sys.executable, "-c", source, str(Path(__file__).parent)],
            cwd=self.directory,
            env=self.environment(**variables),
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def command(tmp_path):
    """Return what runs the command."""
    return Command(tmp_path)


@pytest.fixture
def collector():
    """Receive OTLP on loopback for the time of a test."""
    with otlp_receiver.receiving() as receiver:
        yield receiver
