"""The protocol of language-model backends: prompts, options, completions and capabilities."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import model_validator

from crucible_core.ir.backend_parts import BackendContent, BackendToolChoice
from crucible_core.ir.errors import CrossFieldError
from crucible_core.ir.frozen import EMPTY, FrozenDict
from crucible_core.ir.model import IRModel
from crucible_core.ir.scalars import Count, Flag, FrozenValue, Integer, Name, NonNegative, Number, Rate, Text


class BackendMessage(IRModel):
    """One message of a conversation."""

    role: Literal["system", "user", "assistant", "tool"]
    """Who speaks."""
    content: BackendContent
    """What is said: text, or a list of parts."""
    name: Text | None = None
    """Name of the speaker."""
    tool_calls: tuple[FrozenDict[str, Any], ...] | None = None
    """The tools that the assistant asks for."""
    tool_call_id: Text | None = None
    """The call that a tool answers."""


class BackendOptions(IRModel):
    """How a backend is asked to answer."""

    model: Text | None = None
    """Model to use."""
    temperature: NonNegative | None = None
    """Sampling temperature."""
    max_tokens: Count | None = None
    """Largest number of tokens of the answer."""
    top_p: Rate | None = None
    """Probability mass to sample from."""
    top_k: Count | None = None
    """Number of tokens to sample from."""
    frequency_penalty: Number | None = None
    """Penalty on tokens by how often they were used."""
    presence_penalty: Number | None = None
    """Penalty on tokens that were used."""
    stop: tuple[Text, ...] | None = None
    """Texts at which the answer ends."""
    response_format: Literal["text", "json", "json_schema"] | None = None
    """Form of the answer."""
    json_schema: FrozenDict[str, Any] | None = None
    """JSON Schema of the answer; required when `response_format` is 'json_schema'."""
    stream: Flag = False
    """Whether the answer comes in pieces."""
    cache_control: Literal["ephemeral"] | None = None
    """Whether the prompt may be cached."""
    extended_thinking: Flag = False
    """Whether the model thinks before it answers."""
    thinking_budget_tokens: Count | None = None
    """Largest number of tokens of that thinking."""
    seed: Integer | None = None
    """Seed of the sampling."""
    timeout_ms: Count | None = None
    """How long to wait, in milliseconds."""
    extra: FrozenDict[str, Any] = EMPTY
    """Options of one backend only."""

    @model_validator(mode="after")
    def _json_schema_is_there(self) -> Self:
        if self.response_format == "json_schema" and self.json_schema is None:
            raise CrossFieldError("is required when response_format is 'json_schema'", "json_schema")
        return self


class BackendPrompt(IRModel):
    """What a backend is asked."""

    messages: tuple[BackendMessage, ...] = ()
    """The conversation so far."""
    system: Text | None = None
    """Instructions that stand above it."""
    tools: tuple[FrozenDict[str, Any], ...] | None = None
    """The tools on offer, as the backend describes them."""
    tool_choice: BackendToolChoice | None = None
    """Whether tools may or must be used, or which."""
    options: BackendOptions = BackendOptions.model_construct(set())
    """How to answer."""
    request_id: Text | None = None
    """Id of the request."""
    trace_id: Text | None = None
    """Id of the trace it belongs to."""
    metadata: FrozenDict[str, Any] = EMPTY
    """Free notes."""


class BackendThinking(IRModel):
    """What a model thought before it answered."""

    content: Text
    """The thinking."""
    tokens: Count | None = None
    """Its length in tokens."""


class BackendChoice(IRModel):
    """One answer of a backend."""

    index: Count
    """Its place among the answers, from 0."""
    message: BackendMessage
    """The answer."""
    finish_reason: Literal["stop", "length", "tool_calls", "content_filter", "error"]
    """Why it ended."""
    thinking: BackendThinking | None = None
    """What was thought before."""


class BackendUsage(IRModel):
    """Tokens used by a request."""

    prompt_tokens: Count
    """Of the prompt."""
    completion_tokens: Count
    """Of the answers."""
    total_tokens: Count
    """Of both."""
    thinking_tokens: Count | None = None
    """Of the thinking."""
    cached_tokens: Count | None = None
    """Of the prompt, found in a cache."""


class BackendCompletion(IRModel):
    """What a backend answered."""

    choices: tuple[BackendChoice, ...] = ()
    """The answers."""
    model: Text | None = None
    """Model that answered."""
    usage: BackendUsage | None = None
    """Tokens used."""
    latency_ms: NonNegative | None = None
    """How long it took, in milliseconds."""
    time_to_first_token_ms: NonNegative | None = None
    """How long until the first token, in milliseconds."""
    request_id: Text | None = None
    """Id of the request."""
    trace_id: Text | None = None
    """Id of the trace it belongs to."""
    raw_response: FrozenValue = None
    """The answer as the backend gave it."""
    metadata: FrozenDict[str, Any] = EMPTY
    """Free notes."""


class BackendCapabilities(IRModel):
    """What a backend can do."""

    backend_id: Name
    """Name of the backend."""
    provider: Name
    """Who runs it."""
    models: tuple[Name, ...] = ()
    """Models it serves."""
    default_model: Text | None = None
    """The model used when none is named."""
    supports_streaming: Flag = True
    """Answers in pieces."""
    supports_tools: Flag = True
    """Tools."""
    supports_vision: Flag = False
    """Images."""
    supports_audio: Flag = False
    """Audio."""
    supports_json_mode: Flag = True
    """Answers in JSON."""
    supports_extended_thinking: Flag = False
    """Thinking before the answer."""
    supports_caching: Flag = False
    """Cached prompts."""
    max_tokens: Count | None = None
    """Largest number of tokens of an answer."""
    max_context_length: Count | None = None
    """Largest number of tokens of prompt and answer."""
    max_images_per_request: Count | None = None
    """Largest number of images of a prompt."""
    requests_per_minute: Count | None = None
    """Limit of the rate of requests."""
    tokens_per_minute: Count | None = None
    """Limit of the rate of tokens."""
    cost_per_million_input: NonNegative | None = None
    """Price of a million tokens of prompt, in US dollars."""
    cost_per_million_output: NonNegative | None = None
    """Price of a million tokens of answer, in US dollars."""
    metadata: FrozenDict[str, Any] = EMPTY
    """Free notes."""
