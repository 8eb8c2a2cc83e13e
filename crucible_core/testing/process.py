"""A child process that answers questions about one stage, and may hang, exit, crash or print without harm."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crucible_core.testing.child import Child, ProcessEndedError
from crucible_core.testing.starting import Surroundings, started

if TYPE_CHECKING:
    from crucible_core.testing.target import Target

__all__ = ["ProcessEndedError", "StageProcess", "Surroundings"]


class StageProcess:
    """Start a child for a stage when it is first asked something, and again after it ended.

    Args:
        target: The stage.
        surroundings: What is special about the child.
    """

    def __init__(self, target: Target, surroundings: Surroundings | None = None) -> None:
        self._target = target
        self._surroundings = surroundings or Surroundings()
        self._child: Child | None = None
        self._stopped = False

    def ask(self, question: Mapping[str, Any], timeout: float) -> dict[str, Any]:
        """Return the child's answer.

        Args:
            question: JSON values; ``serving`` says which.
            timeout: Seconds it may take, the start of the child not counted.

        Raises:
            ProcessEndedError: There was none.
        """
        if self._child is None:
            self._child = started(self._target, self._surroundings)
            self._answer({"do": "hello"}, max(timeout, 20.0))
        return self._answer(question, timeout)

    def _answer(self, question: Mapping[str, Any], timeout: float) -> dict[str, Any]:
        assert self._child is not None
        if self._stopped:
            self._child.kill()
        try:
            return self._child.ask(question, timeout)
        except ProcessEndedError:
            self.close()
            raise

    def stop(self) -> None:
        """Kill the child, from another thread than the one that waits for its answer; no other one answers."""
        self._stopped = True
        child = self._child
        if child is not None:
            child.kill()

    def close(self) -> None:
        """End the child and whatever it started, and remove its files."""
        if self._child is not None:
            self._child.close()
            self._child = None
