"""Questions with several answers to choose from: the model chooses the one it finds likeliest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crucible_train.data.examples import ExampleFormat, read_examples
from crucible_train.errors import TrainingError

if TYPE_CHECKING:
    from crucible_train.data.datum import Datum
    from crucible_train.evaluating.likelihood import Likelihood


@dataclass(frozen=True)
class Question:
    """A question with its answers.

    Attributes:
        prompt: What comes before each answer.
        choices: The answers.
        answer: The number of the right one, from 0.
    """

    prompt: str
    choices: tuple[str, ...]
    answer: int


def read_questions(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> list[Question]:
    """Return the questions of a dataset.

    Args:
        rows: Each with ``prompt``, ``choices`` and ``answer``, the number of the right one from 0, or its text.
        columns: Field to the column that holds it, where that is called otherwise.

    Raises:
        TrainingError: ``empty_dataset`` or ``wrong_field``.
    """
    if not rows:
        raise TrainingError("empty_dataset", "there is no question to answer")
    return [_question(number, row, columns) for number, row in enumerate(rows)]


def _question(number: int, row: Mapping[str, Any], columns: Mapping[str, str]) -> Question:
    names = {name: columns.get(name, name) for name in ("prompt", "choices", "answer")}
    lacking = [column for column in names.values() if column not in row]
    if lacking:
        there = ", ".join(map(str, row)) or "no column at all"
        raise _wrong(number, f"there is no column {lacking[0]!r} among {there}")
    prompt, choices, answer = (row[column] for column in names.values())
    if not isinstance(prompt, str):
        raise _wrong(number, f"{names['prompt']} is {prompt!r:.60}, which is no text")
    several = isinstance(choices, Sequence) and not isinstance(choices, (str, bytes)) and len(choices) > 1
    if not several or not all(isinstance(each, str) and each for each in choices):
        raise _wrong(number, f"{names['choices']} is {choices!r:.60}; give a list of two texts or more")
    if isinstance(answer, str) and answer in choices:
        answer = choices.index(answer)
    if isinstance(answer, bool) or not isinstance(answer, int) or not 0 <= answer < len(choices):
        raise _wrong(number, f"{names['answer']} is {answer!r:.60}; give the number of a choice, from 0, or its text")
    return Question(prompt, tuple(choices), answer)


def choice_examples(questions: Sequence[Question], tokenizer: Any, max_length: int | None) -> list[Datum]:
    """Return one example for each choice of each question, whose targets are the tokens of the choice.

    Raises:
        TrainingError: See `read_examples`.
    """
    made: list[Datum] = []
    how = ExampleFormat("prompt_completion", max_length=max_length, end=False)
    for number, question in enumerate(questions):
        rows = [{"prompt": question.prompt, "completion": choice} for choice in question.choices]
        try:
            made += read_examples(rows, tokenizer, how).datums
        except TrainingError as error:
            raise TrainingError(
                error.code, f"question {number}: {error.message}", **{**error.details, "row": number}
            ) from error
    return made


def chosen(found: Sequence[Likelihood], normalization: str) -> tuple[int, list[float]]:
    """Return the number of the likeliest choice of one question, and the probability of each among them.

    Args:
        found: The likelihood of each choice, in order.
        normalization: ``none`` for the probability of the whole choice; ``tokens`` for its geometric mean over the
            tokens, so that long choices are not at a disadvantage.
    """
    import math

    scores = [each.logprob / (each.weight if normalization == "tokens" else 1.0) for each in found]
    largest = max(scores)
    shares = [math.exp(score - largest) for score in scores]
    return scores.index(largest), [share / sum(shares) for share in shares]


def _wrong(number: int, message: str) -> TrainingError:
    return TrainingError("wrong_field", f"row {number}: {message}", row=number)
