"""An attempt at a stage while it is under way."""

from __future__ import annotations

from contextvars import Token
from dataclasses import dataclass, field
from threading import get_ident
from typing import TYPE_CHECKING

from opentelemetry import context as current
from opentelemetry.trace import set_span_in_context

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.trace import Span

_ALL = 64
"""So many values of metrics are events of the span; of what comes then, those whose count is a power of two."""

_EVERY = 1_000_000_000
"""Nanoseconds between two measurements of one metric."""


@dataclass
class Attempt:
    """An open span, which is the current one of the stage's thread: what the stage's libraries trace is part of it.

    Args:
        span: The span.
        at: When it began, in nanoseconds.
    """

    span: Span
    at: int
    values: int = 0
    last: dict[str, float] = field(default_factory=dict)
    _measured: dict[str, int] = field(default_factory=dict)
    _token: Token[Context] | None = None
    _thread: int = field(default_factory=get_ident)

    def enter(self, context: Context) -> None:
        """Make the span the current one of this thread."""
        self._token = current.attach(set_span_in_context(self.span, context))

    def leave(self) -> None:
        """Make current what was so before; in another thread than it was entered there is nothing to undo."""
        token, self._token = self._token, None
        if token is not None and self._thread == get_ident():
            current.detach(token)

    def is_due(self, name: str, value: float, at: int) -> bool:
        """Keep the value of a metric, and tell whether to measure it now: gauges are looked at once in a minute."""
        if at - self._measured.get(name, 0) < _EVERY:
            self.last[name] = value  # what is last in the end is measured then
            return False
        self._measured[name] = at
        self.last.pop(name, None)
        return True

    def shows_value(self) -> bool:
        """Count a value of a metric, and tell whether the span is to have it: a span holds 128 events."""
        self.values += 1
        return self.values <= _ALL or self.values & (self.values - 1) == 0
