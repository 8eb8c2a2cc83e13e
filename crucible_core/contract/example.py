"""An example of a stage at work: documentation that the conformance kit executes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Given = Mapping[str, Any] | Callable[[], Mapping[str, Any]]


@dataclass(frozen=True)
class StageExample:
    """Options and a context small enough to run in a moment, and what comes of them.

    A field's value may be a function without arguments that makes it, for data too large or too heavy to write down.

    Args:
        summary: One sentence: what this shows.
        options: The options given.
        outputs: Rows in the context's ``outputs``.
        assigns: Values in the context's ``assigns``.
        metrics: Metrics of earlier stages.
        artifacts: Artifacts of earlier stages.
        experiment: Parts of the experiment that the stage looks at, as in a spec: ``{"outputs": [...]}``.
        raises: The error code the stage ends with, or None where it succeeds.
    """

    summary: str
    options: Given = field(default_factory=dict, kw_only=True)
    outputs: Iterable[Mapping[str, Any]] | Callable[[], Iterable[Mapping[str, Any]]] = field(default=(), kw_only=True)
    assigns: Given = field(default_factory=dict, kw_only=True)
    metrics: Given = field(default_factory=dict, kw_only=True)
    artifacts: Given = field(default_factory=dict, kw_only=True)
    experiment: Given = field(default_factory=dict, kw_only=True)
    raises: str | None = field(default=None, kw_only=True)

    def make(self, name: str) -> Any:
        """Return the value of the field ``name``, made now if it is given as a function."""
        value = getattr(self, name)
        return value() if callable(value) else value

    def to_dict(self) -> dict[str, Any]:
        """Return what is fixed text: the summary, the options unless made, and the error code."""
        return example_record(vars(self))


def example_record(example: StageExample | Mapping[str, Any]) -> dict[str, Any]:
    """Return what a description says of an example, also of one that was given as a mapping of its fields."""
    if isinstance(example, StageExample):
        return example.to_dict()
    options = example.get("options", {})
    return {
        "summary": example.get("summary"),
        "options": None if options is None or callable(options) else dict(options),
        "raises": example.get("raises"),
    }
