"""What the stage ``supervised_train`` does; imported when it runs."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crucible_core import resolve_ports
from crucible_core.ir import ModelRef
from crucible_train.data.conversation import TrainOn
from crucible_train.data.examples import ExampleFormat, Examples, read_examples
from crucible_train.errors import TrainingError
from crucible_train.isolation import isolated
from crucible_train.local.models import BYTES, load_tokenizer
from crucible_train.loops.checkpoints import last_checkpoint
from crucible_train.loops.config import unsupported
from crucible_train.loops.supervised import goes_on, train_supervised
from crucible_train.normalize import normalize
from crucible_train.runtime_observer import RuntimeObserver
from crucible_train.stage_rows import training_rows
from crucible_train.training_record import training_metrics, training_run

if TYPE_CHECKING:
    from crucible_core import Context
    from crucible_core.ports import TrainingClient
    from crucible_train.loops.config import SupervisedConfig
    from crucible_train.normalize import Normalized
    from crucible_train.stage_rows import Rows

DEFAULT_PORTS = {"training_client": "crucible_train.local.training_client:LocalTrainingClient"}
_OF_THE_STAGE = frozenset(
    """training_config ports data split eval_split format columns train_on renderer truncation resume into""".split()  # noqa: SIM905 - quotes hide the names
)


def train(context: Context, options: Any) -> Context:
    """Train a model and leave where it is, how it went, and what to go on from.

    Raises:
        TrainingError: See ``errors`` of the stage.
        StageError: ``wrong_data`` or ``missing_ports``.
    """
    found: Normalized[SupervisedConfig] = normalize(options.training_config, _direct(options))
    needed = ["training_client", *(["dataset_store"] if "dataset_store" in options.ports else [])]
    ports = resolve_ports(needed, options.ports, DEFAULT_PORTS)
    told = dict(found.loop.training_config)
    seed = told.setdefault("seed", context.runtime.seed)
    rows, held_out = training_rows(context, options, found, ports.get("dataset_store"), seed)
    with isolated(seed):
        client = ports["training_client"]
        session = client.start_session(told["model"], told)
        try:
            return _trained(context, options, found, client, session, rows, held_out, told)
        finally:
            client.close_session(session)


def _direct(options: Any) -> dict[str, Any]:
    """Return the options that were given and say how to train."""
    values = {name: getattr(options, name) for name in type(options).model_fields if name not in _OF_THE_STAGE}
    return {name: value for name, value in values.items() if value is not None}


def _trained(
    context: Context,
    options: Any,
    found: Normalized[SupervisedConfig],
    client: TrainingClient,
    session: Any,
    rows: Rows,
    held_out: Rows,
    told: dict[str, Any],
) -> Context:
    runtime = context.runtime
    tokenizer = load_tokenizer(told.get("tokenizer") or (BYTES if told.get("config") is not None else told["model"]))
    limit = found.loop.max_length or getattr(session, "context_length", None)
    how = ExampleFormat(
        options.format, options.columns, TrainOn(options.train_on), options.renderer, limit, options.truncation
    )
    examples = read_examples(rows, tokenizer, how)
    evaluated = read_examples(held_out, tokenizer, how) if held_out else Examples()
    _tell(context, examples, evaluated, how)
    loop = replace(found.loop, training_config=told, max_length=limit)
    folder = runtime.artifact_path("checkpoints")
    log = None if found.logger == "none" else _log_file(context, found.log_path)
    with RuntimeObserver(runtime, log, tokenizer) as observer:
        outcome = train_supervised(
            client,
            session,
            examples.datums,
            loop,
            held_out=evaluated.datums,
            folder=folder,
            resume=_resumed(context, options.resume, folder, examples, loop),
            observer=observer,
        )
    place = runtime.artifact_path("model")
    shutil.rmtree(place, ignore_errors=True)  # of an attempt before this one
    client.export_model(session, place)
    assert outcome.final is not None
    model = ModelRef(id=told["model"], task="text_generation", artifact_uri=str(place))
    metrics = training_metrics(outcome, examples, len(evaluated.datums))
    run = training_run(context, options, found, loop, outcome)
    left = {options.into: model, f"{options.into}_checkpoint": str(outcome.final), f"{options.into}_run": run}
    return context.put_metric(runtime.stage_id, metrics).assign(left)


def _log_file(context: Context, name: str) -> Path:
    try:
        return context.runtime.artifact_path(name)
    except ValueError as error:
        raise unsupported("log_path", f"log_path: {error}") from error


def _tell(context: Context, examples: Examples, evaluated: Examples, how: ExampleFormat) -> None:
    """Record what became of the rows, and warn of targets that are lost."""
    runtime = context.runtime
    tokens = sum(float(datum.loss_inputs["weights"].astype(bool).sum()) for datum in examples.datums)
    runtime.log(
        f"{len(examples.datums)} examples, {tokens:.0f} tokens to learn; {len(evaluated.datums)} to evaluate on",
        examples=len(examples.datums),
        held_out=len(evaluated.datums),
    )
    lost = examples.lost_targets + evaluated.lost_targets
    if lost:
        cut = examples.truncated + evaluated.truncated
        message = f"truncation {how.truncation} at {how.max_length} tokens cut {cut} rows; {lost} targets are lost"
        runtime.log(message, "warning", truncated=cut, lost_targets=lost)


def _resumed(context: Context, given: str | None, own: Path, examples: Examples, loop: SupervisedConfig) -> Path | None:
    """Return the checkpoint to go on from: that of an earlier attempt of this stage, or the one that is asked for.

    What an earlier attempt left is removed where it was told otherwise, or had other rows.

    Raises:
        TrainingError: ``invalid_checkpoint``: what is asked for is not there.
    """
    found = last_checkpoint(own)
    if found is not None and goes_on(found, examples.datums, loop):
        return found
    if own.is_dir():
        shutil.rmtree(own)
        context.runtime.log("what an earlier attempt left is of another training, and was removed", "warning")
    if given is None:
        return None
    place = Path(given)
    if (place / "loop.json").exists():
        return place
    found = last_checkpoint(place) or last_checkpoint(place / "checkpoints")
    if found is None:
        message = f"cannot go on from {place}: it is no checkpoint and holds none"
        raise TrainingError("invalid_checkpoint", message, field="resume")
    return found
