"""What a stage declares to read and write, beside what a run of it did."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from crucible_core.contract.options import option_values
from crucible_core.contract.paths import OPEN, covers, fill
from crucible_core.testing.trial import SUBJECT

if TYPE_CHECKING:
    from crucible_core.testing.case import Case
    from crucible_core.testing.trial import Trial

LISTS = ("reads", "may_read", "writes", "may_write")


class Declared:
    """The paths a stage declares, as templates, and filled in for one example.

    Args:
        case: The stage.
        trial: A run of one of its examples.
    """

    def __init__(self, case: Case, trial: Trial) -> None:
        planned, _ = case.planned(trial.example)
        values: Mapping[str, Any] = {**option_values(planned.options), "id": SUBJECT}
        self._values = values
        given = {**case.description.options.defaults, **trial.example.make("options")}
        asked = case.description if case.derived else case.loaded.describe(given)
        self._lists = {name: fill(getattr(asked, name), values) for name in LISTS}

    def paths(self, *lists: str) -> tuple[str, ...]:
        """Return the declared paths of these lists, filled in."""
        return tuple(path for name in lists for path in self._lists[name])

    def filled(self, template: str) -> tuple[str, ...]:
        """Return what a template stands for in this example."""
        return fill((template,), self._values)


def undeclared(seen: Iterable[str], declared: Iterable[str]) -> list[str]:
    """Return the paths that nothing declared covers, sorted."""
    known = tuple(declared)
    return sorted(path for path in seen if not any(covers(each, path) for each in known))


def is_open(path: str) -> bool:
    """Tell whether a path stands for everything, or for all of a room."""
    return path == OPEN or path.endswith(f".{OPEN}")


def unused(case: Case, name: str, trials: Iterable[tuple[Trial, Declared]]) -> Iterator[str]:
    """Yield the templates of a list of reads of which no run looked at any path."""
    pairs = list(trials)
    for template in getattr(case.description, name):
        if is_open(template):
            continue
        paths = [(trial, path) for trial, declared in pairs for path in declared.filled(template)]
        if not any(
            any(covers(path, seen) or covers(seen, path) for seen in trial.accesses.read) for trial, path in paths
        ):
            yield template
