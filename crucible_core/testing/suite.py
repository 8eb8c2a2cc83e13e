"""Run the table of checks over stages."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crucible_core.plugins.builtin import BUILTIN_STAGES
from crucible_core.plugins.record import CORE, StageRef
from crucible_core.testing.check import Finding, Level, all_checks, find_checks
from crucible_core.testing.configuration import Configuration, read_configuration
from crucible_core.testing.nursery import nurseries_kept
from crucible_core.testing.outcome import RAN, Outcome, Report, Status, joined, status_of_failure
from crucible_core.testing.process import ProcessEndedError
from crucible_core.testing.target import find_targets, installed
from crucible_core.testing.workers import Workers

if TYPE_CHECKING:
    from crucible_core.testing.check import Check
    from crucible_core.testing.target import Target

NO_CHECK = "no check was asked for, so nothing was checked"
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
        self._fault: str | None = None
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

    @property
    def failures(self) -> tuple[Outcome, ...]:
        """Those of the checks so far that failed, among them such that others stand on."""
        return tuple(each for each in self._outcomes.values() if each.status is Status.FAILED)

    def weak_traits(self) -> Iterator[str]:
        """Yield a line for each trait that is weaker than the default, with its reason."""
        said = self._workers.facts("main", "weak_traits").get("facts", {})
        yield from (f"{self.target.name}: weak trait {trait}: {reason}" for trait, reason in said.items())

    def close(self) -> None:
        """End the stage's processes; a check that is asked for later starts new ones."""
        self._workers.close()

    def stop(self) -> None:
        """Kill the stage's processes while another thread waits for them; there will be no more."""
        self._workers.stop()

    def _made(self, check: Check) -> tuple[Status, tuple[Finding, ...], str]:
        blocker = self._blocker(check)
        if blocker is not None:
            return self._blocked_by(check, blocker)
        facts: Mapping[str, Any] = {"configuration": self._for_checks(), **_gathered(check, self._workers)}
        try:
            answer = self._workers.check(check.id, facts)
        except ProcessEndedError as error:
            return self._failed(check, (Finding("the check to go through", str(error)),))
        if "fault" in answer:
            return self._kit_failed(check, answer["fault"])
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
                return self._blocked_by(check, name)
        return self._failed(check, (Finding("nothing in the way of looking at the stage", reason),))

    def _blocked_by(self, check: Check, name: str) -> tuple[Status, tuple[Finding, ...], str]:
        """Return what a check comes to that cannot run; it may be waived as well as the one in its way."""
        note = f"blocked by {name}"
        waiver = self._configuration.waiver(self.target.name, check.id, self.target.version)
        if waiver is None:
            return Status.BLOCKED, (), note
        return Status.WAIVED, (Finding("the check to run", note),), f"waived until {waiver.until}: {waiver.reason}"

    def _kit_failed(self, check: Check, how: str) -> tuple[Status, tuple[Finding, ...], str]:
        """Say once that the kit itself is at fault; what else it stumbles over then is the same fault."""
        if self._fault is not None and self._fault != check.id:
            return Status.BLOCKED, (), f"blocked by {self._fault}"
        self._fault = check.id
        seen = f"a fault of the kit, not of the stage; please report it: {how}"
        return self._failed(check, (Finding("the kit to look at the stage", seen),))

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
    on_outcome: Callable[[Outcome], None] | None = None,
) -> Report:
    """Hold a stage, or all stages of a distribution, to the contract.

    Args:
        stage: A stage class, ``module:Class``, the name of a stage or of a distribution; or a list of these.
        checks: Ids (``CRU-D01``) or groups (``D``) to run; all when not given. What they stand on is run as well, and
            reported where it fails.
        configuration: What ``[tool.crucible.conformance]`` says, or the ``pyproject.toml`` to read it from; defaults
            when not given.
        examples: `StageExample` values to use instead of those of the stage's description.
        timeout_s: Seconds that one check may take; the configuration's when not given.
        jobs: How many stages are checked at a time; as many as there are processors when not given.
        on_outcome: Called with every outcome when it is known, from several threads.

    Returns:
        What came of every check; ``passed`` says whether the stages conform.

    Raises:
        NoSuchStageError: Nothing is called that.
        UnknownCheckError: There is no such check.
        ConfigurationError: The configuration cannot be used.
    """
    several = isinstance(stage, (list, tuple)) and not isinstance(stage, StageRef)  # which is a named tuple
    asked = stage if several else (stage,)
    targets = tuple(dict.fromkeys(target for each in asked for target in find_targets(each)))
    if examples is not None:
        targets = tuple(with_examples(target, examples) for target in targets)
    said = configured(configuration, timeout_s)
    selected = selected_checks(checks)
    runs = [StageRun(target, said) for target in targets]
    enough = too_few if checks is None else blocked_silently
    reports = _all_reports(runs, selected, jobs, on_outcome or (lambda _: None))
    few = [each for report in reports for each in enough(report.targets[0], report.outcomes)]
    none = () if selected else (NO_CHECK,)
    return joined([Report((), (*none, *complaints_of(targets, said), *few)), *reports])


def selected_checks(names: Iterable[str] | None) -> tuple[Check, ...]:
    """Return the checks of these ids or groups; all of them where no names are given.

    Raises:
        UnknownCheckError: There is none of that name.
    """
    return tuple(all_checks().values() if names is None else find_checks(names))


def blocked_silently(target: Target, outcomes: Iterable[Outcome]) -> Iterator[str]:
    """Yield a complaint where a required check could not run, and none says why by failing."""
    given = list(outcomes)
    if any(each.status is Status.FAILED for each in given):
        return
    blocked = [each for each in given if each.status is Status.BLOCKED and each.check.level is Level.REQUIRED]
    if blocked:
        ids, notes = (", ".join(dict.fromkeys(each)) for each in zip(*map(_id_and_note, blocked), strict=True))
        yield f"{target.name}: {ids} could not run ({notes}), and that is accepted; waive what cannot run as well"


def _id_and_note(outcome: Outcome) -> tuple[str, str]:
    return outcome.check.id, outcome.note


def with_examples(target: Target, examples: Iterable[Any]) -> Target:
    """Return a stage to be tried on these examples instead of its own."""
    return replace(target, examples=tuple(examples), kind=_class_of(target))


def _class_of(target: Target) -> type | None:
    from crucible_core.plugins.loading import load_stage
    from crucible_core.plugins.record import StageRef

    return target.kind or load_stage(StageRef(target.name, target.value))


def configured(given: Configuration | str | os.PathLike[str] | None, timeout_s: float | None = None) -> Configuration:
    """Return a configuration that may be given as the file it is in, with another time limit where one is given."""
    said = given if isinstance(given, Configuration) else Configuration() if given is None else _read(given)
    return said if timeout_s is None else replace(said, timeout_s=timeout_s)


def _read(path: str | os.PathLike[str]) -> Configuration:
    return read_configuration(Path(path))


def _all_reports(
    runs: list[StageRun], checks: tuple[Check, ...], jobs: int | None, tell: Callable[[Outcome], None]
) -> list[Report]:
    """Run the checks of several stages at a time; when this is interrupted, their processes are gone at once."""
    stopped = threading.Event()

    def report(run: StageRun) -> Report:
        made: list[Outcome] = []
        notes: tuple[str, ...] = ()
        try:
            for check in checks:
                if not stopped.is_set():
                    made.append(run.outcome(check))
                    tell(made[-1])
            notes = tuple(run.weak_traits())
        finally:
            run.close()
        return Report((*(each for each in run.failures if each not in made), *made), (), (run.target,), notes)

    pool = ThreadPoolExecutor(max_workers=jobs or os.cpu_count())
    try:
        with nurseries_kept():
            return list(pool.map(report, runs))
    except BaseException:
        stopped.set()
        for run in runs:
            run.stop()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def too_few(target: Target, outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Yield a complaint where the kit looked at so little of a stage that its silence means nothing.

    That is where a required check could not run and none failed, or where too many of them had nothing to look at.
    """
    yield from blocked_silently(target, outcomes)
    required = [each for each in outcomes if each.check.level is Level.REQUIRED]
    if any(each.status is Status.FAILED for each in required):
        return  # it says so itself
    ran = sum(each.status in RAN for each in required)
    if ran < _FEWEST * len(required):
        yield f"{target.name}: only {ran} of {len(required)} required checks had anything to look at"


def complaints_of(targets: Sequence[Target], configuration: Configuration) -> Iterator[str]:
    """Yield what is wrong besides checks that fail: there is no stage, or waivers are out of date."""
    if not targets:
        yield "no stage was found, so nothing was checked"
    versions = {target.version for target in targets if target.version}
    version = next(iter(versions)) if len(versions) == 1 else None
    if configuration.waivers:
        yield from configuration.complaints(_known_names(targets), version)


def _known_names(targets: Sequence[Target]) -> set[str]:
    """Return the names of these stages and of the others of their distributions, which the configuration covers too."""
    found = {target.name for target in targets}
    for distribution in {target.distribution for target in targets if target.distribution}:
        record = installed(distribution)
        found |= {ref.name for ref in record.stages} if record is not None else set()
        found |= set(BUILTIN_STAGES) if distribution == CORE else set()
    return found
