"""From rows of a dataset to the examples that a language model learns from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from crucible_train.data.conversation import TrainOn, read_messages
from crucible_train.data.datum import Datum, next_token_datum
from crucible_train.data.rendering import ChatTemplate, Rendered, Renderer, RoleColon, tokenize
from crucible_train.errors import TrainingError

if TYPE_CHECKING:
    Tokens = tuple[list[int], list[float]]

FIELDS: Mapping[str, tuple[str, ...]] = {
    "messages": ("messages",),
    "prompt_completion": ("prompt", "completion"),
    "text": ("text",),
    "tokens": ("tokens",),
}
"""Format to the fields that a row of it has; ``tokens`` may have ``weights`` besides."""
TRUNCATIONS = ("refuse", "left", "right", "split")


@dataclass(frozen=True)
class ExampleFormat:
    """How rows are read.

    Attributes:
        format: A key of `FIELDS`, or ``auto``: the first of them whose fields the first row has.
        columns: Field to the column that holds it, where that is called otherwise.
        train_on: Which messages of a conversation count; of a prompt and its completion, the completion does, and of a
            text all.
        renderer: ``chat_template`` of the tokenizer, or ``role_colon``.
        max_length: Tokens of an example at most.
        truncation: What becomes of a longer one: ``refuse``; cut from the ``left`` or the ``right``; ``split`` into
            several, of which each begins with the last token of the one before, so that every token is predicted.
        end: Put the end-of-sequence token after a completion or text, and learn it.
    """

    format: str = "auto"
    columns: Mapping[str, str] = field(default_factory=dict)
    train_on: TrainOn = TrainOn.LAST_ASSISTANT
    renderer: str = "chat_template"
    max_length: int | None = None
    truncation: str = "refuse"
    end: bool = True


@dataclass
class Examples:
    """What became of the rows.

    Attributes:
        datums: The examples, in the order of their rows.
        truncated: Rows that were cut.
        lost_targets: Tokens that were to be predicted and were cut off.
    """

    datums: list[Datum] = field(default_factory=list)
    truncated: int = 0
    lost_targets: int = 0


def read_examples(rows: Sequence[Mapping[str, Any]], tokenizer: Any, how: ExampleFormat) -> Examples:
    """Return the examples of a dataset.

    Raises:
        TrainingError: ``empty_dataset``, ``wrong_field``, ``no_chat_template``, ``example_too_long`` or
            ``no_trainable_token``, the last four with the row, counted from 0.
    """
    if not rows:
        raise TrainingError("empty_dataset", "there is no row to learn from")
    kind = _format(rows[0], how)
    columns = {name: how.columns.get(name, name) for name in (*FIELDS[kind], "weights")}
    read = _Reader(kind, columns, how, tokenizer)
    made = Examples()
    for number, row in enumerate(rows):
        tokens, weights = read.tokens(number, row)
        made.datums += _fitted(number, tokens, weights, how, made)
    return made


def _format(row: Mapping[str, Any], how: ExampleFormat) -> str:
    """Return the format of the rows, as said or as the first of them shows.

    Raises:
        TrainingError: ``wrong_field``: it has the fields of none.
    """
    if how.format != "auto":
        return how.format
    for kind, fields in FIELDS.items():
        if all(how.columns.get(name, name) in row for name in fields):
            return kind
    known = "; ".join(" and ".join(how.columns.get(name, name) for name in fields) for fields in FIELDS.values())
    message = f"row 0 has the columns {_listed(row)}, and needs one of: {known}; name others with the option columns"
    raise TrainingError("wrong_field", message, field="columns", row=0)


class _Reader:
    """Turns rows of one format into tokens and how much it counts to predict each.

    Args:
        kind: The format.
        columns: Field to column.
        how: What else was said.
        tokenizer: What turns texts into tokens.
    """

    def __init__(self, kind: str, columns: Mapping[str, str], how: ExampleFormat, tokenizer: Any) -> None:
        self._columns, self._how, self._tokenizer = columns, how, tokenizer
        self._bos = begins_with(tokenizer)
        self._eos = (tokenizer.eos_token or "") if how.end else ""
        self._read = {
            "messages": self._messages,
            "prompt_completion": self._completion,
            "text": self._text,
            "tokens": self._ids,
        }[kind]
        self._renderer = renderer(how.renderer, tokenizer) if kind == "messages" else None

    def tokens(self, number: int, row: Mapping[str, Any]) -> Tokens:
        """Return the tokens of a row and their weights.

        Raises:
            TrainingError: ``wrong_field``, naming row and column.
        """
        try:
            return self._read(row)
        except ValueError as error:
            raise TrainingError("wrong_field", f"row {number}: {error}", row=number) from error

    def _messages(self, row: Mapping[str, Any]) -> Tokens:
        assert self._renderer is not None
        messages = read_messages(_cell(row, self._columns["messages"]))
        return tokenize(self._renderer.render(messages, self._how.train_on), self._tokenizer)

    def _completion(self, row: Mapping[str, Any]) -> Tokens:
        prompt = self._bos + _text_cell(row, self._columns["prompt"])
        whole = prompt + _text_cell(row, self._columns["completion"]) + self._eos
        return tokenize(Rendered(whole, ((len(prompt), len(whole)),)), self._tokenizer)

    def _text(self, row: Mapping[str, Any]) -> Tokens:
        whole = self._bos + _text_cell(row, self._columns["text"]) + self._eos
        return tokenize(Rendered(whole, ((0, len(whole)),)), self._tokenizer)

    def _ids(self, row: Mapping[str, Any]) -> Tokens:
        tokens = _numbers(row, self._columns["tokens"], int)
        given = self._columns["weights"] in row
        weights = _numbers(row, self._columns["weights"], float) if given else [1.0] * len(tokens)
        if len(weights) != len(tokens):
            raise ValueError(f"{len(tokens)} tokens need as many weights, got {len(weights)}")
        return tokens, weights


def renderer(name: str, tokenizer: Any) -> Renderer:
    """Return how a conversation is written for a tokenizer.

    Raises:
        TrainingError: ``no_chat_template``.
    """
    if name == "role_colon":
        return RoleColon(begins_with(tokenizer))
    try:
        return ChatTemplate(tokenizer)
    except ValueError as error:
        raise TrainingError("no_chat_template", str(error), field="renderer") from error


def begins_with(tokenizer: Any) -> str:
    """Return what a tokenizer puts before every text: its beginning-of-sequence token, or nothing."""
    begins = tokenizer.bos_token_id is not None and tokenizer("a")["input_ids"][0] == tokenizer.bos_token_id
    return str(tokenizer.bos_token) if begins else ""


def _fitted(number: int, tokens: list[int], weights: list[float], how: ExampleFormat, made: Examples) -> list[Datum]:
    """Return a row as examples that are short enough.

    Raises:
        TrainingError: ``example_too_long`` or ``no_trainable_token``.
    """
    limit = how.max_length
    asked = sum(map(bool, weights[1:]))
    if limit is not None and len(tokens) > limit:
        if how.truncation == "refuse":
            raise TrainingError(
                "example_too_long",
                f"row {number} has {len(tokens)} tokens, and {limit} are allowed; raise max_length as far as the model "
                "reads, or say with truncation where to cut",
                row=number,
                tokens=len(tokens),
                max_length=limit,
            )
        made.truncated += 1
    parts = [part for part in _parts(tokens, weights, how) if any(part[1][1:])]
    if not parts:
        why = "" if not asked else f", since truncation {how.truncation} cut off the {asked} there were"
        message = f"row {number} has no token to learn from{why}"
        raise TrainingError("no_trainable_token", message, row=number)
    made.lost_targets += asked - sum(sum(map(bool, part[1][1:])) for part in parts)
    return [next_token_datum(*part, row=number) for part in parts]


def _parts(tokens: list[int], weights: list[float], how: ExampleFormat) -> Iterator[Tokens]:
    limit = how.max_length
    if limit is None or len(tokens) <= limit:
        yield tokens, weights
    elif how.truncation == "split":
        for start in range(0, len(tokens) - 1, limit - 1):
            yield tokens[start : start + limit], weights[start : start + limit]
    else:
        kept = slice(-limit, None) if how.truncation == "left" else slice(limit)
        yield tokens[kept], weights[kept]


def _cell(row: Mapping[str, Any], column: str) -> Any:
    if column in row:
        return row[column]
    near = get_close_matches(column, map(str, row), 1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise ValueError(f"there is no column {column!r} among {_listed(row)}{hint}")


def _text_cell(row: Mapping[str, Any], column: str) -> str:
    value = _cell(row, column)
    if not isinstance(value, str):
        raise ValueError(f"{column} is {value!r:.60}, which is no text")  # noqa: TRY004 - data, not code
    return value


def _numbers(row: Mapping[str, Any], column: str, kind: type[Any]) -> list[Any]:
    value = _cell(row, column)
    fits = isinstance(value, Sequence) and not isinstance(value, (str, bytes))
    if not fits or not all(_is_number(each, kind) for each in value):
        raise ValueError(f"{column} is {value!r:.60}; give a list of {'token ids' if kind is int else 'weights'}")
    return [kind(each) for each in value]


def _is_number(value: Any, kind: type[Any]) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, kind)):
        return False
    return kind is int or 0 <= value < float("inf")


def _listed(row: Mapping[str, Any]) -> str:
    return ", ".join(map(str, row)) or "no column at all"
