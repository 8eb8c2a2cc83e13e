"""How a run goes on: which of its stages stand as recorded, which are made again, and which are still to run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crucible_core.contract.paths import covers
from crucible_core.runs.additions import sha256_of
from crucible_core.runs.resuming.stage_state import declared, is_whole

if TYPE_CHECKING:
    from crucible_core.pipeline.plan import Plan, PlannedStage
    from crucible_core.runs.codecs import ObjectStore
    from crucible_core.runs.history import StageHistory
    from crucible_core.runs.resuming.earlier_run import EarlierRun
    from crucible_core.trace.event import Event


class Action(Enum):
    """What happens to a stage when its run goes on."""

    KEEP = "keep"
    """What it left behind is taken from the record."""
    AGAIN = "again"
    """It was done, but something it left is not there: an ephemeral value, or a file that is gone or damaged."""
    OMIT = "omit"
    """It is disabled, or its condition did not hold; nothing has changed that."""
    RUN = "run"
    """It was not done, or something before it changed."""


@dataclass
class Resumption:
    """How a run goes on.

    Args:
        earlier: The run as its record tells it.
        plan: What is run from now on.
        actions: One for each stage of the plan, in order.
        notes: What a person should know about it.
    """

    earlier: EarlierRun
    plan: Plan
    actions: list[Action]
    notes: list[str] = field(default_factory=list)

    @property
    def kept(self) -> list[str]:
        """Ids of the stages whose completion still counts."""
        return [
            stage.id for stage, action in zip(self.plan.stages, self.actions, strict=True) if action is not Action.RUN
        ]

    def steps(self) -> Iterator[tuple[int, PlannedStage, Action]]:
        """Yield position, stage and what happens to it; asked one by one, since running one may change the rest."""
        for position, planned in enumerate(self.plan.stages):
            yield position, planned, self.actions[position]

    @cached_property
    def _stages(self) -> dict[str, PlannedStage]:
        return {stage.id: stage for stage in self.plan.stages}

    def history(self, stage_id: str) -> StageHistory:
        """Return what became of a stage until now."""
        return self.earlier.history.stage(stage_id)

    def events_kept(self, stage_id: str) -> Iterator[Event]:
        """Yield the events of a stage that its record still holds: what it told in the attempt that completed it."""
        past = self.history(stage_id)
        if past.done is not None:
            yield from past.told
            yield past.done

    def run_from(self, position: int) -> None:
        """Let nothing stand from this position on: something before it came out differently."""
        self.actions[position:] = [Action.RUN] * (len(self.actions) - position)

    def nothing_stands_from(self, position: int) -> bool:
        """Tell whether every stage from this position on is to be run."""
        return position > self._last_to_stand

    @property
    def _last_to_stand(self) -> int:
        """Position of the last stage that is not run, or -1."""
        return next((at for at in reversed(range(len(self.actions))) if self.actions[at] is not Action.RUN), -1)

    def may_unpickle(self, stage_id: str, path: str) -> bool:
        """Tell whether a stage lets its value at a context path be pickled."""
        planned = self._stages.get(stage_id)
        return planned is not None and any(covers(each, path) for each in declared(planned, "pickled"))


def resumption(earlier: EarlierRun, plan: Plan, store: ObjectStore, first_changed: int | None) -> Resumption:
    """Decide what happens to each stage of a run that goes on.

    Args:
        earlier: The run as its record tells it.
        plan: What is to be run from now on.
        store: Where its values lie.
        first_changed: Position of the first stage that is to run again whatever the record says.
    """
    made = Resumption(earlier, plan, [])
    fresh: list[str] = []
    for position, planned in enumerate(plan.stages):
        past = earlier.history.stage(planned.id)
        changed = first_changed is not None and position >= first_changed
        if planned.stage is None and not changed:
            made.actions.append(Action.OMIT)
            continue
        if changed or _may_differ(planned, fresh) or (past.done is None and past.skipped != "condition"):
            made.actions.append(Action.RUN)
            fresh += [*declared(planned, "writes"), *declared(planned, "may_write")]
            continue
        if past.done is None:
            made.actions.append(Action.OMIT)
            continue
        lost = _lost(past, earlier.directory.path, store)
        if lost:
            made.notes.append(f"{planned.id} runs again: {lost}")
        again = lost or past.open or not is_whole(past.state)
        made.actions.append(Action.AGAIN if again else Action.KEEP)
    made.notes.extend(_version_notes(made))
    return made


def _may_differ(planned: PlannedStage, fresh: Sequence[str]) -> bool:
    """Tell whether a stage may come to something else once the stages that wrote these paths have run again.

    Only a stage that was done after one that failed, as ``on_failure`` allows, can be kept behind one that runs.
    """
    if not fresh:
        return False
    if planned.policies is not None and planned.policies.condition is not None:
        return True
    own = [path for key in ("reads", "may_read", "writes", "may_write") for path in declared(planned, key)]
    return any(covers(new, path) or covers(path, new) for new in fresh for path in own)


def _lost(past: StageHistory, run_dir: Path, store: ObjectStore) -> str | None:
    """Say what of that which a stage left behind is gone or damaged, or None."""
    from crucible_core.runs.codecs import DamagedObjectError, objects_in

    for told in past.told:
        if told.event_name == "artifact" and (wrong := _file_problem(run_dir, told.payload)):
            return wrong
    for ref in objects_in(past.state):
        try:
            store.verify(ref)
        except DamagedObjectError as error:
            return str(error)
    return None


def _file_problem(run_dir: Path, artifact: Mapping[str, Any]) -> str | None:
    path = run_dir / str(artifact["path"])
    try:
        if path.stat().st_size == artifact["bytes"] and sha256_of(path) == artifact["sha256"]:
            return None
    except OSError as error:
        return f"{artifact['path']}: {error.strerror or error}"
    return f"{artifact['path']} is not what the stage wrote"


def _version_notes(made: Resumption) -> Iterator[str]:
    """Yield a note for each stage that stands although its code has another version by now."""
    recorded: Sequence[Mapping[str, Any]] = made.earlier.manifest.get("stages", ())
    versions = {stage["id"]: (stage.get("version"), stage.get("distribution_version")) for stage in recorded}
    for planned, action in zip(made.plan.stages, made.actions, strict=True):
        if action is Action.KEEP and planned.description is not None and planned.loaded is not None:
            before = versions.get(planned.id)
            now = (planned.description.version, planned.loaded.ref.version)
            if before is not None and before != now:
                said = f"{before[0]} ({before[1]}), now {now[0]} ({now[1]})"
                yield f"{planned.id} stands as recorded, although its version changed: {said}"
