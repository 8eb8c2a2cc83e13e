"""Keep the values of secret options out of whatever is recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from crucible_core.contract.json_values import REDACTED, as_record
from crucible_core.contract.options import option_values
from crucible_core.contract.type_spec import is_secret
from crucible_core.pipeline.loading import StageLoader
from crucible_core.runs.secret_forms import forms_of

if TYPE_CHECKING:
    from crucible_core.contract.runtime import EventSink
    from crucible_core.pipeline.plan import Plan, PlannedStage
    from crucible_core.plugins.registry import Registry

    OptionTypes = Callable[[PlannedStage], Mapping[str, Any] | None]
    """Tells option name to type spec of a stage of the plan; None where that cannot be known."""

_SEARCHABLE = 4
"""Characters; a shorter secret is hidden where it stands alone, since looking for it within texts garbles them."""


class SecretValues:
    """The secrets of one run, and records without them.

    Args:
        values: The secrets in clear.
    """

    def __init__(self, values: Iterable[str]) -> None:
        found = {form for value in values for form in forms_of(value)}
        self._exact = frozenset(found)
        self._within = tuple(sorted((each for each in found if len(each) >= _SEARCHABLE), key=len, reverse=True))

    def __bool__(self) -> bool:
        return bool(self._exact)

    def hidden(self, value: Any) -> Any:
        """Return a value as JSON values, asterisks in place of every secret, inside texts and keys too."""
        return self._hidden(as_record(value)) if self else value

    @property
    def texts(self) -> frozenset[str]:
        """The secrets, and how they look where a text quotes them."""
        return self._exact

    def _hidden(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.hidden_text(value)
        if isinstance(value, dict):
            return {self.hidden_text(key): self._hidden(each) for key, each in value.items()}
        return [self._hidden(each) for each in value] if isinstance(value, list) else value

    def hidden_text(self, text: str) -> str:
        """Return a text, asterisks in place of every secret in it."""
        if text in self._exact:
            return REDACTED
        for secret in self._within:
            text = text.replace(secret, REDACTED)
        return text


class SecretsWhenAsked:
    """Hide secrets in texts of a run that nobody records; which there are is found out when the first text comes.

    Args:
        find: Finds the secrets.
    """

    def __init__(self, find: Callable[[], SecretValues]) -> None:
        self._find = find
        self._found: SecretValues | None = None

    def __call__(self, text: str) -> str:
        """Return a text without secrets."""
        return self._secrets().hidden_text(text)

    def __reduce__(self) -> tuple[Any, ...]:
        """Go into another process as what hides the secrets there are."""
        return getattr, (self._secrets(), "hidden_text")

    def _secrets(self) -> SecretValues:
        if self._found is None:
            self._found = self._find()
        return self._found


class HidingSink:
    """An event sink that hides secrets from all behind it: journal, observers and the reasoning in the context."""

    def __init__(self, sink: EventSink, secrets: SecretValues) -> None:
        self._sink = sink
        self._secrets = secrets

    @property
    def listening(self) -> bool:
        """Whether anybody would see an event."""
        return self._sink.listening

    def emit(self, event_name: str, stage: str | None, payload: Mapping[str, Any], attempt: int | None = None) -> None:
        """Record one event without the secrets in its payload."""
        self._sink.emit(event_name, stage, self._secrets.hidden(payload), attempt)


def secrets_of(plan: Plan, types_of: OptionTypes) -> SecretValues:
    """Return the values of all options of a plan that are typed as secrets, wherever in the spec they were given."""
    return SecretValues(text for planned in plan.stages for text in _secret_texts(planned, types_of(planned) or {}))


def option_types(registry: Registry) -> OptionTypes:
    """Return what tells the types of a stage's options.

    A disabled stage, which the plan does not load, is loaded for this where it was given options that hold text: one
    may be a secret, and the experiment is recorded with them. None where it does not load.
    """
    loader = StageLoader(registry)

    def types_of(planned: PlannedStage) -> Mapping[str, Any] | None:
        if planned.description is not None:
            return planned.description.options.types
        if next(texts_in(planned.definition.options), None) is None:
            return {}
        loaded = loader.load(planned.definition)
        return loaded.description.options.types if loaded.failure is None else None

    return types_of


def _secret_texts(planned: PlannedStage, types: Mapping[str, Any]) -> Iterator[str]:
    names = [name for name, spec in types.items() if is_secret(spec)]
    for values in (option_values(planned.options or {}), planned.definition.options) if names else ():
        for name in names:
            yield from texts_in(values.get(name))


def texts_in(value: Any) -> Iterator[str]:
    """Yield the texts in a value; pydantic's secret strings give theirs only when asked."""
    if hasattr(value, "get_secret_value"):
        value = value.get_secret_value()
    if isinstance(value, str):
        yield value
    elif isinstance(value, (Mapping, list, tuple)):
        for each in value.values() if isinstance(value, Mapping) else value:
            yield from texts_in(each)
