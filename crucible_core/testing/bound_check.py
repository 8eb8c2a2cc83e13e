"""A check of one stage as a test of pytest's calls it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import pytest

from crucible_core.testing.outcome import Status

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crucible_core.testing.check import Check
    from crucible_core.testing.outcome import Outcome
    from crucible_core.testing.suite import StageRun


class BoundCheck:
    """A check, bound to a stage; call it to run it.

    Args:
        run: The stage; all of its checks share it.
        check: The check.

    Attributes:
        outcome: What came of it; None until it is called.
    """

    def __init__(self, run: StageRun, check: Check) -> None:
        self.run = run
        self.check = check
        self.outcome: Outcome | None = None

    def __call__(self) -> Outcome:
        """Run the check, and let the test fail, be skipped or fail as expected where it does not pass."""
        __tracebackhide__ = True
        self.outcome = self.run.outcome(self.check)
        if self.outcome.status is not Status.PASSED:
            _conclude(self.outcome)
        return self.outcome

    def __repr__(self) -> str:
        return f"<{self.check.id} of {self.run.target.name}>"


def _conclude(outcome: Outcome) -> NoReturn:
    __tracebackhide__ = True
    short = f"{outcome.target.name} {outcome.check.id}: {outcome.note}"
    if outcome.status is Status.BLOCKED:
        pytest.skip(short)
    if outcome.status is Status.NOT_APPLICABLE:
        pytest.skip(f"{outcome.target.name} {outcome.check.id}: not applicable: {outcome.note}")
    if outcome.status is Status.WAIVED:
        pytest.xfail(short)
    if outcome.status is Status.ADVISED:
        pytest.xfail(outcome.message)
    pytest.fail(outcome.message, pytrace=False)  # or --runxfail asks for it


class Complaints:
    """What is wrong with the way in which stages are checked; call it to fail a test with it.

    Args:
        found: One text for each.
    """

    def __init__(self, found: Iterable[str]) -> None:
        self.found = tuple(found)

    def __call__(self) -> None:
        """Fail, where something is wrong."""
        __tracebackhide__ = True
        if self.found:
            pytest.fail("\n".join(self.found), pytrace=False)

    def __repr__(self) -> str:
        return "<the configuration of the conformance kit>"
