"""From what an experiment says of a training to what a loop is told; the only module that knows both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Generic, TypeVar, get_type_hints

from pydantic import TypeAdapter, ValidationError

from crucible_core.ir import DatasetRef, ModelRef, SpecError, TrainingConfig
from crucible_train.errors import TrainingError
from crucible_train.loops.config import EarlyStopping, SupervisedConfig, unsupported
from crucible_train.session_config import SessionConfig

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crucible_core.ports import DatasetStore

C = TypeVar("C", bound=SupervisedConfig)
D = TypeVar("D")

RENAMED: Mapping[str, str] = {
    "epochs": "num_epochs",
    "checkpoint_every": "save_every",
    "adam_beta1": "beta1",
    "adam_beta2": "beta2",
    "adam_eps": "eps",
}
"""Field of the IR, or option, to what a loop or a session calls it."""
METRICS = ("loss", "perplexity")
_NAMES = ("id", "name", "options")
_STAGES: tuple[str, ...] = ("validation_split", "log_path", "logger")


@dataclass(frozen=True)
class Normalized(Generic[C]):
    """A training as a loop is told it, and what of it is the stage's business.

    Attributes:
        loop: The loop's own configuration; ``training_config`` in it is for the session.
        dataset: The dataset that is named, if one is.
        validation_split: The share of the examples to hold out.
        log_path: Name of the file with the metrics of each step.
        logger: How they are written: ``jsonl``, or ``none``.
    """

    loop: C
    dataset: DatasetRef | None = None
    validation_split: float | None = None
    log_path: str = "metrics.jsonl"
    logger: str = "jsonl"


def normalize(given: Any, direct: Mapping[str, Any], loop: type[C] = SupervisedConfig) -> Normalized[C]:  # type: ignore[assignment]
    """Return the configuration of a loop.

    Each source wins over those before it: fields of ``given`` that were set, its ``options``, and ``direct``. What none
    of them says is the loop's default, not that of the IR.

    Args:
        given: A `TrainingConfig`, a mapping with the names of its fields or of the loop's, or None.
        direct: Options of the stage that were given.
        loop: Class of the loop's configuration.

    Raises:
        TrainingError: ``missing_training_config``: nothing says which model to train;
            ``unsupported_training_config``: something is unknown, or of a wrong type or out of range; names the field.
    """
    told = dict(_told(given)) | {RENAMED.get(name, name): value for name, value in direct.items()}
    session = dict(_model(told.pop("model_ref", None)))
    if told.pop("mixed_precision", False):
        session["precision"] = "bf16"
    if "early_stopping" in told:
        told["early_stopping"] = _of_type(
            EarlyStopping, _mapping("early_stopping", told["early_stopping"]), "early_stopping"
        )
    _check_metrics(told.pop("metrics", METRICS))
    dataset = _reference("dataset_ref", told.pop("dataset_ref", None), DatasetRef)
    rest = {name: told.pop(name) for name in _STAGES if name in told}
    own = {each.name for each in fields(loop)} - {"training_config"}
    session |= _mapping("training_config", told.pop("training_config", {}))
    session |= {name: told.pop(name) for name in list(told) if name in SessionConfig.model_fields}
    _check_known(told, own)
    if not session.get("model") and session.get("config") is None:
        raise TrainingError(
            "missing_training_config",
            "nothing says which model to train; give training_config with a model_ref, or the option model or config",
        )
    session.setdefault("model", "model")
    checked = _checked(TypeAdapter(SessionConfig), session).model_dump(exclude_unset=True)
    return Normalized(_of_type(loop, {**told, "training_config": checked}), dataset, **_checked_rest(rest))


def resolve_dataset(dataset: DatasetRef, store: DatasetStore | None) -> Sequence[Mapping[str, Any]]:
    """Return the rows of a dataset that a configuration names.

    Raises:
        TrainingError: ``missing_ports``: there is no store to ask; ``dataset_resolution_failed``: it has none of that
            name, or fails.
    """
    if store is None:
        message = (
            f"the dataset {dataset.name!r} has to be loaded by the port dataset_store, which is not given; "
            "give ports.dataset_store, or load the rows by a stage before this one"
        )
        raise TrainingError("missing_ports", message, missing=["dataset_store"])
    asked = {name: value for name, value in dataset.to_dict(only_set=True).items() if name not in ("name", "options")}
    try:
        loaded = store.load_dataset(dataset.name, {**asked, **dict(dataset.options or {})})
        return store.to_list(store.get_split(loaded, dataset.split))
    except Exception as error:
        message = (
            f"the dataset {dataset.name!r}, split {dataset.split!r}, cannot be had: {type(error).__name__}: {error}"
        )
        raise TrainingError("dataset_resolution_failed", message, dataset=dataset.name) from error


def _told(given: Any) -> Iterator[tuple[str, Any]]:
    """Yield what a configuration says, by the loop's names, its options last."""
    if isinstance(given, TrainingConfig):
        said = {name: getattr(given, name) for name in given.fields_set}
    else:
        said = _mapping("training_config", given or {})
    options = _mapping("options", said.get("options") or {})
    for name, value in (*said.items(), *options.items()):
        if name not in _NAMES and value is not None:
            yield RENAMED.get(name, name), value


def _mapping(name: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise unsupported(name, f"{name} is a mapping, not {value!r:.60}")
    return dict(value)


def _model(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield what a reference to a model says to the session: its place or name, and its options."""
    found = _reference("model_ref", value, ModelRef)
    if found is None:
        return
    yield "model", found.artifact_uri or found.name or found.id
    yield from (found.options or {}).items()


def _reference(name: str, value: Any, kind: type[Any]) -> Any:
    if value is None or isinstance(value, kind):
        return value
    if isinstance(value, str):
        return kind(**{"id" if kind is ModelRef else "name": value})
    try:
        return kind.from_dict(_mapping(name, value))
    except SpecError as error:
        raise unsupported(name, f"{name}: {error}") from error


def _check_metrics(names: Any) -> None:
    foreign = [name for name in names if name not in METRICS]
    if foreign:
        raise unsupported(
            "metrics", f"no metric {foreign[0]!r} is measured in training; there are {', '.join(METRICS)}"
        )


def _check_known(told: Mapping[str, Any], own: set[str]) -> None:
    known = sorted({*own, *SessionConfig.model_fields, *RENAMED, *_STAGES})
    for name in told:
        if name not in own:
            near = get_close_matches(name, known, 1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
            raise unsupported(name, f"a training has no option {name!r}; {hint}")


def _checked(kind: TypeAdapter[Any], values: Any, *within: str) -> Any:
    try:
        return kind.validate_python(values, strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, (*within, *first["loc"])))
        raise unsupported(name, f"{name} is {first['input']!r:.60}: {first['msg'].lower()}") from error


def _of_type(kind: type[D], values: Mapping[str, Any], *within: str) -> D:
    """Return a dataclass of values that are of its fields' types.

    Raises:
        TrainingError: ``unsupported_training_config``.
    """
    types = get_type_hints(kind)
    for name, value in values.items():
        if name not in types:
            raise unsupported(".".join((*within, name)), f"{within[-1]} has no {name!r}; it has {', '.join(types)}")
        if not isinstance(value, EarlyStopping):
            _checked(TypeAdapter(types[name]), value, *within, name)
    return kind(**values)


def _checked_rest(rest: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is the stage's business.

    Raises:
        TrainingError: ``unsupported_training_config``.
    """
    share, logger, path = (rest.get(name) for name in ("validation_split", "logger", "log_path"))
    if share is not None and not (isinstance(share, float) and 0 < share < 1):
        raise unsupported("validation_split", f"validation_split is a share between 0 and 1, not {share!r}")
    if logger not in (None, "jsonl", "none"):
        raise unsupported("logger", f"there is no logger {logger!r}; there are jsonl and none")
    if path is not None and not (isinstance(path, str) and path):
        raise unsupported("log_path", f"log_path is the name of a file, not {path!r}")
    return dict(rest)
