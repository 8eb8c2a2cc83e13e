"""Text and tokens of a conversation, with the spans that count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from crucible_train.data.conversation import Message, TrainOn, trained


@dataclass(frozen=True, slots=True)
class Rendered:
    """A conversation as text.

    Attributes:
        text: All of it, with every marker that the model is to see.
        spans: Start and end of what counts, in characters, in order, without overlap.
    """

    text: str
    spans: tuple[tuple[int, int], ...]


class Renderer(Protocol):
    """How a model sees a conversation."""

    def render(self, messages: Sequence[Message], train_on: TrainOn) -> Rendered:
        """Return a whole conversation with what counts of it."""
        ...

    def prompt(self, messages: Sequence[Message]) -> str:
        """Return what comes before the assistant's next message."""
        ...

    @property
    def stops(self) -> tuple[str, ...]:
        """Texts that end a message of the assistant."""
        ...


class ChatTemplate:
    """The chat template of a tokenizer.

    Args:
        tokenizer: A tokenizer of transformers with a chat template.

    Raises:
        ValueError: It has none.
    """

    def __init__(self, tokenizer: Any) -> None:
        if not getattr(tokenizer, "chat_template", None):
            name = getattr(tokenizer, "name_or_path", "") or type(tokenizer).__name__
            raise ValueError(f"the tokenizer {name} has no chat template; use renderer role_colon, as for base models")
        self._tokenizer = tokenizer

    def render(self, messages: Sequence[Message], train_on: TrainOn) -> Rendered:
        """Return the conversation as the template writes it; of a message counts all that follows its header.

        Raises:
            ValueError: Nothing counts, the template refuses the conversation, or it writes a message otherwise once
                others follow it, so that where it begins cannot be told.
        """
        chosen = trained(messages, train_on)
        whole = self._text(messages)
        if train_on is TrainOn.ALL:
            return Rendered(whole, ((0, len(whole)),))
        return Rendered(whole, tuple(self._span(messages, number, whole) for number in chosen))

    def prompt(self, messages: Sequence[Message]) -> str:
        """Return the conversation up to where the assistant begins."""
        return self._text(messages, add_generation_prompt=True)

    @property
    def stops(self) -> tuple[str, ...]:
        """The end-of-sequence token."""
        return (self._tokenizer.eos_token,) if self._tokenizer.eos_token else ()

    def _span(self, messages: Sequence[Message], number: int, whole: str) -> tuple[int, int]:
        assistant = messages[number].role == "assistant"
        before = self._text(messages[:number], add_generation_prompt=assistant) if number or assistant else ""
        until = whole if number + 1 == len(messages) else self._text(messages[: number + 1])
        if not (whole.startswith(before) and whole.startswith(until) and len(before) < len(until)):
            raise ValueError(
                f"the chat template writes message {number + 1} otherwise when others follow it, so that what counts "
                "of it cannot be found; use train_on last_assistant, or renderer role_colon"
            )
        return len(before), len(until)

    def _text(self, messages: Sequence[Message], *, add_generation_prompt: bool = False) -> str:
        plain = [{"role": each.role, "content": each.content} for each in messages]
        try:
            text: str = self._tokenizer.apply_chat_template(
                plain, tokenize=False, add_generation_prompt=add_generation_prompt
            )
        except Exception as error:
            roles = ", ".join(each.role for each in messages)
            raise ValueError(f"the chat template refuses a conversation of {roles or 'no message'}: {error}") from error
        return text


class RoleColon:
    r"""A plain format for base models: ``User: ...\n\nAssistant: ...\n\n``.

    What the assistant says ends with ``\n\nUser:``.

    Args:
        bos: What begins every conversation, if the model wants it.
    """

    _stop = "User:"

    def __init__(self, bos: str = "") -> None:
        self._bos = bos

    def render(self, messages: Sequence[Message], train_on: TrainOn) -> Rendered:
        """Return the conversation; of a message counts its text, and the marker that ends it.

        Raises:
            ValueError: Nothing counts.
        """
        chosen = set(trained(messages, train_on))
        text, spans = self._bos, []
        for number, each in enumerate(messages):
            start = len(text) + len(_header(each.role))
            text += f"{_header(each.role)} {each.content}\n\n"
            stop = self._stop if each.role == "assistant" and _role(messages, number + 1) in ("user", None) else ""
            if number in chosen:
                spans.append((start, len(text) + len(stop)))
            if number + 1 == len(messages):
                text += stop
        return Rendered(text, ((0, len(text)),) if train_on is TrainOn.ALL else tuple(spans))

    def prompt(self, messages: Sequence[Message]) -> str:
        """Return the conversation up to where the assistant begins."""
        said = "".join(f"{_header(each.role)} {each.content}\n\n" for each in messages)
        return f"{self._bos}{said}{_header('assistant')}"

    @property
    def stops(self) -> tuple[str, ...]:
        """What the next turn of the user begins with."""
        return (f"\n\n{self._stop}",)


def _role(messages: Sequence[Message], number: int) -> str | None:
    return messages[number].role if number < len(messages) else None


def _header(role: str) -> str:
    return f"{role.capitalize()}:"


def tokenize(rendered: Rendered, tokenizer: Any) -> tuple[list[int], list[float]]:
    """Return the tokens of a rendered text, and 1.0 for each that lies in a span, 0.0 for the others.

    A token that reaches into a span counts, so that no part of a target is lost. Tokenizers that tell where a token
    lies see the text as a whole; others piece by piece, as they see a prompt before there is an answer.
    """
    if getattr(tokenizer, "is_fast", False):
        encoded = tokenizer(rendered.text, add_special_tokens=False, return_offsets_mapping=True)
        return encoded["input_ids"], _inside(encoded["offset_mapping"], rendered.spans)
    tokens: list[int] = []
    weights: list[float] = []
    for text, weight in _pieces(rendered):
        ids = tokenizer(text, add_special_tokens=False)["input_ids"]
        tokens += ids
        weights += [weight] * len(ids)
    return tokens, weights


def _inside(offsets: Sequence[tuple[int, int]], spans: Sequence[tuple[int, int]]) -> list[float]:
    weights = [0.0] * len(offsets)
    which = 0
    for number, (start, end) in enumerate(offsets):
        while which < len(spans) and spans[which][1] <= start:
            which += 1
        if which < len(spans) and end > spans[which][0]:
            weights[number] = 1.0
    return weights


def _pieces(rendered: Rendered) -> list[tuple[str, float]]:
    pieces, at = [], 0
    for start, end in rendered.spans:
        pieces += [(rendered.text[at:start], 0.0), (rendered.text[start:end], 1.0)]
        at = end
    pieces.append((rendered.text[at:], 0.0))
    return [piece for piece in pieces if piece[0]]
