"""The value that is threaded through the stages of a run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn, Self

from crucible_core.contract.json_values import as_json
from crucible_core.contract.persistent import FrozenMap, Rows
from crucible_core.contract.runtime import RunServices, Runtime

if TYPE_CHECKING:
    from crucible_core.contract.verdict import Verdict
    from crucible_core.ir import Experiment

_MISSING: Any = object()
_TOLD = ("experiment_id", "run_id", "experiment", "trace", "telemetry_context", "_verdicts", "_completed")
"""What a stage may know without declaring to read it."""


class Context:
    """Everything the stages of one run know; frozen, each helper returns a new context.

    Adding to it costs microseconds whatever it holds: rows and keys already there are shared, never copied.

    Args:
        experiment_id: Id of the experiment.
        run_id: Id of the run.
        experiment: The experiment as data; None in a test of a single stage.
        outputs: Results per item, each row a mapping.
        metrics: Stage id to its results, JSON values.
        artifacts: Things made on the way, report parts among them.
        trace: The reasoning events of the stages before.
        telemetry_context: What the caller wants to see in the run's record.
        assigns: Everything else that stages hand to each other, datasets and models among them.
        runtime: The run as the current stage sees it; never serialised.

    Raises:
        TypeError: An output is no mapping, or a metric is not made of JSON values.

    Example:
        >>> context = Context(experiment_id="demo").put_metric("eval", {"accuracy": 0.9})
        >>> context.read("metrics.eval.accuracy")
        0.9
    """

    outputs: Rows[Mapping[str, Any]]
    metrics: FrozenMap[Any]
    artifacts: FrozenMap[Any]
    assigns: FrozenMap[Any]
    runtime: Runtime

    def __init__(
        self,
        *,
        experiment_id: str = "experiment",
        run_id: str = "run",
        experiment: Experiment | None = None,
        outputs: Iterable[Mapping[str, Any]] = (),
        metrics: Mapping[str, Any] | None = None,
        artifacts: Mapping[str, Any] | None = None,
        trace: Any = None,
        telemetry_context: Mapping[str, Any] | None = None,
        assigns: Mapping[str, Any] | None = None,
        runtime: Runtime | None = None,
    ) -> None:
        vars(self).update(
            experiment_id=experiment_id,
            run_id=run_id,
            experiment=experiment,
            outputs=Rows(_checked_rows(outputs)),
            metrics=FrozenMap(as_json(metrics or {}, "metrics")),
            artifacts=FrozenMap(artifacts),
            trace=trace,
            telemetry_context=FrozenMap(telemetry_context),
            assigns=FrozenMap(assigns),
            runtime=runtime or Runtime(RunServices(), "stage"),
            _verdicts=Rows(),
            _completed=FrozenMap(),
        )

    @property
    def experiment_id(self) -> str:
        """Id of the experiment."""
        found: str = self._told("experiment_id")
        return found

    @property
    def run_id(self) -> str:
        """Id of the run."""
        found: str = self._told("run_id")
        return found

    @property
    def experiment(self) -> Experiment:
        """The experiment as data."""
        found: Experiment = self._told("experiment")
        return found

    @property
    def trace(self) -> Any:
        """The reasoning events of the stages before."""
        return self._told("trace")

    @property
    def telemetry_context(self) -> FrozenMap[Any]:
        """What the caller wants to see in the run's record."""
        found: FrozenMap[Any] = self._told("telemetry_context")
        return found

    def put_metric(self, key: str, value: Any) -> Self:
        """Return a context with this metric; a stage writes under its own id.

        Raises:
            TypeError: The value is not made of JSON values.
        """
        return self._with("metrics", vars(self)["metrics"].set(key, as_json(value, f"metrics.{key}")))

    def get_metric(self, key: str, default: Any = None) -> Any:
        """Return a metric, or ``default`` where it is not there."""
        return self.metrics.get(key, default)

    def has_metric(self, key: str) -> bool:
        """Tell whether a metric is there."""
        return key in self.metrics

    def update_metric(self, key: str, change: Callable[[Any], Any], default: Any = _MISSING) -> Self:
        """Return a context in which ``change`` was applied to a metric.

        Raises:
            KeyError: The metric is not there and no default to begin with was given.
        """
        present = self.metrics.get(key, default)
        if present is _MISSING:
            raise KeyError(f"no metric {key!r} to update; give a default to begin with")
        return self.put_metric(key, change(present))

    def merge_metrics(self, metrics: Mapping[str, Any]) -> Self:
        """Return a context with all of these metrics; they win over those of the same name."""
        return self._with("metrics", vars(self)["metrics"].update(as_json(metrics, "metrics")))

    def add_output(self, row: Mapping[str, Any]) -> Self:
        """Return a context with one more row of results."""
        return self.add_outputs((row,))

    def add_outputs(self, rows: Iterable[Mapping[str, Any]]) -> Self:
        """Return a context with more rows of results; those already there are not copied.

        Raises:
            TypeError: A row is not a mapping.
        """
        return self._with("outputs", vars(self)["outputs"].extend(_checked_rows(rows)))

    def put_artifact(self, key: str, value: Any) -> Self:
        """Return a context with this artifact: a `Figure`, `Table` or `Text`, a list of them, or anything else."""
        return self._with("artifacts", vars(self)["artifacts"].set(key, value))

    def get_artifact(self, key: str, default: Any = None) -> Any:
        """Return an artifact, or ``default`` where it is not there."""
        return self.artifacts.get(key, default)

    def has_artifact(self, key: str) -> bool:
        """Tell whether an artifact is there."""
        return key in self.artifacts

    def assign(self, values: Mapping[str, Any] | None = None, /, **more: Any) -> Self:
        """Return a context with these values in ``assigns``."""
        return self._with("assigns", vars(self)["assigns"].update({**(values or {}), **more}))

    def put_verdict(self, verdict: Verdict) -> Self:
        """Return a context with this verdict; a failed one fails the run once its stages are done."""
        return self._with("_verdicts", vars(self)["_verdicts"].extend((verdict,)))

    @property
    def verdicts(self) -> Rows[Verdict]:
        """The verdicts passed so far, in order."""
        verdicts: Rows[Verdict] = self._told("_verdicts")
        return verdicts

    @property
    def completed_stages(self) -> tuple[str, ...]:
        """Ids of the stages completed so far, in order."""
        return tuple(self._told("_completed"))

    def stage_completed(self, stage_id: str) -> bool:
        """Tell whether a stage is completed."""
        return stage_id in self._told("_completed")

    def read(self, path: str, default: Any = _MISSING) -> Any:
        """Return what a context path names: ``outputs``, ``assigns.K``, or deeper, ``metrics.eval.accuracy``.

        A key may hold dots itself (``metrics.ranks.means.C4.5``): the longest that fits is taken.

        Raises:
            KeyError: Nothing is there and no default was given; the message says how far the path leads.
        """
        room, *keys = path.split(".")
        if room not in ("outputs", "assigns", "metrics", "artifacts"):
            raise KeyError(f"{path!r} is not a context path; write outputs, assigns.K, metrics.K or artifacts.K")
        value, depth = getattr(self, room), 0
        while depth < len(keys):
            length = _longest_key(value, keys[depth:])
            if not length:
                if default is not _MISSING:
                    return default
                raise KeyError(f"{path!r}: there is no {keys[depth]!r} in {'.'.join([room, *keys[:depth]])}")
            value, depth = value[".".join(keys[depth : depth + length])], depth + length
        return value

    def _told(self, name: str) -> Any:
        """Return what a stage may know without declaring to read it; the runtime takes note that it asked."""
        state = vars(self)
        runtime = state["runtime"]
        if runtime is not None and name not in runtime.asked:
            runtime.asked |= {name}
        return state[name]

    def _with(self, name: str, value: Any) -> Self:
        changed = object.__new__(type(self))
        state = vars(changed)
        state |= vars(self)
        state[name] = value
        return changed

    def _entering(self, runtime: Runtime | None, completed: str | None = None) -> Self:
        """Return the context for the next stage: its runtime, and the stage before it marked as completed."""
        changed = object.__new__(type(self))
        state = vars(changed)
        state |= vars(self)
        state["runtime"] = runtime
        if completed is not None:
            state["_completed"] = state["_completed"].set(completed, True)
        return changed

    def __setattr__(self, name: str, value: Any) -> NoReturn:
        raise AttributeError(f"a context is frozen; use put_metric, assign and the like instead of setting {name!r}")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"a context is frozen; {name!r} cannot be deleted")

    def __copy__(self) -> Self:
        """Return the context itself: nobody can change it."""
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Copy what stages may hold on to; the experiment is frozen, and the runtime stays that of the run."""
        from copy import deepcopy

        shared = {"experiment", "runtime"}
        changed = object.__new__(type(self))
        copied = ((name, held if name in shared else deepcopy(held, memo)) for name, held in vars(self).items())
        vars(changed).update(copied)
        return changed

    def __getstate__(self) -> dict[str, Any]:
        """Pickle without the runtime: a worker gets a new one."""
        for name in _TOLD:
            self._told(name)
        return {**vars(self), "runtime": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)

    def __repr__(self) -> str:
        held = {room: list(getattr(self, room)) for room in ("metrics", "artifacts", "assigns")}
        rooms = ", ".join(f"{room}={keys}" for room, keys in held.items())
        return f"Context({self.experiment_id}/{self.run_id}, {len(self.outputs)} outputs, {rooms})"


def _checked_rows(rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    checked = list(rows)
    for index, row in enumerate(checked):
        if not isinstance(row, Mapping):
            raise TypeError(f"output row {index} is a {type(row).__name__}; a row maps field names to values")
    return checked


def _longest_key(value: Any, steps: Sequence[str]) -> int:
    """Return how many steps of a path make the longest key that a mapping has; 0 where none does."""
    if not isinstance(value, Mapping):
        return 0
    return next((length for length in range(len(steps), 0, -1) if ".".join(steps[:length]) in value), 0)
