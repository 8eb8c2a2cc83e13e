"""Whether what two runs measured on the same items differs by more than noise."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crucible_core.ir.errors import CrucibleError
from crucible_core.runs.item_matching import MatchedItems, match_items
from crucible_core.runs.item_rows import item_rows

if TYPE_CHECKING:
    from crucible_core.contract.item_pairs import ItemFinding, ItemPairs
    from crucible_core.plugins.codec_ref import CodecRef
    from crucible_core.runs.recorded import RecordedRun

    Findings = tuple[tuple[str, Sequence[ItemFinding | None]], ...]

__all__ = ["ItemComparison", "ItemsCompared", "compare_items"]


@dataclass(frozen=True)
class ItemsCompared:
    """One field of the first run and of another, and what plugins find of it."""

    matched: MatchedItems
    findings: tuple[tuple[str, ItemFinding], ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON values."""
        found = [{"by": name, **finding.to_dict()} for name, finding in self.findings]
        return {**self.matched.to_dict(), "findings": found}


@dataclass(frozen=True)
class ItemComparison:
    """Everything that was measured per item, and what could not be compared."""

    compared: tuple[ItemsCompared, ...] = ()
    notes: tuple[str, ...] = field(default=())


def compare_items(
    runs: Sequence[RecordedRun],
    ask: Callable[[Sequence[ItemPairs]], Findings],
    *,
    codecs: Callable[[], Iterable[CodecRef]] = tuple,
    fields: Sequence[str] = (),
) -> ItemComparison:
    """Compare the items of every run with those of the first.

    Args:
        runs: The runs.
        ask: Asks plugins what they find; not called where nothing matches.
        codecs: The codecs there are, for values of theirs in a row.
        fields: The fields to compare; see `match_items`.
    """
    notes: list[str] = []
    rows = [_rows(run, codecs, notes) for run in runs]
    if rows[0] is None or not any(rows[1:]):
        return ItemComparison(notes=tuple(notes))
    names = _names(runs)
    matched = [
        each
        for name, other in zip(names[1:], rows[1:], strict=True)
        for each in match_items(rows[0], other or (), (names[0], name), fields)
    ]
    notes += _missing_fields(fields, matched)
    return ItemComparison(_judged(matched, ask, notes), tuple(notes))


def _rows(
    run: RecordedRun, codecs: Callable[[], Iterable[CodecRef]], notes: list[str]
) -> Sequence[Mapping[str, Any]] | None:
    try:
        rows = item_rows(run.directory, codecs)
    except CrucibleError as error:
        notes.append(f"{run.label}: its items are not compared: {error}")
        return None
    without = sum(row.get("id") is None for row in rows)
    if without:
        notes.append(f"{run.label}: {without} of {len(rows)} rows of outputs have no id and match no other")
    return rows or None


def _names(runs: Sequence[RecordedRun]) -> list[str]:
    """Return the shortest names that tell the runs apart."""
    for names in (
        [run.directory.path.resolve().name for run in runs],
        [run.label for run in runs],
        [str(run.directory.path) for run in runs],
    ):
        if len(set(names)) == len(names):
            return names
    return [f"{run.label} ({position})" for position, run in enumerate(runs, start=1)]


def _missing_fields(fields: Sequence[str], matched: Sequence[MatchedItems]) -> list[str]:
    found = {each.pairs.field for each in matched}
    return [f"no two runs have items with a number in the field {name!r}" for name in fields if name not in found]


def _judged(
    matched: Sequence[MatchedItems], ask: Callable[[Sequence[ItemPairs]], Findings], notes: list[str]
) -> tuple[ItemsCompared, ...]:
    asked = [each for each in matched if each.pairs.items]
    found = ask([each.pairs for each in asked]) if asked else ()
    if asked and not found:
        notes.append("nothing that is installed says whether differences of items are more than noise")
    by_pairs = {
        id(each): tuple((name, finding) for name, findings in found if (finding := findings[at]) is not None)
        for at, each in enumerate(asked)
    }
    return tuple(ItemsCompared(each, by_pairs.get(id(each), ())) for each in matched)
