"""The checks as parameters of a test function: for stages, examples or fixtures of one's own choice."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from crucible_core.contract.errors import CrucibleError
from crucible_core.testing.bound_check import BoundCheck, Complaints
from crucible_core.testing.check import all_checks, find_checks
from crucible_core.testing.configuration import Configuration, ConfigurationError
from crucible_core.testing.suite import StageRun, complaints_of, configured, with_examples
from crucible_core.testing.target import find_targets

if TYPE_CHECKING:
    from crucible_core.testing.target import Target

Test = TypeVar("Test", bound=Callable[..., Any])


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
    where waivers are out of date. The test may use fixtures; the stage's processes, which start with the first check,
    inherit the environment.

    Args:
        stages: As for `run_conformance`; at least one.
        checks: As for `run_conformance`.
        configuration: As for `run_conformance`.
        examples: As for `run_conformance`.
        timeout_s: As for `run_conformance`.

    Raises:
        NoSuchStageError: Nothing is called that.
        UnknownCheckError: There is no such check.
        ValueError: No stage is given.
    """
    if not stages:
        raise ValueError("give conformance() at least one stage; without any, nothing would be checked")
    given = None if examples is None else tuple(examples)
    targets = [(name, target) for stage in stages for name, target in _named(stage)]
    complaints: tuple[str, ...] = ()
    try:
        said = configured(configuration, timeout_s)
    except ConfigurationError as error:
        said, complaints = configured(None, timeout_s), (str(error),)
    selected = tuple(all_checks().values() if checks is None else find_checks(checks))
    made = [
        pytest.param(BoundCheck(run, check), id=f"{name}-{check.id}")
        for name, target in targets
        for run in [StageRun(_tried_on(target, given), said)]
        for check in selected
    ]
    if configuration is not None:
        complaints += tuple(complaints_of([target for _, target in targets], said))
        made.insert(0, pytest.param(Complaints(complaints), id="configuration"))
    return pytest.mark.parametrize("check", made)


def _named(stage: Any) -> Iterator[tuple[str, Target]]:
    """Yield what a test calls a stage, and the stage: classes by their names, others by those of their entry points."""
    by_class = isinstance(stage, type) or (isinstance(stage, str) and stage.rpartition(":")[2][:1].isupper())
    for target in find_targets(stage):
        yield target.value.rpartition(":")[2] if by_class else target.name, target


def _tried_on(target: Target, examples: tuple[Any, ...] | None) -> Target:
    if examples is None:
        return target
    try:
        return with_examples(target, examples)
    except CrucibleError:  # it does not load, which a check says better
        return target
