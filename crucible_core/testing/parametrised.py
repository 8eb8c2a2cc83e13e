"""The checks as parameters of a test function: for stages, examples or fixtures of one's own choice."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from crucible_core.contract.errors import CrucibleError
from crucible_core.testing.bound_check import BoundCheck, Complaints
from crucible_core.testing.check import UnknownCheckError
from crucible_core.testing.suite import (
    NO_CHECK,
    StageRun,
    complaints_of,
    configured,
    selected_checks,
    with_examples,
)
from crucible_core.testing.target import find_targets

if TYPE_CHECKING:
    from crucible_core.testing.check import Check
    from crucible_core.testing.configuration import Configuration
    from crucible_core.testing.target import Target

Test = TypeVar("Test", bound=Callable[..., Any])
Made = TypeVar("Made")


def conformance(
    *stages: Any,
    checks: Iterable[str] | None = None,
    configuration: Configuration | str | os.PathLike[str] | None = None,
    examples: Iterable[Any] | None = None,
    timeout_s: float | None = None,
) -> Callable[[Test], Test]:
    """Run a test once for each check of each stage; it gets the check as its argument ``check``, and calls it.

    .. code-block:: python

        @conformance(Compare, "my_package.stages:Other")
        def test_conformance(check):
            check()

    The ids are ``Compare-CRU-D01``, and so on. With a configuration there is one more, ``configuration``, which fails
    where waivers are out of date; it is also there, and fails, where nothing is called what is given, or no check. The
    test may use fixtures; the stage's processes, which start with the first check, inherit the environment.

    Args:
        stages: As for `run_conformance`; at least one.
        checks: As for `run_conformance`.
        configuration: As for `run_conformance`.
        examples: As for `run_conformance`.
        timeout_s: As for `run_conformance`.

    Raises:
        ValueError: No stage is given.
    """
    if not stages:
        raise ValueError("give conformance() at least one stage; without any, nothing would be checked")
    given = None if examples is None else tuple(examples)
    wrong: list[str] = []
    targets = [each for stage in stages for each in _or_wrong(wrong, partial(_named, stage)) or ()]
    said = _or_wrong(wrong, partial(configured, configuration, timeout_s)) or configured(None, timeout_s)
    selected = _or_wrong(wrong, partial(_selected, checks)) or ()
    made = [
        pytest.param(BoundCheck(run, check), id=f"{name}-{check.id}")
        for name, target in targets
        for run in [StageRun(_tried_on(target, given), said)]
        for check in selected
    ]
    if configuration is not None and targets:
        wrong += complaints_of([target for _, target in targets], said)
    if configuration is not None or wrong:
        made.insert(0, pytest.param(Complaints(wrong), id="configuration"))
    return pytest.mark.parametrize("check", made)


def _or_wrong(wrong: list[str], make: Callable[[], Made]) -> Made | None:
    """Return what is made; where it cannot be, None, and take note of why: a test is to say it, not the collection."""
    try:
        return make()
    except CrucibleError as error:
        wrong.append(str(error))
        return None


def _selected(checks: Iterable[str] | None) -> tuple[Check, ...]:
    found = selected_checks(checks)
    if not found:
        raise UnknownCheckError(NO_CHECK)
    return found


def _named(stage: Any) -> list[tuple[str, Target]]:
    """Return stages, and what a test calls each: its class by its name, another by that of its entry point."""
    by_class = isinstance(stage, type) or (isinstance(stage, str) and stage.rpartition(":")[2][:1].isupper())
    return [(target.value.rpartition(":")[2] if by_class else target.name, target) for target in find_targets(stage)]


def _tried_on(target: Target, examples: tuple[Any, ...] | None) -> Target:
    if examples is None:
        return target
    try:
        return with_examples(target, examples)
    except CrucibleError:  # it does not load, which a check says better
        return target
