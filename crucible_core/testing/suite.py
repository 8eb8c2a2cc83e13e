"""Run the table of checks over stages."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crucible_core.testing.check import Finding, Level, all_checks, find_checks
from crucible_core.testing.configuration import Configuration, read_configuration
from crucible_core.testing.outcome import RAN, Outcome, Report, Status, joined, status_of_failure
from crucible_core.testing.process import ProcessEndedError
from crucible_core.testing.target import find_targets
from crucible_core.testing.workers import Workers

if TYPE_CHECKING:
    from crucible_core.testing.check import Check
    from crucible_core.testing.target import Target

_FEWEST = 0.6
"""The part of the required checks that has to look at something; fewer means that the kit saw no stage at work."""


class StageRun:
    """The checks of one stage: each is run once, when it is first asked for, after those it stands on.

    Args:
        target: The stage.
        configuration: What its plugin says to the kit.
    """

    def __init__(self, target: Target, configuration: Configuration) -> None:
        self.target = target
        self._configuration = configuration
        self._outcomes: dict[str, Outcome] = {}
        self._under_way: set[str] = set()
        self._workers = Workers(target, configuration.timeout_s)

    def outcome(self, check: Check) -> Outcome:
        """Return what comes of a check."""
        if check.id not in self._outcomes:
            self._under_way.add(check.id)
            began = time.monotonic()
            made = self._made(check)
            seconds = time.monotonic() - began
            self._outcomes[check.id] = Outcome(self.target, check, *made, seconds=seconds)
        return self._outcomes[check.id]

    def close(self) -> None:
        """End the stage's processes."""
        self._workers.close()

    def _made(self, check: Check) -> tuple[Status, tuple[Finding, ...], str]:
        blocker = self._blocker(check)
        if blocker is not None:
            return Status.BLOCKED, (), f"blocked by {blocker}"
        facts: Mapping[str, Any] = {"configuration": self._for_checks(), **_gathered(check, self._workers)}
        try:
            answer = self._workers.check(check.id, facts)
        except ProcessEndedError as error:
            return self._failed(check, (Finding("the check to go through", str(error)),))
        if "not_applicable" in answer:
            return Status.NOT_APPLICABLE, (), answer["not_applicable"]
        if "blocked" in answer:
            return self._blocked(check, answer["blocked"], answer["reason"])
        findings = tuple(Finding(*each) for each in answer["findings"])
        return self._failed(check, findings) if findings else self._passed(check)

    def _blocked(self, check: Check, by: Iterable[str], reason: str) -> tuple[Status, tuple[Finding, ...], str]:
        """Name the check that finds what is in the way; where none does, it is this one's to say."""
        for name in by:
            waits = name in self._under_way and name not in self._outcomes
            if not waits and self.outcome(all_checks()[name]).findings:
                return Status.BLOCKED, (), f"blocked by {name}"
        return self._failed(check, (Finding("nothing in the way of looking at the stage", reason),))

    def _for_checks(self) -> dict[str, Any]:
        return {"heavy": self._configuration.heavy, "light": list(self._configuration.light)}

    def _blocker(self, check: Check) -> str | None:
        table = all_checks()
        for name in check.after:
            outcome = self.outcome(table[name])
            if outcome.status is Status.BLOCKED:
                return outcome.note.removeprefix("blocked by ")
            if outcome.findings:
                return name
        return None

    def _passed(self, check: Check) -> tuple[Status, tuple[Finding, ...], str]:
        waiver = self._configuration.waivers.get(f"{self.target.name}:{check.id}")
        if waiver is None:
            return Status.PASSED, (), ""
        expected = f"the check to fail, since {self._configuration.source} waives it: {waiver.reason}"
        return Status.FAILED, (Finding(expected, "it passes; take the waiver out"),), ""

    def _failed(self, check: Check, findings: tuple[Finding, ...]) -> tuple[Status, tuple[Finding, ...], str]:
        waiver = self._configuration.waiver(self.target.name, check.id, self.target.version)
        if waiver is not None:
            return Status.WAIVED, findings, f"waived until {waiver.until}: {waiver.reason}"
        newer = self._configuration.newer(check.since)
        note = f"newer than the suite {self._configuration.suite} that the plugin pins" if newer else ""
        return status_of_failure(check, newer=newer), findings, note


def _gathered(check: Check, workers: Workers) -> Mapping[str, Any]:
    return {} if check.gather is None else check.gather(workers)


def run_conformance(
    stage: Any,
    *,
    checks: Iterable[str] | None = None,
    configuration: Configuration | str | os.PathLike[str] | None = None,
    examples: Iterable[Any] | None = None,
    timeout_s: float | None = None,
    jobs: int | None = None,
) -> Report:
    """Hold a stage, or all stages of a distribution, to the contract.

    Args:
        stage: A stage class, ``module:Class``, the name of a stage or of a distribution; or a list of these.
        checks: Ids (``CRU-D01``) or groups (``D``) to run; all when not given. What they stand on is run as well.
        configuration: What ``[tool.crucible.conformance]`` says, or the ``pyproject.toml`` to read it from; defaults
            when not given.
        examples: `StageExample` values to use instead of those of the stage's description.
        timeout_s: Seconds that one check may take; the configuration's when not given.
        jobs: How many stages are checked at a time; as many as there are processors when not given.

    Returns:
        What came of every check; ``passed`` says whether the stages conform.

    Raises:
        NoSuchStageError: Nothing is called that.
        UnknownCheckError: There is no such check.
        ConfigurationError: The configuration cannot be used.
    """
    from dataclasses import replace

    asked = stage if isinstance(stage, (list, tuple)) else (stage,)
    targets = tuple(dict.fromkeys(target for each in asked for target in find_targets(each)))
    if examples is not None:
        targets = tuple(replace(target, examples=tuple(examples), kind=_class_of(target)) for target in targets)
    said = _configuration(configuration)
    if timeout_s is not None:
        said = replace(said, timeout_s=timeout_s)
    selected = tuple(all_checks().values() if checks is None else find_checks(checks))
    with ThreadPoolExecutor(max_workers=jobs or os.cpu_count()) as pool:
        reports = list(pool.map(lambda target: _checked(target, selected, said, whole=checks is None), targets))
    complaints = _complaints(targets, said)
    return joined([Report((), tuple(complaints), ()), *reports])


def _class_of(target: Target) -> type | None:
    from crucible_core.plugins.loading import load_stage
    from crucible_core.plugins.record import StageRef

    return target.kind or load_stage(StageRef(target.name, target.value))


def _configuration(given: Configuration | str | os.PathLike[str] | None) -> Configuration:
    if given is None:
        return Configuration()
    return given if isinstance(given, Configuration) else read_configuration(Path(given))


def _checked(target: Target, checks: tuple[Check, ...], configuration: Configuration, *, whole: bool) -> Report:
    run = StageRun(target, configuration)
    try:
        outcomes = tuple(map(run.outcome, checks))
    finally:
        run.close()
    return Report(outcomes, tuple(too_few(target, outcomes)) if whole else (), (target,))


def too_few(target: Target, outcomes: Iterable[Outcome]) -> Iterator[str]:
    """Yield a complaint where the kit looked at so little of a stage that its silence means nothing."""
    required = [each for each in outcomes if each.check.level is Level.REQUIRED]
    if any(each.status is Status.FAILED for each in required):
        return  # it says so itself
    ran = sum(each.status in RAN for each in required)
    if ran < _FEWEST * len(required):
        yield f"{target.name}: only {ran} of {len(required)} required checks had anything to look at"


def _complaints(targets: tuple[Target, ...], configuration: Configuration) -> Iterator[str]:
    if not targets:
        yield "no stage was found, so nothing was checked"
    versions = {target.version for target in targets if target.version}
    version = next(iter(versions)) if len(versions) == 1 else None
    yield from configuration.complaints({target.name for target in targets}, version)
