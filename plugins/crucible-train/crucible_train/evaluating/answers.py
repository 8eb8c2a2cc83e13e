"""The model's own answers to prompts, as texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crucible_train.data.conversation import read_messages
from crucible_train.data.examples import begins_with, renderer
from crucible_train.errors import TrainingError

if TYPE_CHECKING:
    from crucible_core.ports import SamplingClient


@dataclass(frozen=True)
class Prompt:
    """What a model is to go on with.

    Attributes:
        text: All of it, as the model sees it.
        target: The right answer, where there is one.
        stops: Texts that end an answer.
    """

    text: str
    target: str | None
    stops: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answer:
    """What a model made of a prompt.

    Attributes:
        text: Without what ended it.
        logprob: Sum of the log-probabilities of its tokens under the distribution they were drawn from.
        tokens: How many those are.
        stopped: Whether it came to an end by itself.
    """

    text: str
    logprob: float
    tokens: int
    stopped: bool


def read_prompts(
    rows: Sequence[Mapping[str, Any]], tokenizer: Any, columns: Mapping[str, str], rendered_by: str
) -> list[Prompt]:
    """Return the prompts of a dataset.

    Args:
        rows: Each with ``prompt``, and ``completion`` for the right answer; or with ``messages``, of which the last one
            is the right answer where it is the assistant's.
        tokenizer: What turns texts into tokens.
        columns: Field to the column that holds it, where that is called otherwise.
        rendered_by: ``chat_template`` or ``role_colon``, for conversations.

    Raises:
        TrainingError: ``empty_dataset``, ``wrong_field`` or ``no_chat_template``.
    """
    if not rows:
        raise TrainingError("empty_dataset", "there is no prompt to answer")
    prompt, completion, messages = (columns.get(name, name) for name in ("prompt", "completion", "messages"))
    made = []
    for number, row in enumerate(rows):
        try:
            if messages in row and prompt not in row:
                made.append(_of_messages(row[messages], tokenizer, rendered_by))
            else:
                made.append(_of_texts(row, prompt, completion, tokenizer))
        except ValueError as error:
            raise TrainingError("wrong_field", f"row {number}: {error}", row=number) from error
    return made


def _of_messages(value: Any, tokenizer: Any, rendered_by: str) -> Prompt:
    messages = read_messages(value)
    write = renderer(rendered_by, tokenizer)
    answered = messages[-1].role == "assistant"
    before = messages[:-1] if answered else messages
    return Prompt(write.prompt(before), messages[-1].content if answered else None, write.stops)


def _of_texts(row: Mapping[str, Any], prompt: str, completion: str, tokenizer: Any) -> Prompt:
    for column in (prompt, *([completion] if completion in row else [])):
        if not isinstance(row.get(column), str):
            there = ", ".join(map(str, row)) or "no column at all"
            raise ValueError(f"{column} is to be a text; there are {there}")  # noqa: TRY004 - data, not code
    return Prompt(begins_with(tokenizer) + row[prompt], row.get(completion))


def answers(
    client: SamplingClient,
    session: Any,
    prompts: Sequence[Prompt],
    tokenizer: Any,
    config: Mapping[str, Any],
    batch_size: int,
    each: Callable[[int, int], None] = lambda _done, _total: None,
    *,
    context_length: int | None = None,
) -> list[list[Answer]]:
    """Return the answers to each prompt.

    Args:
        client: Samples.
        session: Its session.
        prompts: What to answer.
        tokenizer: What turns texts into tokens, and back.
        config: Fields of `Sampling`; the end-of-sequence token ends an answer besides those it names.
        batch_size: Prompts that are answered at a time.
        each: Called after each batch with prompts done and in all.
        context_length: Tokens that the model reads at most, prompt and answer together; None for any number.

    Raises:
        TrainingError: ``wrong_field``: a prompt without a token; ``example_too_long``: one that leaves no room for its
            answer; or what the client raises.
    """
    ended = [] if tokenizer.eos_token_id is None else [tokenizer.eos_token_id]
    made: list[list[Answer]] = []
    for start in range(0, len(prompts), batch_size):
        batch = prompts[start : start + batch_size]
        tokens = [tokenizer(prompt.text, add_special_tokens=False)["input_ids"] for prompt in batch]
        for row, ids in enumerate(tokens, start):
            _check_length(row, len(ids), config["max_tokens"], context_length)
        seed = config.get("seed")
        how = {**config, "stop": tuple(ended), "seed": None if seed is None else seed + start}
        found = client.sample(session, tokens, how)
        made += [[_answer(one, prompt, tokenizer) for one in group] for group, prompt in zip(found, batch, strict=True)]
        each(len(made), len(prompts))
    return made


def _check_length(row: int, length: int, max_tokens: int, context_length: int | None) -> None:
    """Make sure that there is something to go on from, and room for the answer.

    Raises:
        TrainingError: ``wrong_field`` or ``example_too_long``.
    """
    if not length:
        raise TrainingError(
            "wrong_field", f"row {row}: the prompt is empty, and there is nothing to go on from", row=row
        )
    if context_length is not None and length + max_tokens > context_length:
        message = (
            f"row {row}: a prompt of {length} tokens and an answer of up to {max_tokens} are more than the "
            f"{context_length} tokens that the model reads; lower max_tokens, or shorten the prompt"
        )
        raise TrainingError("example_too_long", message, row=row, tokens=length, max_tokens=max_tokens)


def _answer(found: Any, prompt: Prompt, tokenizer: Any) -> Answer:
    text = str(tokenizer.decode(found.tokens, skip_special_tokens=True))
    ends = [place for place in (text.find(stop) for stop in prompt.stops if stop) if place >= 0]
    text = text[: min(ends)] if ends else text
    return Answer(text, float(sum(found.logprobs)), len(found.tokens), bool(found.stopped or ends))
