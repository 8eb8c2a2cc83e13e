"""The seam between the runner and whatever runs a stage elsewhere: another process, later perhaps another machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from crucible_core.contract.context import Context
    from crucible_core.contract.runtime import Runtime
    from crucible_core.ir import StageDef
    from crucible_core.pipeline.execution.reference import StageReference
    from crucible_core.pipeline.result import Failure


class AttemptFailedError(Exception):
    """An attempt that was made elsewhere failed, or could not be made; ``failure`` says how."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


@dataclass(frozen=True, slots=True)
class ContextReference:
    """What an executor makes of the context that a stage gets.

    It is the context itself, which the executor of processes pickles into a pipe, whole. One for several machines will
    hold where it is stored instead.

    Args:
        definition: The step of the pipeline that is run.
        context: What the stage gets. Its runtime stays here: it takes what the stage reports from elsewhere.
    """

    definition: StageDef
    context: Context

    @property
    def runtime(self) -> Runtime:
        """Through which what the stage reports becomes events of the run, in the order in which it comes."""
        return self.context.runtime


class StageFuture(Protocol):
    """An attempt that is being made elsewhere."""

    def wait(self, seconds: float) -> bool:
        """Pass on what the stage reports meanwhile, and tell whether the attempt ended.

        Raises:
            RecordError: An event could not be recorded.
        """
        ...

    def result(self) -> Context:
        """Return the context that the stage returned, once the attempt ended.

        Raises:
            AttemptFailedError: It failed.
        """
        ...

    def cancel(self) -> None:
        """Tell the stage that the run is to stop: its ``runtime.cancelled`` becomes true."""
        ...

    def terminate(self) -> None:
        """Interrupt the stage, so that it can still clean up."""
        ...

    def kill(self) -> None:
        """End the stage, and whatever it started, at once; without effect on one that ended."""
        ...


class Executor(Protocol):
    """Something that can run stages."""

    def submit(self, stage: StageReference, context: ContextReference, options: Any) -> StageFuture:
        """Begin an attempt at a stage.

        Args:
            stage: Where it is found, and what it must be there.
            context: What it gets.
            options: Its options, checked.

        Raises:
            AttemptFailedError: The attempt cannot begin.
        """
        ...
