"""What the plugin costs a run that is not exported: next to nothing."""

from __future__ import annotations

import pytest

RUN = """
import sys
from crucible_core import run
assert run({spec!r}, output_dir="runs").ok
heavy = sorted(name for name in sys.modules if name.partition(".")[0] in ("opentelemetry", "requests", "google"))
print(heavy, sorted(name for name in sys.modules if name.startswith("crucible_otel")))
"""


@pytest.mark.parametrize("asked", [{}, {"OTEL_SDK_DISABLED": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://x:1"}])
def test_a_run_that_is_not_exported_imports_nothing_of_opentelemetry(command, asked):
    done = command.python(RUN.format(spec=str(command.spec("Measure"))), **asked)
    assert done.returncode == 0, done.stderr
    light = ["crucible_otel", "crucible_otel.application", "crucible_otel.hooks", "crucible_otel.settings"]
    assert done.stdout == f"[] {light}\n"


def test_its_modules_of_hooks_import_nothing_of_opentelemetry(command):
    done = command.python("import sys, crucible_otel.hooks; print([n for n in sys.modules if 'opentelemetry' in n])")
    assert done.stdout == "[]\n"


def test_it_does_not_even_ask_for_events_of_such_a_run(command):
    source = "from crucible_core.plugins.registry import default_registry; print(default_registry().trace_observers())"
    assert command.python(source).stdout == "()\n"
    asked = command.python(source, OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:4318")
    assert "crucible-otel" in asked.stdout


def test_a_plugin_that_is_disabled_exports_nothing(command, collector):
    asked = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "CRUCIBLE_DISABLE_PLUGINS": "crucible-otel"}
    assert command.run("Measure", **asked).returncode == 0
    assert not collector.asked.is_set()


def test_an_event_from_before_any_run_is_nothing_to_it(command):
    """As ``crucible plugins doctor`` shows it one."""
    source = (
        "import sys\n"
        "from crucible_core import Event\n"
        "from crucible_otel.hooks import crucible_trace_event\n"
        "crucible_trace_event(Event(1, '2026-01-01T00:00:00+00:00', 'log', 'r', 'e', None, None, {}))\n"
        "print([n for n in sys.modules if 'opentelemetry' in n])"
    )
    assert command.python(source, OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:4318").stdout == "[]\n"
