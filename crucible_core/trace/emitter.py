"""The one place where events are numbered, recorded and passed on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import RLock
from typing import Any, Protocol

from crucible_core.contract.errors import named
from crucible_core.contract.event_names import REASONING_EVENTS
from crucible_core.contract.json_values import as_record, as_text
from crucible_core.trace.event import SCHEMA_VERSION, Event
from crucible_core.trace.timestamps import utc_now

Observer = Callable[[Event], None]


class Journal(Protocol):
    """Where lines are recorded."""

    def append(self, line: str, timestamp: str, event_name: str, stage: str | None, payload: Mapping[str, Any]) -> None:
        """Record one line so that it survives the death of this process, and take note of what it says."""
        ...

    def lines(self) -> int:
        """Return how many whole lines are recorded; asked only after `append` was interrupted or failed."""
        ...


class Emitter:
    """Number events, write them to the journal, then tell the observers; safe to use from several threads.

    An observer that raises is reported once, by a ``log`` event and to ``complain``, and never changes a run.

    Args:
        run_id: Id of the run.
        experiment_id: Id of the experiment.
        journal: Where lines go; None where the run is not recorded.
        observers: Name and callable of each observer, in order.
        complain: Called with one line of text about an observer that raised.
        first_seq: The number of the first event.
    """

    def __init__(
        self,
        run_id: str,
        experiment_id: str,
        journal: Journal | None = None,
        observers: tuple[tuple[str, Observer], ...] = (),
        complain: Callable[[str], None] | None = None,
        first_seq: int = 1,
    ) -> None:
        self.run_id = run_id
        self.experiment_id = experiment_id
        self.reasoning: list[Event] = []
        self._journal = journal
        self._observers = observers
        self._complain = complain
        self._blamed: set[int] = set()  # positions, since two observers may have one name
        self._next_seq = first_seq
        self._lock = RLock()  # an observer may itself emit: the log event about another observer
        self._ids = f'"run_id":{as_text(run_id)},"experiment_id":{as_text(experiment_id)}'

    @property
    def listening(self) -> bool:
        """Whether anybody would see an event; when not, callers need not make one."""
        return self._journal is not None or bool(self._observers)

    def emit(self, event_name: str, stage: str | None, payload: Mapping[str, Any], attempt: int | None = None) -> None:
        """Record an event and tell the observers of it."""
        if not self.listening and event_name not in REASONING_EVENTS:
            return
        with self._lock:
            seq = self._next_seq
            try:
                self._next_seq = seq + 1
                timestamp = utc_now()
                if self._journal is not None:
                    self._journal.append(
                        f'{{"schema_version":"{SCHEMA_VERSION}","seq":{seq},"timestamp":"{timestamp}",'
                        f'"event_name":"{event_name}",{self._ids},"stage":{_quoted(stage)},'
                        f'"attempt":{attempt or "null"},"payload":{as_text(payload)}}}\n',
                        timestamp,
                        event_name,
                        stage,
                        payload,
                    )
            except BaseException:  # an interrupt may come before the line is written or after: the journal knows
                if self._journal is not None:
                    self._next_seq = self._journal.lines() + 1
                raise
            if self._observers or event_name in REASONING_EVENTS:
                made = Event(
                    seq, timestamp, event_name, self.run_id, self.experiment_id, stage, attempt, as_record(payload)
                )
                self._pass_on(made)

    def _pass_on(self, event: Event) -> None:
        if event.event_name in REASONING_EVENTS:
            self.reasoning.append(event)
        failed = [
            (name, error)
            for position, (name, observer) in enumerate(self._observers)
            if position not in self._blamed and (error := self._told(position, observer, event)) is not None
        ]
        for name, error in failed:  # once all have seen this event, so that none sees the report of it before
            self._report(name, event, error)

    def _told(self, position: int, observer: Observer, event: Event) -> BaseException | None:
        """Tell an observer of an event and return what it raised."""
        try:
            observer(event)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - an observer never changes a run, whatever it raises
            self._blamed.add(position)
            return error
        return None

    def _report(self, name: str, event: Event, error: BaseException) -> None:
        message = f"observer {name} failed on {event.event_name} and is not called again: {named(error)}"
        if self._complain is not None:
            self._complain(message)
        self.emit("log", None, {"level": "warning", "message": message, "fields": {"observer": name}})


def _quoted(stage: str | None) -> str:
    """Return a stage id as JSON; ids hold nothing that would need escaping."""
    return "null" if stage is None else f'"{stage}"'
