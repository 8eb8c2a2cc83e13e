"""Adapters of low rank: a few weights beside the model's own are trained, which stay as they are."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crucible_train.errors import TrainingError

if TYPE_CHECKING:
    from pathlib import Path

    from crucible_train.local.models import LoadedModel

ADAPTER = "adapter"
"""Where in an exported model its adapter lies by itself."""


def with_adapter(loaded: LoadedModel, lora: Mapping[str, Any], seed: int) -> LoadedModel:
    r"""Return a model of which only adapters are trained: :math:`W + (\alpha / r) B A` in the place of W.

    B begins as 0, so that the model is what it was before the first step.

    Args:
        loaded: The model; its own weights are frozen.
        lora: ``r``, the rank (8); ``alpha`` (16); ``dropout`` (0); ``target_modules``, names of layers, or
            ``all-linear`` for all but the last one.
        seed: What A is drawn from; the global generator is left as it was.

    Raises:
        TrainingError: ``unsupported_training_config``: peft is not installed, or there is no such layer.

    Source: Hu et al. 2021 (LoRA), section 4.1.
    """
    import torch

    try:
        from peft import LoraConfig, get_peft_model
    except ImportError as error:
        message = 'lora needs peft, an extra: pip install -c constraints.txt . "./plugins/crucible-train[lora]"'
        raise TrainingError("unsupported_training_config", message, field="lora") from error
    targets = lora.get("target_modules", "all-linear")
    config = LoraConfig(
        r=lora.get("r", 8),
        lora_alpha=lora.get("alpha", 16),
        lora_dropout=lora.get("dropout", 0.0),
        target_modules=targets if isinstance(targets, str) else list(targets),
        task_type="CAUSAL_LM",
    )
    try:
        with torch.random.fork_rng(devices=[]), warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # peft asks transformers for a name that is on its way out
            torch.manual_seed(seed)
            model = get_peft_model(loaded.model, config)
    except ValueError as error:
        message = f"lora: no adapter can be made: {str(error).splitlines()[0]}"
        raise TrainingError("unsupported_training_config", message, field="lora") from error
    return type(loaded)(model, loaded.tokenizer, loaded.name)


def has_adapter(model: Any) -> bool:
    """Tell whether adapters are what is trained of a model."""
    return hasattr(model, "peft_config")


def save_merged(model: Any, folder: Path) -> None:
    """Write a model with its adapter added to its weights, and the adapter by itself below it, as peft loads it."""
    import copy

    copy.deepcopy(model).merge_and_unload().save_pretrained(folder)
    model.save_pretrained(folder / ADAPTER)
