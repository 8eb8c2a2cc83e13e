"""What can be wrong with a training, by codes that stages declare."""

from __future__ import annotations

from typing import Any


class TrainingError(Exception):
    """A foreseen reason for which a training cannot begin or go on.

    Args:
        code: What happened, as the stages declare it in ``errors``.
        message: What, where, and what to do.
        details: JSON values for programs.
    """

    def __init__(self, code: str, message: str, **details: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details


CODES = {
    "missing_model": "Nothing says which model to ask: neither an option nor what lies at the path model_from.",
    "missing_training_config": "Neither training_config nor an option says which model to train.",
    "unsupported_training_config": "A field of the configuration is unknown, of a wrong type, out of range, or asks "
    "for what cannot be done: an optimizer, schedule, loss or device that is not there.",
    "missing_ports": "A port is needed that nobody gave: dataset_store for a dataset that only training_config names.",
    "dataset_resolution_failed": "The dataset store does not have the dataset, or not that split.",
    "model_not_found": "There is no such model or tokenizer, neither as a directory nor on the hub.",
    "wrong_data": "There are no rows at the path that the option data names.",
    "unknown_split": "The dataset has no split of that name.",
    "empty_dataset": "There is no row to learn from.",
    "wrong_field": "A row lacks the column it is to have, or holds something else in it.",
    "no_chat_template": "The tokenizer has no chat template, and conversations are to be written by one.",
    "example_too_long": "A row, or a prompt with its answer, has more tokens than max_length or the model allows.",
    "no_trainable_token": "Nothing of a row is left to learn from.",
    "token_out_of_range": "A row has a token id that the model does not have.",
    "not_finite": "Loss or gradient became infinite or NaN; the batch is kept for inspection.",
    "invalid_checkpoint": "The checkpoint is not there, damaged, or of another model, optimizer or training.",
    "checkpoint_not_written": "A checkpoint or the model cannot be written.",
    "out_of_memory": "Model or batch does not fit into memory; the message says what to change.",
}
"""Error code to its meaning, as the training stages declare them."""
