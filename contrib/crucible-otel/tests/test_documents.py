"""What the README and the page of documentation say is so."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import re
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import yaml

import crucible_otel

ROOT = Path(__file__).parents[3]
README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
PAGE = (ROOT / "docs" / "opentelemetry.md").read_text(encoding="utf-8")


def test_what_the_readme_shows_is_what_comes_out():
    ((code, shown),) = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", README, re.DOTALL)
    said = StringIO()
    with redirect_stdout(said):
        exec(code, {})
    assert said.getvalue() == shown


def test_every_example_in_a_docstring_runs():
    modules = [
        importlib.import_module(f"crucible_otel.{found.name}") for found in pkgutil.iter_modules(crucible_otel.__path__)
    ]
    results = [doctest.testmod(module) for module in modules]
    assert sum(result.attempted for result in results) >= 7
    assert sum(result.failed for result in results) == 0


def test_every_attribute_and_metric_of_a_run_is_on_the_page(watched):
    watched.run("Measure", "Judge", "Refuse")
    spans = watched.exporter.get_finished_spans()
    named = {name for span in spans for name in span.attributes} - {"crucible.run.resumed"}
    short = {"crucible.metrics": "crucible.metrics.*", "crucible.failure": "crucible.failure.details.*"}
    for name in named:
        whole = next((shown for prefix, shown in short.items() if name.startswith(f"{prefix}.")), name)
        assert f"`{whole}`" in PAGE or f"`.{name.rpartition('.')[2]}`" in PAGE, name
    data = watched.reader.get_metrics_data()
    for metric in data.resource_metrics[0].scope_metrics[0].metrics:
        assert f"`{metric.name}`" in PAGE


def test_the_configuration_of_the_collector_receives_what_is_exported_by_default():
    (configuration,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    read = yaml.safe_load(configuration)
    endpoint = read["receivers"]["otlp"]["protocols"]["http"]["endpoint"]
    assert f"OTEL_EXPORTER_OTLP_ENDPOINT=http://{endpoint}" in PAGE
    assert set(read["service"]["pipelines"]) == {"traces", "metrics"}
