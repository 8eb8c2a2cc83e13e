"""In what an experiment differs from the one a run was recorded with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from crucible_core.contract.json_values import as_text

if TYPE_CHECKING:
    from crucible_core.ir import Experiment

NO_RESULT_DEPENDS_ON = frozenset(
    ("description", "owner", "tags", "metadata", "experiment_type", "created_at", "updated_at", "schema_version")
)
"""Fields of an experiment that tell people about it."""
POLICIES = frozenset(("retry", "timeout_s", "isolation", "on_failure"))
"""Fields of a stage that say how it is run, not what comes out; a run may go on with others."""
_SHOWN = 80
_ABSENT: Any = object()


class Difference(NamedTuple):
    """One place in which two experiments differ.

    Args:
        path: The place, e.g. ``pipeline.fit.options.alpha``.
        before: What was recorded; `None` where the place was not there.
        after: What is there now.
        stage: Position of the first stage it concerns.
    """

    path: str
    before: Any
    after: Any
    stage: int

    def __str__(self) -> str:
        return f"{self.path}: {_shown(self.before)}, now {_shown(self.after)}"


def differences(recorded: Experiment, given: Experiment) -> list[Difference]:
    """Return every difference between two experiments that what comes out of a run may depend on.

    Args:
        recorded: The experiment as recorded, secrets as asterisks.
        given: The experiment to compare, likewise.
    """
    before, after = recorded.to_dict(), given.to_dict()
    fields = [name for name in {**before, **after} if name not in NO_RESULT_DEPENDS_ON and name != "pipeline"]
    found = [each for name in fields for each in _changes(name, before.get(name), after.get(name), 0)]
    return [*found, *_pipeline_changes(before["pipeline"], after["pipeline"])]


def _pipeline_changes(before: Sequence[Any], after: Sequence[Any]) -> Iterator[Difference]:
    ids, new_ids = [stage["id"] for stage in before], [stage["id"] for stage in after]
    for position, (mine, theirs) in enumerate(zip(ids, new_ids, strict=False)):
        if mine != theirs:
            yield Difference(f"pipeline[{position}]", ids[position:], new_ids[position:], position)
            break
        for name in {**before[position], **after[position]}:
            if name not in POLICIES:
                old, new = before[position].get(name), after[position].get(name)
                yield from _changes(f"pipeline.{mine}.{name}", old, new, position)
    else:
        if len(ids) != len(new_ids):
            start = min(len(ids), len(new_ids))
            yield Difference(f"pipeline[{start}]", ids[start:] or _ABSENT, new_ids[start:] or _ABSENT, start)


def _changes(path: str, before: Any, after: Any, stage: int) -> Iterator[Difference]:
    if isinstance(before, dict) and isinstance(after, dict):
        for key in {**before, **after}:
            yield from _changes(f"{path}.{key}", before.get(key, _ABSENT), after.get(key, _ABSENT), stage)
    elif type(before) is not type(after) or before != after:
        yield Difference(path, before, after, stage)


def _shown(value: Any) -> str:
    if value is _ABSENT:
        return "absent"
    text = as_text(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."
