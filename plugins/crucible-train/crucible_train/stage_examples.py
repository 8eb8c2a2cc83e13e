"""Examples of the training stage; together they use every option, every choice and every declared error.

The model is made from a configuration, with random weights, so small that a step takes milliseconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crucible_core import Dataset, DatasetManifest, StageExample

TINY = {
    "model_type": "llama",
    "hidden_size": 16,
    "intermediate_size": 16,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "num_key_value_heads": 2,
    "max_position_embeddings": 128,
}
SHORT = {"config": TINY, "max_steps": 2, "batch_size": 2, "device": "cpu"}
STORE = {"dataset_store": "crucible_train.local.dataset_store:FileDatasetStore"}
SUMS = [{"prompt": f"{a}+{b}=", "completion": str(a + b)} for a in range(1, 4) for b in (2, 5)]
CHATS = [
    [
        {"role": "user", "content": f"Say {word}."},
        {"role": "assistant", "content": word},
        {"role": "user", "content": "Again."},
        {"role": "assistant", "content": f"{word}, {word}"},
    ]
    for word in ("one", "two", "six")
]
MARKED = [[{**message, "trainable": message["role"] == "assistant"} for message in chat] for chat in CHATS]


def rows(given: Sequence[Mapping[str, Any]], **splits: Sequence[int]) -> dict[str, Any]:
    """Return the assigns of an example: rows as a data set, with these splits."""
    columns = tuple(dict.fromkeys(name for row in given for name in row))
    manifest = DatasetManifest(source="example", sha256="0" * 64, rows=len(given), columns=columns)
    return {"dataset": Dataset(given, manifest, splits)}


def _works(summary: str, given: Sequence[Mapping[str, Any]], *, splits: Any = None, **options: Any) -> StageExample:
    return StageExample(summary, options={**SHORT, **options}, assigns=rows(given, **(splits or {})))


def _fails(code: str, summary: str, given: Sequence[Mapping[str, Any]] = SUMS, **options: Any) -> StageExample:
    return StageExample(summary, options={**SHORT, **options}, assigns=rows(given), raises=code)


SUCCEEDING = (
    _works("Learn sums from a prompt and its completion, two steps.", SUMS, epochs=2, learning_rate=0.01, seed=1),
    _works(
        "The last answer of conversations, one split to learn from and one to evaluate on.",
        [{"messages": chat} for chat in CHATS],
        splits={"train": [0, 1], "test": [2]},
        format="messages",
        split="train",
        eval_split="test",
        train_on="last_assistant",
        renderer="chat_template",
        lr_schedule="cosine",
        warmup_steps=1,
        eval_every=1,
        early_stopping={"patience": 2, "min_delta": 0.01},
        restore_best=True,
        into="speaker",
    ),
    _works(
        "Every answer, for a base model, in packed rows.",
        [{"talk": chat} for chat in CHATS],
        columns={"messages": "talk"},
        train_on="all_assistant",
        renderer="role_colon",
        tokenizer="plain_bytes",
        packing=True,
        max_length=120,
        truncation="left",
    ),
    _works(
        "The messages that say so, examples of about one length together.",
        [{"messages": chat} for chat in MARKED],
        train_on="custom",
        length_bucketing=True,
        shuffle=False,
    ),
    _works("Everything that was said.", [{"messages": chat} for chat in CHATS], train_on="all", truncation="right"),
    _works(
        "A text in pieces, with decoupled weight decay and a third of the pieces held out.",
        [
            {"text": "The quick brown fox jumps over the lazy dog."},
            {"text": "Pack my box with jugs."},
            {"text": "So it goes."},
        ],
        format="text",
        max_length=16,
        truncation="split",
        validation_split=0.3,
        optimizer="adamw",
        weight_decay=0.1,
        adam_beta1=0.8,
        adam_beta2=0.99,
        adam_eps=1e-6,
        gradient_clipping=1.0,
        gradient_accumulation=2,
        lr_schedule="wsd",
        decay_steps=1,
    ),
    _works(
        "Token ids that were made elsewhere, with weights; a checkpoint each step.",
        [{"tokens": [72, 105, 33], "weights": [0, 1, 0.5]}, {"tokens": [72, 111, 33], "weights": [0, 0, 1]}],
        format="tokens",
        checkpoint_every=1,
        rolling_every=1,
        skip_not_finite=1,
        precision="bf16",
        gradient_checkpointing=True,
        logger="none",
        model="tiny",
        loss_function="cross_entropy",
    ),
    StageExample(
        "A training configuration of the IR as a mapping, its options winning over its fields.",
        options={
            "training_config": {
                "id": "sums",
                "model_ref": {"id": "tiny", "options": {"config": TINY}},
                "dataset_ref": {"name": "dataset"},
                "epochs": 1,
                "batch_size": 3,
                "optimizer": "sgd",
                "checkpoint_every": 2,
                "options": {"batch_size": 2, "lr_schedule": "constant", "max_steps": 2},
            },
            "data": "assigns.sums",
            "format": "prompt_completion",
            "log_path": "steps.jsonl",
        },
        assigns={"sums": SUMS},
    ),
)

_NAMED = {"model_ref": {"id": "tiny", "options": {"config": TINY}}, "dataset_ref": {"name": "no_such_dataset"}}

FAILING = (
    StageExample(
        "Nothing says which model.", options={"epochs": 1}, assigns=rows(SUMS), raises="missing_training_config"
    ),
    _fails("unsupported_training_config", "An optimizer nobody has.", optimizer="newton"),
    _fails("unsupported_training_config", "A schedule nobody has.", lr_schedule="polynomial"),
    _fails("unsupported_training_config", "An adapter whose rank is called otherwise.", lora={"rank": 4}),
    StageExample(
        "A data set that only the configuration names, and nothing to load it.",
        options={"training_config": _NAMED},
        raises="missing_ports",
    ),
    StageExample(
        "A store that does not have it.",
        options={"training_config": _NAMED, "ports": STORE},
        raises="dataset_resolution_failed",
    ),
    StageExample(
        "A model that is not there.",
        options={"model": "./no_such_model", "device": "cpu"},
        assigns=rows(SUMS),
        raises="model_not_found",
    ),
    StageExample("No rows at all.", options=SHORT, raises="wrong_data"),
    _fails("unknown_split", "A split that the data set does not have.", split="training"),
    _fails("empty_dataset", "A data set without rows.", []),
    _fails("wrong_field", "A misspelt column.", [{"promt": "1+1=", "completion": "2"}], format="prompt_completion"),
    _fails("no_chat_template", "A base model's tokenizer.", [{"messages": CHATS[0]}], tokenizer="plain_bytes"),
    _fails("example_too_long", "A text beyond the context.", [{"text": "far " * 40}]),
    _fails("no_trainable_token", "Weights that are all 0.", [{"tokens": [72, 105], "weights": [0, 0]}]),
    _fails("token_out_of_range", "A token that the model does not have.", [{"tokens": [72, 999]}]),
    _fails("not_finite", "A rate at which no weight stays finite.", learning_rate=1e38, max_steps=6, epochs=6),
    _fails("invalid_checkpoint", "A checkpoint that is not there.", resume="no/such/checkpoint"),
    _fails("checkpoint_not_written", "A file where the checkpoints are to go.", log_path="checkpoints"),
    _fails("out_of_memory", "A model of 70 terabytes.", config={**TINY, "intermediate_size": 2**40}),
)

SUPERVISED = (*SUCCEEDING, *FAILING)
