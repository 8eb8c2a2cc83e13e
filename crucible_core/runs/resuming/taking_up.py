"""Take up a run that was begun before: its experiment, what it was given, and whether both are still the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crucible_core.contract.json_values import as_text
from crucible_core.runs.resuming.differences import Difference, differences
from crucible_core.runs.resuming.earlier_run import EarlierRun, ResumeError
from crucible_core.runs.resuming.resumption import Resumption, resumption
from crucible_core.runs.resuming.run_values import run_store, run_values
from crucible_core.runs.resuming.stage_state import EPHEMERAL
from crucible_core.runs.secret_values import SecretValues, secrets_of
from crucible_core.runs.spec import recorded_spec

if TYPE_CHECKING:
    from crucible_core.pipeline.plan import Plan
    from crucible_core.plugins.codec_ref import CodecRef
    from crucible_core.runs.codecs import Values
    from crucible_core.runs.secret_values import OptionTypes

_LISTED = 20


class ChangedRunError(ResumeError):
    """The experiment is not the one the run began with.

    Args:
        run_id: The run.
        found: In what they differ.
        first: Id of the first stage concerned.
    """

    def __init__(self, run_id: str, found: Sequence[Difference], first: str) -> None:
        listed = "".join(f"\n  {each}" for each in found[:_LISTED])
        more = f"\n  and {len(found) - _LISTED} more" if len(found) > _LISTED else ""
        hint = (
            f"--from-changed runs again from stage {first!r} on; to keep this run as it is, run under a new run id; "
            "to go on as it was, undo the change"
        )
        super().__init__(f"the experiment is not the one run {run_id} began with:{listed}{more}", hint=hint)
        self.differences = tuple(found)


@dataclass(frozen=True)
class TakenUp:
    """A run that goes on, and what its context begins with."""

    resumption: Resumption
    assigns: Mapping[str, Any]
    rows: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class TakingUp:
    """What is needed to take up a run.

    Args:
        earlier: The run.
        codecs: Returns the codecs there are.
        types_of: Tells the types of a stage's options.
        from_changed: Whether to run again from the first stage that changed, where one did.
    """

    earlier: EarlierRun
    codecs: Callable[[], Iterable[CodecRef]]
    types_of: OptionTypes
    from_changed: bool

    def given_names(self, assigns: Iterable[str]) -> list[str]:
        """Return the names of all values the context begins with."""
        return [*dict.fromkeys([*self.earlier.given.get("assigns", {}), *assigns])]

    @property
    def gives_rows(self) -> bool:
        """Whether the run was given outputs to begin with."""
        return "outputs" in self.earlier.given

    def go_on(
        self, plan: Plan, seed: int | None, assigns: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]
    ) -> TakenUp:
        """Compare what is to run with what was recorded, and decide what happens to each stage.

        Args:
            plan: What is to be run.
            seed: The seed, where one was given.
            assigns: Values given now; those of the record need not be given again.
            rows: Outputs given now, likewise.

        Raises:
            ChangedRunError: The experiment changed, and ``from_changed`` was not asked for.
            ResumeError: The run is done, or a value or secret has to be given again.
        """
        earlier = self.earlier
        secrets = secrets_of(plan, self.types_of)
        values = run_values(earlier.directory, self.codecs, secrets, sync=False)
        found = [*self._experiment_changes(plan, secrets), *self._seed_change(seed)]
        found += self._given_changes(values, assigns, rows)
        first = min((each.stage for each in found), default=None)
        if first is not None and not self.from_changed:
            raise ChangedRunError(earlier.run_id, found, plan.stages[min(first, len(plan.stages) - 1)].id)
        if first is None and (earlier.history.stopped or {}).get("status") == "succeeded":
            raise ResumeError(
                f"run {earlier.run_id} succeeded; there is nothing to go on with",
                hint="run the experiment again under a new run id",
            )
        going_on = resumption(earlier, plan, run_store(earlier.directory), first)
        return TakenUp(going_on, self._assigns(values, assigns), self._rows(values, rows))

    def _experiment_changes(self, plan: Plan, secrets: SecretValues) -> list[Difference]:
        from crucible_core.ir import Experiment

        recorded = self.earlier.recorded_experiment()
        shown = Experiment.from_dict(secrets.hidden(recorded_spec(plan, self.types_of)))
        if recorded.id != shown.id:
            raise ResumeError(
                f"run {self.earlier.run_id} is of experiment {recorded.id!r}, not of {shown.id!r}",
                hint="give the spec file it was begun with, or none",
            )
        return differences(recorded, shown)

    def _seed_change(self, seed: int | None) -> list[Difference]:
        recorded = self.earlier.manifest["seed"]
        return [] if seed in (None, recorded) else [Difference("seed", recorded, seed, 0)]

    def _given_changes(
        self, values: Values, assigns: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]
    ) -> list[Difference]:
        """Find values given now that are others than those the run began with; compared as they are recorded."""
        recorded = self.earlier.given.get("assigns", {})
        found = []
        for name, value in assigns.items():
            held = recorded.get(name, "absent")
            if held != EPHEMERAL and as_text(values.encode(value)) != as_text(held):
                found.append(Difference(f"assigns.{name}", "as recorded", "another value", 0))
        held_rows = self.earlier.given.get("outputs", {}).get("rows")
        if rows and held_rows != EPHEMERAL and as_text(values.encode(list(rows))) != as_text(held_rows):
            found.append(Difference("outputs", "as recorded", "other rows", 0))
        return found

    def _assigns(self, values: Values, assigns: Mapping[str, Any]) -> dict[str, Any]:
        restored = {}
        for name, held in self.earlier.given.get("assigns", {}).items():
            if name in assigns:
                continue
            if held == EPHEMERAL:
                raise ResumeError(
                    f"assigns.{name}, which the run was given, is not in its record: nothing could keep it",
                    hint=f"give it again: run(..., assigns={{{name!r}: ...}})",
                )
            restored[name] = values.decode(held)
        return {**restored, **assigns}

    def _rows(self, values: Values, rows: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
        held = self.earlier.given.get("outputs", {}).get("rows")
        if rows or held is None:
            return rows
        if held == EPHEMERAL:
            raise ResumeError(
                "the outputs that the run was given are not in its record: nothing could keep them",
                hint="give them again: run(..., outputs=...)",
            )
        restored: Sequence[Mapping[str, Any]] = values.decode(held)
        return restored
