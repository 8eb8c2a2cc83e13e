"""Go on with a run: take what stands from its record, and run the rest."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crucible_core.contract.json_values import as_text
from crucible_core.ir.policies import OnFailure
from crucible_core.runs.additions import StageAdditions
from crucible_core.runs.resuming.restoring import ContextRestoration
from crucible_core.runs.resuming.resumption import Action

if TYPE_CHECKING:
    from crucible_core.contract.runtime import EventSink
    from crucible_core.pipeline.plan import PlannedStage
    from crucible_core.pipeline.runner import Progress, Runner
    from crucible_core.runs.resuming.resumption import Resumption
    from crucible_core.runs.resuming.stage_state import StageStates
    from crucible_core.trace.event import Event


@dataclass
class GoingOn:
    """What is left of a run.

    Args:
        resumption: How it goes on.
        states: Reads what stages left behind.
        runner: Runs stages.
        sink: Where events go.
        start: Records that the run goes on, with what stands now; called again where less does than was thought.
    """

    resumption: Resumption
    states: StageStates
    runner: Runner
    sink: EventSink
    start: Callable[[], None]

    def run(self, state: Progress) -> None:
        """Run what is left, on a context like that of a run which was never interrupted."""
        self._close_open_attempts()
        histories = self.resumption.earlier.history.stages
        state.attempts |= {stage_id: past.attempts for stage_id, past in histories.items() if past.attempts}
        state.checkpoints |= {stage_id: self._here(stage_id, past.checkpoints) for stage_id, past in histories.items()}
        reasoning = state.context.trace
        restoration = ContextRestoration(state.context, self.states.values, self.resumption.may_unpickle)
        for position, planned, action in self.resumption.steps():
            if action is Action.KEEP:
                self._keep(planned, restoration, state, reasoning)
                continue
            state.context = restoration.context()._with("trace", reasoning)
            if action is Action.RUN and self.resumption.nothing_stands_from(position):
                self.runner.run(self.resumption.plan.stages[position:], state)
                return
            went_well = self._run_one(position, planned, action, state)
            if not went_well and not _goes_on_after_a_failure(planned, state):
                return
            restoration.continue_from(state.context)
        state.context = restoration.context()

    def _run_one(self, position: int, planned: PlannedStage, action: Action, state: Progress) -> bool:
        """Run one stage before others that stand, and tell whether it was done; see which of them do not any more."""
        before = len(state.ended)
        self.runner.run([planned], state)
        ended = state.ended[before:]
        done = bool(ended) and all(each[1] in ("succeeded", "skipped") for each in ended)
        if action is Action.AGAIN and (not done or self._came_out_differently(planned)):
            self._let_nothing_stand_after(position, planned)
        elif state.failed_for_good is not None:
            self.resumption.run_from(position + 1)
        return done

    def _here(self, stage_id: str, paths: Iterable[str]) -> set[str]:
        """Return where checkpoints lie now: a run that was moved took those in its directory along."""
        directory = self.resumption.earlier.directory.artifacts(stage_id)
        inside = f"/artifacts/{stage_id}/"
        return {str(directory / path.rpartition(inside)[2]) if inside in path else path for path in paths}

    def _close_open_attempts(self) -> None:
        """Record the end of the attempt in which the process before this one died."""
        for note in self.resumption.notes:
            self.sink.emit("log", None, {"level": "warning", "message": note, "fields": {}})
        for planned in self.resumption.plan.stages:
            past = self.resumption.history(planned.id)
            if past.open:
                message = "the process was gone before the stage was done"
                payload = {"stage": planned.id, "code": "interrupted", "message": message, "details": {}}
                ending = {**payload, "traceback": None, "duration_s": 0.0, "will_retry_in_s": None}
                self.sink.emit("stage_error", planned.id, ending, past.attempts)

    def _keep(
        self, planned: PlannedStage, restoration: ContextRestoration, state: Progress, reasoning: list[Event]
    ) -> None:
        past = self.resumption.history(planned.id)
        assert past.done is not None
        if past.done.event_name == "stage_skip":  # its result was taken from the cache
            state.ended.append((planned.id, "skipped", 0.0, 0.0))
        else:
            state.ended.append((planned.id, "succeeded", 0.0, past.done.payload["duration_s"]))
        restoration.add(planned.id, past.done.payload)
        reasoning.extend(event for event in past.told if "decision" in event.payload)

    def _came_out_differently(self, planned: PlannedStage) -> bool:
        """Tell whether a stage that ran again left something else behind than it did before."""
        past, additions = self.resumption.history(planned.id), self.runner.additions
        assert past.done is not None
        assert isinstance(additions, StageAdditions)
        return _comparable(past.done.payload) != _comparable(json.loads(as_text(additions.last)))

    def _let_nothing_stand_after(self, position: int, planned: PlannedStage) -> None:
        self.resumption.run_from(position + 1)
        message = f"{planned.id} came out differently than before; every stage after it runs again"
        self.start()
        self.sink.emit("log", None, {"level": "warning", "message": message, "fields": {"stage": planned.id}})


def _goes_on_after_a_failure(planned: PlannedStage, state: Progress) -> bool:
    policies = planned.policies
    return state.status == "failed" and policies is not None and policies.on_failure is not OnFailure.STOP


def _comparable(payload: Mapping[str, Any]) -> dict[str, Any]:
    return {name: payload[name] for name in ("metrics", "state") if payload.get(name)}
