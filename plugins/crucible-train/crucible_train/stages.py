"""The stages this distribution contributes; nothing heavy is imported before one of them runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crucible_core import Stage, StageError, Traits
from crucible_train.errors import CODES, TrainingError
from crucible_train.options import SupervisedTrainOptions
from crucible_train.stage_examples import SUPERVISED

if TYPE_CHECKING:
    from crucible_core import Context

_REASONS = {
    "training_config": "Its options are whatever a training knows, and are checked when it begins.",
    "config": "A configuration of transformers holds what its kind of model asks for.",
    "network": "A model or tokenizer that is neither a directory nor made from a configuration is fetched from "
    "huggingface.co and its file hosts below hf.co; nothing else uses a network.",
}
_HOSTS = ("huggingface.co", "hf.co")


class SupervisedTrain(Stage):
    """Train a language model on conversations, completions or texts."""

    name = "supervised_train"
    version = "0.1.0"
    may_read = ("{data}",)
    writes = ("metrics.{id}", "assigns.{into}", "assigns.{into}_checkpoint", "assigns.{into}_run")
    errors = CODES
    traits = Traits(determinism="seeded", network=_HOSTS, reasons=_REASONS)
    examples = SUPERVISED
    Options = SupervisedTrainOptions

    def run(self, context: Context, options: Any) -> Context:
        """Train, and leave model, checkpoint and record of the training in ``assigns``.

        Raises:
            StageError: See `crucible_train.errors.CODES`.
        """
        from crucible_train.supervised_stage import train

        try:
            return train(context, options)
        except TrainingError as error:
            raise StageError(error.code, error.message, **error.details) from error
