"""The processes in which one stage is checked, and the facts they have found out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from crucible_core.testing.hash_orders import SEEDS
from crucible_core.testing.process import ProcessEndedError, StageProcess, Surroundings

if TYPE_CHECKING:
    from crucible_core.testing.target import Target

_SEED_S = 5.0
"""Seconds that it may take to say which seed of hashes suits the examples."""
_SOMEBODY = "crucible-somebody"
_OTHER = Surroundings(
    hash_seed=SEEDS[0],
    environ=(
        *(("LC_ALL", "C"), ("PYTHONUTF8", "1"), ("TZ", "Asia/Kathmandu")),
        *((name, _SOMEBODY) for name in ("USER", "LOGNAME", "USERNAME")),
    ),
    elsewhere=True,
)
_FIRST = ("importing", "describing")
"""What ``other`` is asked before all else, in this order: once a stage was at work it cannot be seen any more."""
_BEFORE_EXAMPLES = frozenset({"importing"})
"""Facts for which it does not matter which examples the stage is given."""


class Workers:
    """A process for the checks, and another for what has to be seen from outside it.

    ``other`` has another hash seed, locale, time zone, user, home and number of processors; nothing of the stage is
    imported in it before it is asked to.

    Args:
        target: The stage.
        timeout: Seconds that one question may take.
    """

    def __init__(self, target: Target, timeout: float) -> None:
        self.target = target
        self._timeout = timeout
        self._processes = {"main": StageProcess(target)}
        self._known: dict[str, dict[str, Any]] = {}

    @cached_property
    def hash_seed(self) -> int:
        """The hash seed of ``other``: sets of the examples' texts have another order there than in ``main``."""
        said = self._asked("main", "hash_seed", (), min(self._timeout, _SEED_S)) if self.target.findable else {}
        return int(said.get("facts", _OTHER.hash_seed))

    def check(self, check_id: str, facts: Mapping[str, Any]) -> dict[str, Any]:
        """Run one check in the main process.

        Raises:
            ProcessEndedError: It hung, or the process ended.
        """
        return self._processes["main"].ask({"do": "check", "id": check_id, "facts": dict(facts)}, self._timeout)

    def facts(self, process: str, name: str, *arguments: Any) -> dict[str, Any]:
        """Return what a function of `facts` finds out in a process: ``{"facts": ...}``, or ``{"failed": why}``.

        ``{"blocked": why}`` where the stage's module does not import in that process.

        Args:
            process: ``main`` or ``other``.
            name: The function.
            arguments: What else it is given; the answer to the first such call is kept.
        """
        key = f"{process}.{name}"
        if process == "other" and name not in _FIRST[:1] and key not in self._known:
            self.facts("other", _FIRST[0] if name in _FIRST else _FIRST[-1])
        if key not in self._known:
            why = self._not_imported() if process == "other" and name != _FIRST[0] else None
            self._known[key] = self._asked(process, name, arguments) if why is None else {"blocked": why}
        return self._known[key]

    def _not_imported(self) -> str | None:
        """Say why the stage's module does not import in another process; None where it does, or nobody knows."""
        found = self._known.get(f"other.{_FIRST[0]}", {})
        why: str | None = found.get("failed") or found.get("facts", {}).get("error")
        return why

    def _asked(
        self, process: str, name: str, arguments: tuple[Any, ...], timeout: float | None = None
    ) -> dict[str, Any]:
        target = replace(self.target, examples=None) if name in _BEFORE_EXAMPLES else self.target
        if not target.findable and process != "main":
            return {"not_applicable": "no other process can import a class that was made in a function or a notebook"}
        if target.examples is not self.target.examples:
            process = "bare"  # one that is not a copy of this, as those that are given examples have to be
            self._processes.setdefault(process, StageProcess(target, _OTHER))
        if process not in self._processes:
            self._processes[process] = StageProcess(target, replace(_OTHER, hash_seed=self.hash_seed))
        question = {"do": "facts", "name": name, "arguments": arguments}
        try:
            return self._processes[process].ask(question, timeout or self._timeout)
        except ProcessEndedError as error:
            return {"failed": str(error)}

    def close(self) -> None:
        """End all processes."""
        for process in self._processes.values():
            process.close()

    def stop(self) -> None:
        """Kill all processes, from another thread, and start no more."""
        for process in list(self._processes.values()):
            process.stop()
