"""Examples of the stages that ask a model; together they use every option, every choice and every declared error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crucible_core import StageExample
from crucible_core.ir import ModelRef
from crucible_train.stage_examples import CHATS, SUMS, TINY, rows

_MODEL = {"config": TINY, "device": "cpu"}
_TALKS = [{"messages": chat} for chat in CHATS]
_QUESTIONS: list[Mapping[str, Any]] = [
    {"id": "a", "prompt": "2+2=", "choices": ["4", "five"], "answer": 0},
    {"id": "b", "prompt": "1+5=", "choices": ["7", "six", "6"], "answer": "6"},
]
_ELSEWHERE = {"sampling_client": "crucible_train.local.sampling_client:LocalSamplingClient"}


def _works(summary: str, given: Sequence[Mapping[str, Any]], *, splits: Any = None, **options: Any) -> StageExample:
    return StageExample(summary, options={**_MODEL, **options}, assigns=rows(given, **(splits or {})))


def _fails(code: str, summary: str, given: Sequence[Mapping[str, Any]] = SUMS, **options: Any) -> StageExample:
    return StageExample(summary, options={**_MODEL, **options}, assigns=rows(given), raises=code)


def _asking() -> tuple[StageExample, ...]:
    """Return examples of what goes wrong wherever a model is asked."""
    return (
        StageExample("Nothing says which model.", assigns=rows(SUMS), raises="missing_model"),
        StageExample(
            "A model that is no longer where it was.",
            options={"model_from": "assigns.speaker", "device": "cpu"},
            assigns={**rows(SUMS), "speaker": ModelRef(id="speaker", artifact_uri="./no_such_model")},
            raises="model_not_found",
        ),
        _fails("missing_ports", "A port that is none.", ports={"sampler": "crucible_train.no_such:Thing"}),
        _fails("unsupported_training_config", "A device nobody has.", device="abacus"),
        StageExample("A number for rows.", options=_MODEL, assigns={"dataset": 7}, raises="wrong_data"),
        _fails("empty_dataset", "A data set without rows.", []),
        _fails("unknown_split", "A split that the data set does not have.", split="held_out"),
        _fails("no_chat_template", "A base model's tokenizer.", _TALKS, tokenizer="plain_bytes"),
        _fails("out_of_memory", "A model of 70 terabytes.", config={**TINY, "intermediate_size": 2**40}),
    )


EVALUATE = (
    _works("The loss on what completes a prompt.", SUMS, measure="loss", format="prompt_completion", seed=1),
    _works(
        "The loss on all answers of one split of conversations, those too long cut.",
        _TALKS,
        splits={"dev": [0, 2]},
        split="dev",
        format="messages",
        train_on="all_assistant",
        renderer="chat_template",
        max_length=90,
        truncation="left",
    ),
    _works("The loss on everything.", _TALKS, train_on="all", truncation="right", model="tiny"),
    _works(
        "The loss on messages that say so, for a base model.",
        [{"messages": [{**message, "trainable": message["role"] == "user"} for message in chat]} for chat in CHATS],
        train_on="custom",
        renderer="role_colon",
        tokenizer="plain_bytes",
    ),
    _works(
        "The loss on texts in pieces.",
        [{"text": "So it goes, and goes."}],
        format="text",
        max_length=8,
        truncation="split",
    ),
    _works("The loss on token ids.", [{"tokens": [72, 105, 33]}], format="tokens", train_on="last_assistant"),
    _works(
        "How many answers are right, whatever their case.",
        [{"question": "2+2=", "completion": "4"}],
        measure="exact_match",
        columns={"prompt": "question"},
        max_tokens=3,
        ignore_case=True,
        batch_size=4,
    ),
    _works(
        "Questions with choices, whole choices compared.", _QUESTIONS, measure="multiple_choice", normalization="none"
    ),
    _works(
        "Questions with choices, long ones at no disadvantage.",
        _QUESTIONS,
        measure="multiple_choice",
        normalization="tokens",
        precision="bf16",
        ports=_ELSEWHERE,
    ),
    *_asking(),
    StageExample(
        "Rows under another key, with a misspelt column.",
        options={**_MODEL, "data": "assigns.sums", "format": "prompt_completion"},
        assigns={"sums": [{"promt": "1+1=", "completion": "2"}]},
        raises="wrong_field",
    ),
    _fails("example_too_long", "A text beyond the context.", [{"text": "far " * 40}]),
    _fails("no_trainable_token", "Weights that are all 0.", [{"tokens": [72, 105], "weights": [0, 0]}]),
    _fails("token_out_of_range", "A token that the model does not have.", [{"tokens": [72, 999]}]),
)

SAMPLE = (
    _works("An answer to each prompt, the likeliest.", SUMS[:2], temperature=0.0, max_tokens=4, seed=1),
    _works(
        "Three answers to each conversation of a split, drawn among likely tokens.",
        _TALKS,
        splits={"dev": [0, 2]},
        split="dev",
        renderer="chat_template",
        samples=3,
        max_tokens=4,
        temperature=0.7,
        top_p=0.9,
        batch_size=2,
        precision="bf16",
        ports=_ELSEWHERE,
        model="tiny",
    ),
    StageExample(
        "A conversation for a base model, in rows under another key.",
        options={
            **_MODEL,
            "data": "assigns.talks",
            "columns": {"messages": "talk"},
            "renderer": "role_colon",
            "tokenizer": "plain_bytes",
            "max_tokens": 4,
        },
        assigns={"talks": [{"talk": CHATS[0][:1]}]},
    ),
    *_asking(),
    _fails("wrong_field", "A misspelt column.", [{"promt": "1+1="}]),
    _fails("example_too_long", "A prompt that leaves no room for its answer.", [{"prompt": "far " * 30}], max_tokens=9),
)
