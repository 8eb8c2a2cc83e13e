"""What a stage may ask of the run it is part of."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from operator import index
from pathlib import Path, PurePosixPath
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from crucible_core.contract.errors import named
from crucible_core.contract.event_names import LOG_LEVELS, REASONING_EVENTS, check_plugin_event
from crucible_core.contract.json_values import as_json

if TYPE_CHECKING:
    import random

    from crucible_core.ir import DatasetRef, ModelRef

SEED_BITS = 32  # what every library accepts: numpy, scikit-learn and torch among them


class EventSink(Protocol):
    """Where events go: the journal and the observers of a run, or nowhere."""

    @property
    def listening(self) -> bool:
        """Whether anybody would see an event; when not, none is made."""
        ...

    def emit(self, event_name: str, stage: str | None, payload: Mapping[str, Any], attempt: int | None = None) -> None:
        """Record one event."""
        ...


class CancelToken(Protocol):
    """Something that can be asked whether to stop: a ``threading.Event`` is one."""

    def is_set(self) -> bool:
        """Tell whether the run is to stop."""
        ...


class RunServices(NamedTuple):
    """What all stages of one run share.

    Args:
        seed: The run's seed.
        sink: Where events go; None for nowhere.
        artifacts: Makes the directory in which one stage writes its files.
        cancel: Whether the run is to stop.
        clock: The current time, with its zone.
        progress: Called with stage id, done and total.
        plan: The stages of the run, as `crucible_core.pipeline.plan.Plan`; None outside a run.
        record: Returns what the manifest would say now.
        grace_s: Seconds that a stage has to end once the run is to stop.
        check_reference: Returns what is missing of a dataset or model: nothing where it is there, None where nobody
            knows.
        hide: Returns a text without the values of secret options; None where there are none.
    """

    seed: int = 0
    sink: EventSink | None = None
    artifacts: Callable[[str], Path] | None = None
    cancel: CancelToken | None = None
    clock: Callable[[], datetime] = partial(datetime.now, UTC)
    progress: Callable[[str, float, float | None], None] | None = None
    plan: Any = None
    record: Callable[[], Mapping[str, Any]] | None = None
    grace_s: float = 10.0
    hide: Callable[[str], str] | None = None
    check_reference: Callable[[DatasetRef | ModelRef], str | None] | None = None


def derive_seed(seed: int, *names: str) -> int:
    """Return a seed below 2**32 that depends on the run's seed and these names, and on nothing else.

    Example:
        >>> derive_seed(0, "train") == derive_seed(0, "train") != derive_seed(0, "eval")
        True
    """
    text = "\x1f".join((str(seed), *names))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=SEED_BITS // 8).digest(), "big")


class Runtime:
    """The run as one stage sees it; never serialised, a worker process gets one of its own.

    Attributes:
        stage_id: Id of the stage.
        attempt: 1 for the first try.
        asked: What the stage asked for without having to declare it: of this runtime, ``clock``, ``plan``, ``record``,
            ``deadline`` where there is one, ``cancelled`` where it was told so; of the context, its attributes that
            are no inputs.
    """

    __slots__ = ("_deadline", "_services", "_unwatched", "asked", "attempt", "stage_id", "wrote_files")

    def __init__(self, services: RunServices, stage_id: str, attempt: int = 1, deadline: float | None = None) -> None:
        self._services = services
        self.stage_id = stage_id
        self.attempt = attempt
        self._deadline = deadline
        self.wrote_files = False
        self.asked: frozenset[str] = frozenset()
        self._unwatched = False

    @property
    def seed(self) -> int:
        """The stage's own seed, below 2**32: derived from the run's seed and the stage's id."""
        return derive_seed(self._services.seed, self.stage_id)

    @property
    def run_seed(self) -> int:
        """The run's seed."""
        return self._services.seed

    def rng(self, stream: str = "") -> random.Random:
        """Return a generator seeded for this stage; each stream name gives an independent one."""
        import random

        return random.Random(derive_seed(self._services.seed, self.stage_id, stream))  # noqa: S311 - not for secrets

    @property
    def cancelled(self) -> bool:
        """Whether the run is to stop.

        A stage that works in steps looks at it between them, and stops by raising ``StageError("cancelled", ...)``.
        One that returns says that it is done. It has the grace period of the run (10 seconds, if nothing else was
        said) to do either.
        """
        if self._services.cancel is None or not self._services.cancel.is_set():
            return False
        self.asked |= {"cancelled"}
        return True

    @property
    def deadline(self) -> float | None:
        """When the stage must be done, in seconds of ``time.monotonic()``; None for never."""
        if self._deadline is not None:
            self.asked |= {"deadline"}
        return self._deadline

    def remaining(self) -> float | None:
        """Return the seconds left until `deadline`, not below 0; None where there is none.

        A stage that cannot be done in time stops by raising ``StageError("timeout", ...)``.
        """
        deadline = self.deadline
        return None if deadline is None else max(0.0, deadline - monotonic())

    @property
    def plan(self) -> Any:
        """The stages of this run in order; None outside a run."""
        self.asked |= {"plan"}
        return self._services.plan

    def record(self) -> Mapping[str, Any]:
        """Return what the run's manifest would say now, as JSON values; empty outside a run."""
        self.asked |= {"record"}
        return {} if self._services.record is None else self._services.record()

    @property
    def has_secrets(self) -> bool:
        """Whether an option of any stage of the run is a secret."""
        return self._services.hide is not None

    def hide_secrets(self, text: str) -> str:
        """Return a text, asterisks in place of the values of the run's secret options, as for its record.

        For a stage that writes what others left into a file, as the report does.
        """
        return text if self._services.hide is None else self._services.hide(text)

    def check_reference(self, reference: DatasetRef | ModelRef) -> str | None:
        """Return what is missing of a dataset or model that an experiment names, as plugins say.

        Returns:
            Nothing where it is there; None where no plugin can say, as in a process of its own.
        """
        ask = self._services.check_reference
        return None if ask is None else ask(reference)

    def clock(self) -> datetime:
        """Return the current time in UTC."""
        self.asked |= {"clock"}
        return self._services.clock()

    def artifact_path(self, name: str) -> Path:
        """Return where this stage may write the file ``name``; its directory exists.

        Args:
            name: A relative path with forward slashes, inside this stage's own directory.

        Raises:
            ValueError: The name is empty, absolute or leads out of the directory.
        """
        relative = PurePosixPath(name)
        if not name or relative.is_absolute() or ".." in relative.parts or relative == PurePosixPath():
            raise ValueError(f"artifact name {name!r}: give a relative path inside the stage's own directory")
        if self._services.artifacts is None:
            raise ValueError(f"no directory for artifact {name!r}: this context belongs to no run")
        self.wrote_files = True
        path = self._services.artifacts(self.stage_id) / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def emit(self, event_name: str, **payload: Any) -> None:
        """Record an event of this stage.

        Args:
            event_name: A plugin's own event as ``distribution.event``; or ``metric``, ``checkpoint``, ``log`` or a
                reasoning event, which is the same as calling `log_metric`, `checkpoint`, `log` or `decide`.
            payload: What happened: JSON values, or what stands for them (numbers of numpy, dates, paths, sets). Others
                are recorded by their repr, without addresses; the conformance kit does not let them pass.

        Raises:
            ValueError: The name is none of these.
            TypeError: The payload is not that of the event.
        """
        known: dict[str, Callable[..., None]] = {
            "metric": self.log_metric,
            "checkpoint": self.checkpoint,
            "log": self.log,
            **dict.fromkeys(REASONING_EVENTS, partial(self.decide, kind=event_name)),
        }
        if event_name in known:
            known[event_name](**payload)
            return
        check_plugin_event(event_name)
        self._emit(event_name, payload)

    def log(self, message: str, level: str = "info", **fields: Any) -> None:
        """Record a message.

        Args:
            message: What to say.
            level: ``debug``, ``info``, ``warning`` or ``error``.
            fields: The same for programs.

        Raises:
            ValueError: There is no such level.
        """
        if level not in LOG_LEVELS:
            raise ValueError(f"log level {level!r}: choose one of {', '.join(LOG_LEVELS)}")
        self._emit("log", {"level": level, "message": str(message), "fields": fields})

    def log_metric(self, name: str, value: float, step: int | None = None) -> None:
        """Record the value of a metric at a step; the final value belongs into the context's ``metrics``.

        Raises:
            TypeError: The value is no number, or the step no integer.
        """
        at = None if step is None else index(step)
        self._emit("metric", {"name": str(name), "value": _number(value, f"the metric {name}"), "step": at})

    def decide(
        self,
        decision: str,
        reasoning: str,
        alternatives: Sequence[str] = (),
        confidence: float | None = None,
        kind: str = "decision_made",
    ) -> None:
        """Record why the stage does what it does.

        Args:
            decision: What was decided, assumed or considered.
            reasoning: Why.
            alternatives: What else there was.
            confidence: Between 0 and 1; None where none was estimated.
            kind: ``decision_made``, ``hypothesis_formed``, ``alternative_considered``, ``pattern_applied`` or
                ``constraint_evaluated``.

        Raises:
            ValueError: No decision, a confidence outside 0..1, or a kind that is no reasoning event.
            TypeError: The confidence is no number, or the alternatives are one string instead of several.
        """
        if not str(decision).strip():
            raise ValueError("the decision is empty: say what was decided")
        if kind not in REASONING_EVENTS:
            raise ValueError(f"{kind!r} is no reasoning event; choose one of {', '.join(REASONING_EVENTS)}")
        sure = _number(confidence, "the confidence")
        if sure is not None and not 0 <= sure <= 1:
            raise ValueError(f"confidence {confidence!r} is not between 0 and 1")
        if isinstance(alternatives, str):
            raise TypeError(f"alternatives is the string {alternatives!r}; give a list: [{alternatives!r}]")
        self._emit(
            kind,
            {
                "decision": str(decision),
                "reasoning": str(reasoning),
                "alternatives": [str(each) for each in alternatives],
                "confidence": sure,
            },
        )

    def checkpoint(self, name: str, path: str | Path) -> None:
        """Record that a checkpoint lies at ``path``.

        Raises:
            FileNotFoundError: Nothing lies there.
        """
        if not Path(path).exists():
            raise FileNotFoundError(f"checkpoint {name!r}: there is nothing at {path}")
        self._emit("checkpoint", {"name": str(name), "path": str(path)})

    def progress(self, done: float, total: float | None = None) -> None:
        """Tell whoever watches how far the stage is; not recorded.

        A watcher that raises is reported in the log and not told any more of this stage; the stage goes on.
        """
        if self._services.progress is None or self._unwatched:
            return
        try:
            self._services.progress(self.stage_id, done, total)
        except Exception as error:  # noqa: BLE001 - the watcher is not the stage's: its failure must not be the stage's
            self._unwatched = True
            self.log(f"whoever watches progress failed and is not told any more: {named(error)}", "warning")

    def _emit(self, event_name: str, payload: Mapping[str, Any]) -> None:
        sink = self._services.sink
        if sink is not None:
            sink.emit(event_name, self.stage_id, payload, self.attempt)


def _number(value: Any, what: str) -> float | None:
    """Return a number of Python's own, from one of numpy or torch as well; None stays None."""
    number: float | None = value if type(value) in (float, int) else as_json(value, what)
    if number is not None and type(number) not in (float, int):
        raise TypeError(f"{what} is {number!r}, which is no number")
    return number
