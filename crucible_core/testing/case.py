"""A stage in the process that checks it: its class, what it says of itself, and its runs."""

from __future__ import annotations

import copy
import importlib.util
import itertools
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from crucible_core.contract.context import Context
from crucible_core.contract.description_reading import checked_description, read_description
from crucible_core.contract.errors import CrucibleError, named
from crucible_core.contract.example import StageExample
from crucible_core.ir.frozen import freeze_mapping
from crucible_core.ir.stage_def import StageDef
from crucible_core.pipeline.loading import inspected
from crucible_core.pipeline.options import OptionMode
from crucible_core.pipeline.planning import make_plan
from crucible_core.pipeline.problems import PlanError
from crucible_core.plugins.discover import is_stage_name
from crucible_core.plugins.loading import load_stage
from crucible_core.plugins.record import StageRef
from crucible_core.testing.check import BlockedError
from crucible_core.testing.clock import another_time
from crucible_core.testing.holdings import SETTLE_S
from crucible_core.testing.own_modules import packages_of
from crucible_core.testing.spoilt_runs import SpoiltRun, spoilt_runs
from crucible_core.testing.stated import unjudged
from crucible_core.testing.trial import KEYED, ROOMS, SUBJECT, Trial, experiment_of, observe

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic import BaseModel

    from crucible_core.contract.description import StageDescription
    from crucible_core.pipeline.loading import Loaded
    from crucible_core.pipeline.plan import Plan, PlannedStage
    from crucible_core.testing.digest import Leaves
    from crucible_core.testing.target import Target
    from crucible_core.trace.emitter import Observer

CORE_CODES = frozenset({"missing_ports"})
"""Codes that a stage ends with and need not declare: it raises them through what the core gives it."""

Change = Callable[[Context], Context]

SHAPE_CHECKS = ("C02", "C03", "C10")
"""The checks that find why a description cannot be read."""
DESCRIPTION_CHECKS = (*SHAPE_CHECKS, "C04", "C05", "C09", "C01")
"""The checks that find why the core cannot use one."""


class RefusedError(CrucibleError):
    """The planner refuses an example's options; the text says why."""


class Case:
    """One stage under test.

    What is expensive is made on first use and kept: importing, describing, and for each example a first and a second
    run. The first run may import libraries and fill their caches; what a stage does each time shows in the second.

    Args:
        target: Which stage.
        home: A directory of this process's own, with ``work``, ``tmp`` and ``runs`` in it.

    Attributes:
        patience_s: Seconds that a check may take for what it can do more or less of.
    """

    def __init__(self, target: Target, home: Path) -> None:
        self.target = target
        self.home = home
        self.patience_s = 10.0
        self._numbers = itertools.count(1)
        self._contexts = itertools.count(1)
        self._called = f"conformance-{os.getpid()}"
        self._pid = os.getpid()
        self._runs: dict[tuple[int, str], Trial] = {}
        self._later: dict[int, Leaves | None] = {}
        self._made: set[str] = set()  # what runs of the stage wrote, and so was given to none of them

    @cached_property
    def kind(self) -> type:
        """The stage's class.

        Raises:
            LoadProblemError: It cannot be imported, or is no stage.
        """
        ref = StageRef(self.target.name, self.target.value, target=self.target.kind)
        if ref.target is None and self.target.file is not None:
            _import_file(self.target.module, self.target.file)
        return load_stage(ref)

    @cached_property
    def loaded(self) -> Loaded:
        """The class as the planner has it.

        Raises:
            BlockedError: It cannot be used.
        """
        self.description  # noqa: B018 - what is wrong with that is told more exactly
        loaded = inspected(StageRef(self.target.name, self.target.value), self.kind)
        if loaded.failure is not None:
            raise BlockedError(loaded.failure.message, DESCRIPTION_CHECKS)
        return loaded

    @cached_property
    def packages(self) -> frozenset[str]:
        """The top-level packages, or modules, that its code is in."""
        return packages_of(self.kind)

    def describe(self, options: Mapping[str, Any] | None = None, stage: Any = None) -> Any:
        """Return what ``describe`` of an instance, a new one where none is given, returns, also where it is wrong."""
        with unjudged(self.kind):
            return (self.kind() if stage is None else stage).describe(options)

    @cached_property
    def said(self) -> Any:
        """What ``describe(None)`` returned, as it was."""
        return self.describe()

    @cached_property
    def stated(self) -> StageDescription:
        """What the stage says of itself, read and not judged.

        Raises:
            BlockedError: It cannot be read.
        """
        try:
            return read_description(self.said)
        except Exception as error:
            raise BlockedError(f"the description cannot be read: {named(error)}", SHAPE_CHECKS) from error

    @cached_property
    def description(self) -> StageDescription:
        """What the stage says of itself without options, as the core uses it.

        Raises:
            BlockedError: The core cannot use it.
        """
        try:
            return checked_description(self.stated)
        except BlockedError:
            raise
        except Exception as error:
            raise BlockedError(f"the core cannot use the description: {named(error)}", DESCRIPTION_CHECKS) from error

    @property
    def model(self) -> type[BaseModel] | None:
        """The ``Options`` class; None for a stage that does without."""
        return self.loaded.model

    def foresees(self, code: str | None) -> bool:
        """Tell whether a stage may end with a code: none at all, one that it declares, or one of the core's."""
        return code is None or code in self.description.errors or code in CORE_CODES

    @property
    def derived(self) -> bool:
        """Whether the description is made by the core from class attributes."""
        return self.loaded.derived

    @cached_property
    def examples(self) -> tuple[StageExample, ...]:
        """The examples, those given as mappings read.

        Raises:
            BlockedError: They cannot be read.
        """
        given = self.stated.examples if self.target.examples is None else self.target.examples
        try:
            return tuple(StageExample(**each) if isinstance(each, Mapping) else each for each in given)
        except TypeError as error:
            raise BlockedError(f"an example has other fields than a StageExample: {error}", SHAPE_CHECKS) from error

    @property
    def _plannable_name(self) -> str:
        """Its name, or one that a plan takes where its own is malformed, so that it can be run all the same."""
        name = self.description.name
        return name if is_stage_name(name) else SUBJECT

    @property
    def succeeding(self) -> tuple[StageExample, ...]:
        """The examples that are to succeed."""
        return tuple(each for each in self.examples if each.raises is None)

    def first(self, example: StageExample) -> Trial:
        """Return the first run of an example in this process."""
        return self._kept(example, "first")

    def second(self, example: StageExample) -> Trial:
        """Return the second run, with the same seed, after the process's state was put back."""
        self.first(example)
        return self._kept(example, "second")

    def firsts(self, *, failing: bool = True) -> Iterator[Trial]:
        """Yield the first run of every example, of those that are to fail as well unless told otherwise."""
        yield from map(self.first, self.examples if failing else self.succeeding)

    def seconds(self, *, failing: bool = True) -> Iterator[Trial]:
        """Yield the second run of every example."""
        yield from map(self.second, self.examples if failing else self.succeeding)

    @cached_property
    def spoilt(self) -> tuple[SpoiltRun, ...]:
        """What came of its examples with something wrong in their data."""
        return tuple(spoilt_runs(self))

    def steady(self, example: StageExample) -> bool:
        """Tell whether results of an example can be compared: the stage promises it, and two runs here are equal."""
        if self.description.traits.determinism == "none":
            return False
        mine = self.first(example).product()
        return mine == self.second(example).product() and self.later(example) in (None, mine)

    def later(self, example: StageExample) -> Leaves | None:
        """Return what comes of an example at another time; None where the stage does not ask for the time."""
        key = self.examples.index(example)
        if key not in self._later:
            with another_time(self.packages) as clock:
                trial = self.run(example)
            self._later[key] = trial.product() if clock.asked else None
        return self._later[key]

    def _kept(self, example: StageExample, which: str) -> Trial:
        key = self.examples.index(example), which
        if key not in self._runs:
            self._runs[key] = self.run(example, settled=which == "second")
        return self._runs[key]

    def run(
        self,
        example: StageExample,
        *,
        options: Any = None,
        seed: int = 0,
        change: Change | None = None,
        stage: Any = None,
        context: Context | None = None,
        checked: bool = True,
        settled: bool = False,
        interrupt: bool = False,
        observers: tuple[tuple[str, Observer], ...] = (),
    ) -> Trial:
        """Run an example once more, varied.

        Args:
            example: The example.
            options: Options instead of its own: a mapping, or a value of the stage's ``Options`` class.
            seed: The run's seed.
            change: Turns the context that the stage would get into another one.
            stage: An instance to use; a new one when not given.
            context: The context to use; made from the example when not given.
            checked: Whether the planner sees the options; else a stage without an ``Options`` class gets just these,
                without defaults.
            settled: Whether threads and child processes are given time to end before ``leaks`` is looked at.
            interrupt: Whether the stage is interrupted when it first looks at the context.
            observers: Name and callable of each observer of the run's events.

        Raises:
            RefusedError: The planner refuses the options.
        """
        planned, plan = self.planned(example, options, checked=checked)
        if os.getpid() != self._pid:  # describing or importing it forked, and this is the other branch
            os._exit(0)
        planned = planned if stage is None else planned._replace(stage=stage)
        made = self.context(example) if context is None else context
        place = self.home / "runs" / str(next(self._numbers))
        place.mkdir()
        trial = observe(
            example,
            planned,
            plan,
            made if change is None else change(made),
            seed=seed,
            place=place,
            tmp=self.home / "tmp",
            settle_s=SETTLE_S if settled else 0.0,
            interrupt=interrupt,
            observers=observers,
        )
        trial.given_files -= self._made
        self._made.update(path for path, _ in trial.calls.written if path not in trial.given_files)
        return trial

    def context(self, example: StageExample) -> Context:
        """Return the context of an example, its data copied, so that no run sees what another did to them."""
        rooms: dict[str, Any] = {room: _own(example, room) for room in ROOMS}
        experiment = experiment_of(example, self._plannable_name)
        return Context(experiment_id=experiment.id, run_id=self._run_id(), experiment=experiment, **rooms)

    def _run_id(self) -> str:
        """Return another id for each run: a result depends on its inputs and seed, not on which run it is of."""
        return f"{self._called}-{next(self._contexts):06}"

    def planned(self, example: StageExample, options: Any = None, *, checked: bool = True) -> tuple[PlannedStage, Plan]:
        """Return an example ready to run, as the planner makes it, and the plan it is all of.

        Raises:
            RefusedError: The planner refuses the options.
        """
        made: Any = options if self.model is not None and isinstance(options, self.model) else None
        given = dict(example.make("options")) if options is None or made is not None else dict(options)
        definition = StageDef(id=SUBJECT, name=self._plannable_name, options=freeze_mapping(given))
        experiment = experiment_of(example, self._plannable_name).model_copy(update={"pipeline": (definition,)})
        there = [f"{room}.{key}" for room in KEYED for key in example.make(room)]
        registry: Any = _OneStage(self.kind)
        mode = OptionMode.ERROR if checked else OptionMode.OFF
        try:
            plan = make_plan(experiment, registry, given=["outputs", *there], mode=mode)
        except PlanError as error:
            raise RefusedError("; ".join(each.message for each in error.problems)) from error
        planned = plan.stages[0]
        if made is None and not checked and self.model is None:
            made = given
        return (planned if made is None else planned._replace(options=made)), plan


class _OneStage:
    """Stand in for the registry of installed plugins where a plan is made of one stage."""

    def __init__(self, kind: type) -> None:
        self._kind = kind

    def resolve(self, name: str) -> StageRef:
        return StageRef(name, target=self._kind)

    def load(self, ref: StageRef) -> type:
        assert ref.target is not None
        return ref.target

    def limit(self, _ref: StageRef) -> None:
        """Set no limit: the kit has one for each check."""


def _own(example: StageExample, room: str) -> Any:
    """Return the data of an example for one run alone; what cannot be copied is shared."""
    value = example.make(room)
    if callable(getattr(example, room)):
        return value
    try:
        return copy.deepcopy(value)
    except Exception:  # noqa: BLE001 - an object of somebody else's that does not copy
        return value


def _import_file(module: str, file: str) -> None:
    """Import a module from its file where it cannot be found by name."""
    if module in sys.modules or _findable(module, file):
        return
    spec = importlib.util.spec_from_file_location(module, file)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    sys.modules[module] = made
    try:
        spec.loader.exec_module(made)
    except BaseException:
        del sys.modules[module]
        raise


def _findable(module: str, file: str) -> bool:
    try:
        spec = importlib.util.find_spec(module)
    except (ImportError, ValueError):
        return False
    return spec is not None and spec.origin == file
