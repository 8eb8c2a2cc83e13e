"""The parts of a message, and the choice of one tool."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from crucible_core.ir.errors import CrossFieldError
from crucible_core.ir.model import IRModel
from crucible_core.ir.scalars import Expected, Name, Text


class BackendTextPart(IRModel):
    """Text in a message."""

    type: Literal["text"] = "text"
    """Kind of the part."""
    text: Text
    """The text."""


class BackendImagePart(IRModel):
    """An image in a message: its address, or its bytes and their type."""

    type: Literal["image"] = "image"
    """Kind of the part."""
    url: Text | None = None
    """Where the image is."""
    base64: Text | None = None
    """Its bytes in base 64."""
    media_type: Text | None = None
    """Type of those bytes, such as 'image/png'."""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.url is None) == (self.base64 is None):
            raise CrossFieldError("an image has either url, or base64 and media_type")
        if self.base64 is not None and self.media_type is None:
            raise CrossFieldError("is required beside base64, such as 'image/png'", "media_type")
        return self


class BackendAudioPart(IRModel):
    """A sound in a message."""

    type: Literal["audio"] = "audio"
    """Kind of the part."""
    url: Text
    """Where the sound is."""
    format: Text | None = None
    """Its format, such as 'wav' or 'mp3'."""


class BackendToolResultPart(IRModel):
    """What a tool answered."""

    type: Literal["tool_result"] = "tool_result"
    """Kind of the part."""
    tool_call_id: Name
    """The call it answers."""
    content: Text
    """The answer."""


BackendPart = Annotated[
    BackendTextPart | BackendImagePart | BackendAudioPart | BackendToolResultPart,
    Field(discriminator="type"),
    Expected("a mapping with a type"),
]

BackendContent = Annotated[
    Annotated[Text, Tag("text")] | Annotated[tuple[BackendPart, ...], Tag("parts")],
    Discriminator(lambda value: "text" if isinstance(value, str) else "parts"),
    Expected("text or a list of parts"),
]


class BackendToolName(IRModel):
    """The one tool to use."""

    name: Name
    """Its name."""


BackendToolChoice = Annotated[
    Annotated[Literal["auto", "none", "required"], Tag("word")] | Annotated[BackendToolName, Tag("tool")],
    Discriminator(lambda value: "word" if isinstance(value, str) else "tool"),
    Expected("auto, none, required, or a mapping with the tool's name"),
]
