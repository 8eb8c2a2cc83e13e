"""What holds for every test: nothing leaks from one to the next, and no test is skipped unnoticed."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

ALLOWED_SKIPS = Path(__file__).parent / "tests" / "allowed_skips.txt"


@pytest.fixture(autouse=True)
def _environment_is_left_alone() -> Iterator[None]:
    """Fail a test that leaves environment variables or the working directory other than it found them."""
    before, where = dict(os.environ), Path.cwd()
    yield
    after = {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"}
    before.pop("PYTEST_CURRENT_TEST", None)
    changed = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    assert not changed, f"the test changed environment variables: {changed}"
    assert Path.cwd() == where, "the test changed the working directory"


def pytest_configure() -> None:
    """Let no example of hypothesis fail for the time it took: a machine may be busy."""
    with contextlib.suppress(ImportError):  # a plugin's environment may do without it
        from hypothesis import settings

        settings.register_profile("crucible", deadline=None)
        settings.load_profile("crucible")


def pytest_sessionstart() -> None:
    """Let Ctrl-C be what it is on a terminal, also where tests run in the background of a script, which ignores it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Fail in CI on a skip that no line of the list allows."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or not os.environ.get("CI") or exitstatus != pytest.ExitCode.OK:
        return
    unlisted = [line for line in _skips(reporter) if not any(allowed in line for allowed in _allowed())]
    for line in unlisted:
        reporter.write_line(f"skipped without leave: {line}", red=True)
    if unlisted:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _skips(reporter: pytest.TerminalReporter) -> list[str]:
    return [f"{report.nodeid}: {report.longrepr[2]}" for report in reporter.stats.get("skipped", [])]


def _allowed() -> list[str]:
    lines = ALLOWED_SKIPS.read_text(encoding="utf-8").splitlines()
    return [line.split("#")[0].strip() for line in lines if line.strip() and not line.startswith("#")]
