"""Conversations: messages as every chat dataset has them, and which of them a model is to learn from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

ROLES = ("system", "user", "assistant", "tool")


class TrainOn(StrEnum):
    """Which messages count."""

    LAST_ASSISTANT = "last_assistant"
    """The last message of the assistant."""
    ALL_ASSISTANT = "all_assistant"
    """Every message of the assistant."""
    ALL = "all"
    """Every token, whoever wrote it."""
    CUSTOM = "custom"
    """The messages with ``"trainable": true``; then each message says so or not."""


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation.

    Attributes:
        role: One of `ROLES`.
        content: What was said.
        trainable: Whether the model learns from it, where each message says so.
    """

    role: str
    content: str
    trainable: bool | None = None


def read_messages(value: Any) -> tuple[Message, ...]:
    """Return the messages of a row.

    Args:
        value: A list of mappings with ``role`` and ``content``.

    Raises:
        ValueError: It is none, empty, or has a message without a known role or without text; says which.
    """
    if not isinstance(value, Sequence) or isinstance(value, (str, bytes)) or not value:
        raise ValueError(f"a conversation is a list of messages with role and content, not {_shown(value)}")
    return tuple(_read(number, each) for number, each in enumerate(value, 1))


def _read(number: int, value: Any) -> Message:
    if not isinstance(value, Mapping):
        raise ValueError(f"message {number} is a mapping with role and content, not {_shown(value)}")  # noqa: TRY004 - data, not code
    role, content = value.get("role"), value.get("content")
    if role not in ROLES:
        raise ValueError(f"message {number} has the role {role!r}; there are {', '.join(ROLES)}")
    if not isinstance(content, str):
        raise ValueError(f"message {number} has as content {_shown(content)}, which is no text")  # noqa: TRY004 - likewise
    trainable = value.get("trainable")
    if trainable is not None and not isinstance(trainable, bool):
        raise ValueError(f"message {number} has as trainable {trainable!r}, which is neither true nor false")
    return Message(role, content, trainable)


def trained(messages: Sequence[Message], train_on: TrainOn) -> tuple[int, ...]:
    """Return the numbers, from 0, of the messages that count; of ``all`` it is every one.

    Raises:
        ValueError: There is none, or the messages say themselves what counts and ``custom`` was not asked, or the
            reverse.
    """
    marked = [each.trainable is not None for each in messages]
    if train_on is TrainOn.CUSTOM and not all(marked):
        number = marked.index(False) + 1
        raise ValueError(f"train_on custom needs trainable in every message; message {number} has none")
    if train_on is not TrainOn.CUSTOM and any(marked):
        number = marked.index(True) + 1
        raise ValueError(f"message {number} has trainable, which only train_on custom looks at, not {train_on}")
    chosen = _CHOICE[train_on](messages)
    if not chosen:
        raise ValueError(f"no message is left to learn from with train_on {train_on}")
    return chosen


def _assistants(messages: Sequence[Message]) -> tuple[int, ...]:
    return tuple(number for number, each in enumerate(messages) if each.role == "assistant")


_CHOICE: Mapping[TrainOn, Callable[[Sequence[Message]], tuple[int, ...]]] = {
    TrainOn.LAST_ASSISTANT: lambda messages: _assistants(messages)[-1:],
    TrainOn.ALL_ASSISTANT: _assistants,
    TrainOn.ALL: lambda messages: tuple(range(len(messages))),
    TrainOn.CUSTOM: lambda messages: tuple(number for number, each in enumerate(messages) if each.trainable),
}


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."  # noqa: PLR2004 - a line
