"""The stages this distribution contributes; nothing heavy is imported before one of them runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crucible_core import Stage, StageError, Traits
from crucible_train.errors import CODES, TrainingError
from crucible_train.options import EvaluateOptions, SampleOptions, SupervisedTrainOptions
from crucible_train.stage_examples import SUPERVISED
from crucible_train.stage_examples_of_asking import EVALUATE, SAMPLE

if TYPE_CHECKING:
    from collections.abc import Callable

    from crucible_core import Context

_REASONS = {
    "training_config": "Its options are whatever a training knows, and are checked when it begins.",
    "lora": "Its values are numbers, a name or a list of names, and are checked when the training begins.",
    "config": "A configuration of transformers holds what its kind of model asks for.",
    "network": "A model or tokenizer that is neither a directory nor made from a configuration is fetched from "
    "huggingface.co and its file hosts below hf.co; nothing else uses a network.",
}
_OF_MODELS = {name: reason for name, reason in _REASONS.items() if name not in ("training_config", "lora")}
_HOSTS = ("huggingface.co", "hf.co")
_ASKING = (
    "missing_model",
    "missing_ports",
    "unsupported_training_config",
    "model_not_found",
    "wrong_data",
    "empty_dataset",
    "wrong_field",
    "no_chat_template",
    "out_of_memory",
)


class SupervisedTrain(Stage):
    """Train a language model on conversations, completions or texts."""

    name = "supervised_train"
    version = "0.1.0"
    may_read = ("{data}",)
    writes = ("metrics.{id}", "assigns.{into}", "assigns.{into}_checkpoint", "assigns.{into}_run")
    errors = {code: meaning for code, meaning in CODES.items() if code != "missing_model"}
    traits = Traits(determinism="seeded", network=_HOSTS, reasons=_REASONS)
    examples = SUPERVISED
    Options = SupervisedTrainOptions

    def run(self, context: Context, options: Any) -> Context:
        """Train, and leave model, checkpoint and record of the training in ``assigns``.

        Raises:
            StageError: See `crucible_train.errors.CODES`.
        """
        from crucible_train.supervised_stage import train

        return _said(train, context, options)


class Evaluate(Stage):
    """Measure a language model: loss and perplexity, exact match, or multiple choice by likelihood."""

    name = "evaluate"
    version = "0.1.0"
    reads = ("{data}",)
    may_read = ("{model_from}",)
    writes = ("metrics.{id}", "outputs")
    errors = {
        code: CODES[code]
        for code in (*_ASKING, "unknown_split", "example_too_long", "no_trainable_token", "token_out_of_range")
    }
    traits = Traits(determinism="seeded", network=_HOSTS, reasons=_OF_MODELS)
    examples = EVALUATE
    Options = EvaluateOptions

    def run(self, context: Context, options: Any) -> Context:
        """Measure, and leave the score of each row in the outputs.

        Raises:
            StageError: See ``errors``.
        """
        from crucible_train.evaluate_stage import evaluate

        return _said(evaluate, context, options)


class Sample(Stage):
    """Let a language model answer prompts."""

    name = "sample"
    version = "0.1.0"
    reads = ("{data}",)
    may_read = ("{model_from}",)
    writes = ("metrics.{id}", "outputs")
    errors = {code: CODES[code] for code in (*_ASKING, "unknown_split", "example_too_long")}
    traits = Traits(determinism="seeded", network=_HOSTS, reasons=_OF_MODELS)
    examples = SAMPLE
    Options = SampleOptions

    def run(self, context: Context, options: Any) -> Context:
        """Answer, and leave each answer in the outputs.

        Raises:
            StageError: See ``errors``.
        """
        from crucible_train.sample_stage import sample

        return _said(sample, context, options)


def _said(work: Callable[[Context, Any], Context], context: Context, options: Any) -> Context:
    """Do the work of a stage, and say what it foresaw as a stage does."""
    try:
        return work(context, options)
    except TrainingError as error:
        raise StageError(error.code, error.message, **error.details) from error
