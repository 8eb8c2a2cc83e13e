"""Checkpoints: everything a training needs to go on exactly, written whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crucible_train.errors import TrainingError
from crucible_train.local.lora import has_adapter, save_merged

if TYPE_CHECKING:
    from crucible_train.local.training_client import TrainingSession

WEIGHTS, STATE = "model.safetensors", "state.pt"
FORMAT = 1


def save(session: TrainingSession, path: Path) -> Path:
    """Write a directory with the weights, and with the optimizer, the random states and the number of steps.

    It is written beside its place and renamed, so that a checkpoint is whole or not there.

    Raises:
        TrainingError: ``checkpoint_not_written``: it is there already, or the disk is full or read-only.
    """
    import torch
    from safetensors.torch import save_model

    def write(part: Path) -> None:
        save_model(session.loaded.model, str(part / WEIGHTS))
        torch.save(_state(session), part / STATE)

    return written_whole(path, write)


def export(session: TrainingSession, path: Path) -> Path:
    """Write a directory from which transformers loads model and tokenizer; whole, as `save` does.

    Raises:
        TrainingError: ``checkpoint_not_written``.
    """

    def write(part: Path) -> None:
        model = session.loaded.model
        if has_adapter(model):
            save_merged(model, part)
        else:
            model.save_pretrained(part)
        session.loaded.tokenizer.save_pretrained(part)

    return written_whole(path, write)


def written_whole(path: Path, write: Callable[[Path], None]) -> Path:
    """Make a directory beside its place, fill it, and rename it.

    Args:
        path: Where it is to be.
        write: Fills the directory that it is given.

    Raises:
        TrainingError: ``checkpoint_not_written``: it is there already, or the disk is full or read-only.
    """
    from safetensors import SafetensorError

    if path.exists():
        raise TrainingError("checkpoint_not_written", f"{path} is there already; choose another name")
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.mkdir(parents=True)
        write(part)
        for file in part.rglob("*"):
            _sync(file)
        part.rename(path)
        _sync(path.parent)
    except (
        OSError,
        RuntimeError,
        SafetensorError,
    ) as error:  # the last two are torch's and safetensors' for a full disk
        shutil.rmtree(part, ignore_errors=True)
        reason = getattr(error, "strerror", None) or str(error).splitlines()[0]
        raise TrainingError("checkpoint_not_written", f"cannot write the checkpoint {path}: {reason}") from error
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    return path


def load(session: TrainingSession, path: Path) -> None:
    """Take weights, optimizer, random states and number of steps from a checkpoint.

    Raises:
        TrainingError: ``invalid_checkpoint``: there is none, it is damaged, or of another model or optimizer; the
            session is then as it was.
    """
    import torch
    from safetensors import safe_open

    model = session.loaded.model
    try:
        with safe_open(path / WEIGHTS, "pt") as file:
            found = {name: tuple(file.get_slice(name).get_shape()) for name in file.keys()}  # noqa: SIM118 - no mapping
        state = torch.load(path / STATE, weights_only=True, map_location="cpu")
    except Exception as error:
        raise _invalid(path, f"it cannot be read: {str(error).splitlines()[0]}") from error
    _check(path, state, found, session)
    from safetensors.torch import load_model

    load_model(model, path / WEIGHTS, strict=False)
    session.optimizer.load_state_dict(state["optimizer"])
    torch.random.set_rng_state(state["rng"])
    for number, each in enumerate(state["cuda"]):
        torch.cuda.set_rng_state(each, number)
    session.steps = state["steps"]


def _state(session: TrainingSession) -> dict[str, Any]:
    import torch

    return {
        "format": FORMAT,
        "steps": session.steps,
        "optimizer_name": type(session.optimizer).__name__,
        "optimizer": session.optimizer.state_dict(),
        "rng": torch.random.get_rng_state(),
        "cuda": torch.cuda.get_rng_state_all() if session.place.device.type == "cuda" else [],
    }


def _check(path: Path, state: Any, found: dict[str, tuple[int, ...]], session: TrainingSession) -> None:
    if not isinstance(state, dict) or state.get("format") != FORMAT:
        raise _invalid(path, "it is not one that this version writes")
    here = {name: tuple(weight.shape) for name, weight in session.loaded.model.state_dict().items()}
    foreign = sorted(name for name, shape in found.items() if here.get(name) != shape)
    if foreign:
        name = foreign[0]
        raise _invalid(
            path, f"it is of another model: {name} has the shape {found[name]} there and {here.get(name)} here"
        )
    if state["optimizer_name"] != type(session.optimizer).__name__:
        raise _invalid(path, f"it was trained with {state['optimizer_name']}, not {type(session.optimizer).__name__}")


def _invalid(path: Path, reason: str) -> TrainingError:
    return TrainingError("invalid_checkpoint", f"cannot go on from the checkpoint {path}: {reason}", path=str(path))


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
