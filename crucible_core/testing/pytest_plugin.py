"""The pytest plugin: tests run in a plugin's own repository include the conformance kit, without any configuration.

pytest loads it at every start, also where there is nothing for it to do. So it imports nothing of Crucible until there
is something to check: that would take time, and hide what is imported from a measurement of coverage.
"""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from crucible_core.testing.bound_check import BoundCheck
    from crucible_core.testing.pytest_arguments import Asked

_ASKED: pytest.StashKey[Asked | None] = pytest.StashKey()
_KEPT: pytest.StashKey[ExitStack] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the switches."""
    group = parser.getgroup("crucible", "Crucible's conformance kit")
    group.addoption(
        "--crucible-conformance",
        dest="crucible_conformance",
        action="store_true",
        default=None,
        help="Check the stages of the distribution in the root directory, whatever tests are asked for.",
    )
    group.addoption(
        "--no-crucible-conformance", dest="crucible_conformance", action="store_false", help="Do not check them."
    )


def pytest_configure(config: pytest.Config) -> None:
    """Look whether the root directory holds a distribution with stages, and whether its tests are asked for."""
    from crucible_core.testing.pytest_arguments import asked_for

    config.addinivalue_line("markers", "crucible_conformance: a check of Crucible's conformance kit")
    config.stash[_ASKED] = asked_for(config)
    config.pluginmanager.register(_Outcomes(config), "crucible-outcomes")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection(session: pytest.Session) -> Generator[None, Any, Any]:
    """Keep the node ids of checks from pytest, which takes every argument for a path."""
    if session.config.stash[_ASKED] is None:
        return (yield)
    from crucible_core.testing.pytest_arguments import without_checks

    with without_checks(session.config):
        return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Generator[None, Any, Any]:
    """Collect the checks after all other tests, so that they are counted and can be deselected like those."""
    report = yield
    asked = collector.config.stash[_ASKED]
    if isinstance(collector, pytest.Session) and asked is not None and report.passed:
        from crucible_core.testing.pytest_items import OwnDistributionNode

        report.result.append(OwnDistributionNode.of(collector, asked))
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """Send the outcome along with a check's report, from the process in which it ran to the one that sums up."""
    report = yield
    check = _check_of(item)
    if check is not None and check.outcome is not None and call.when == "call":
        report.crucible_outcome = check.outcome.to_dict()
        if report.skipped and not hasattr(report, "wasxfail"):
            report.longrepr = (*_place(item), report.longrepr[2])
    return report


def _place(item: pytest.Item) -> tuple[str, int]:
    """Return where a check comes from, for it to be shown there, and not here, as skipped."""
    path, line, _ = item.reportinfo()
    return str(path), (line or 0) + 1


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Keep from the first check to the end of the session what is forked for each stage."""
    if item.config.stash.get(_KEPT, None) is not None or _check_of(item) is None:
        return
    from crucible_core.testing.nursery import nurseries_kept

    kept = item.config.stash[_KEPT] = ExitStack()
    kept.enter_context(nurseries_kept())
    item.config.add_cleanup(kept.close)


def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """End the processes of a stage after the last of its checks that follow each other."""
    check = _check_of(item)
    after = None if nextitem is None else _check_of(nextitem)
    if check is not None and (after is None or after.run is not check.run):
        check.run.close()


def _check_of(item: pytest.Item) -> BoundCheck | None:
    """Return the check of a stage that an item runs; None for any other test."""
    if "crucible_core.testing.bound_check" not in sys.modules:
        return None
    from crucible_core.testing.bound_check import BoundCheck

    callspec = getattr(item, "callspec", None)
    check = getattr(item, "bound_check", None) if callspec is None else callspec.params.get("check")
    return check if isinstance(check, BoundCheck) else None


class _Outcomes:
    """Gather the outcomes of all checks, also of those that ran in processes of pytest-xdist's, and sum up."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._gathered: list[dict[str, Any]] = []
        self._lines: tuple[str, ...] = ()
        self._complaints: tuple[str, ...] = ()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep an outcome."""
        outcome = getattr(report, "crucible_outcome", None)
        if outcome is not None:
            self._gathered.append(outcome)

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Fail where the kit saw too little of a stage for its silence to mean anything."""
        if not self._gathered or hasattr(self._config, "workerinput"):
            return
        from crucible_core.testing.pytest_summary import summed_up

        report = summed_up(self._gathered)
        self._lines, self._complaints = (f"conformance: {report.summary}",), report.complaints
        if report.complaints and exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print a line of how many checks ended how."""
        for line in self._lines:
            terminalreporter.write_line(line)
        for complaint in self._complaints:
            terminalreporter.write_line(f"conformance: {complaint}", red=True)
