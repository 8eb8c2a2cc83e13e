"""The datasets and models that an experiment names, and whether they are there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crucible_core.contract.context import Context
    from crucible_core.ir import DatasetRef, ModelRef

__all__ = ["missing_and_unknown"]

_PROVIDED = re.compile(r"[a-z][a-z0-9_+.-]+:")
"""What a name begins with that is no path: ``hub:``, ``package:``, ``s3://``."""
_LOCAL_DATA = ("crucible_datasets", "local")


def missing_and_unknown(context: Context) -> tuple[list[str], list[str]]:
    """Look for what the experiment names, as far as files and plugins tell.

    Returns:
        A problem for each dataset or model that is not there, and a word on each of which nobody can say.
    """
    named: list[tuple[str, DatasetRef | ModelRef, str, str]] = [*_datasets(context), *_models(context)]
    missing, unknown = [], []
    for what, reference, called, path in named:
        said = _said(context, reference, path)
        if said is None:
            unknown.append(f"{what}: {called!r} of {reference.provider}")
        elif said:
            missing.append(f"{what}: {said}")
    return missing, unknown


def _said(context: Context, reference: DatasetRef | ModelRef, path: str) -> str | None:
    """Return what is missing, nothing where it is there, None where nobody can say."""
    plain = path.removeprefix("file://")
    if not _looks_like_path(plain):
        return context.runtime.check_reference(reference)
    return "" if Path(plain).expanduser().exists() else f"{plain} does not exist (looked in {Path.cwd()})"


def _looks_like_path(name: str) -> bool:
    return not _PROVIDED.match(name) and ("/" in name or "." in name or name.startswith("~"))


def _datasets(context: Context) -> Iterator[tuple[str, DatasetRef, str, str]]:
    """Yield where a dataset is named, the reference, its name, and that again where it may be a path."""
    experiment = context.experiment
    training = None if experiment is None else experiment.training_config
    named = {
        "dataset": None if experiment is None else experiment.dataset,
        "training_config.dataset_ref": None if training is None else training.dataset_ref,
    }
    for what, each in named.items():
        if each is not None:
            yield what, each, each.name, each.name if each.provider in _LOCAL_DATA else ""


def _models(context: Context) -> Iterator[tuple[str, ModelRef, str, str]]:
    """Yield where a model is named, the reference, its id, and where it lies, as far as that may be a path."""
    experiment = context.experiment
    training = None if experiment is None else experiment.training_config
    named = {
        "baseline": None if experiment is None else experiment.baseline,
        "training_config.model_ref": None if training is None else training.model_ref,
    }
    for what, each in named.items():
        if each is not None:
            yield what, each, each.id, (each.artifact_uri or each.id) if each.provider == "local" else ""
