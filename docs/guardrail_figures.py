"""Compute precision and recall of the built-in guardrail rules on the labelled set, for guardrails.md."""

from __future__ import annotations

import json
import math
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from crucible_core.stages.guardrails import BUILTIN_RULES, PROFILES, BuiltinAdapter, Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

ROOT = Path(__file__).resolve().parents[1]
LABELLED = ROOT / "tests" / "core" / "guardrails" / "labelled.jsonl"
PAGE = ROOT / "docs" / "guardrails.md"
SPLITS = ("tuning", "held_out", "fresh")
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"

_JOINT = "⧺"  # keeps secrets in pieces in the file, so that no secret scanner takes them for real ones
_MARK = re.compile(r"⟦(\w+):(.*?)⟧", re.DOTALL)
_NORMAL_QUANTILE = 1.959964  # of a two-sided interval at 95 %

Item = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class LabelledText:
    """Hold one row of the labelled set.

    Attributes:
        id: Unique name of the row.
        check: The check that the row is written for.
        split: One of `SPLITS`.
        categories: What a perfect detector finds; empty for a negative row.
        text: The text, marks removed and pieces joined.
        spans: `(start, end, category)` of personal data in `text`; empty for other checks.
    """

    id: str
    check: str
    split: str
    categories: frozenset[str]
    text: str
    spans: frozenset[tuple[int, int, str]]


@dataclass(frozen=True, slots=True)
class Counts:
    """Count decisions, and derive precision and recall."""

    true_positives: int
    false_positives: int
    false_negatives: int

    def precision(self) -> str:
        """Return the share of what was found that is right, with its interval."""
        return share(self.true_positives, self.true_positives + self.false_positives)

    def recall(self) -> str:
        """Return the share of what is there that was found, with its interval."""
        return share(self.true_positives, self.true_positives + self.false_negatives)


def wilson_interval(successes: int, trials: int) -> tuple[float, float]:
    """Return the 95 % score interval of a proportion (Wilson 1927, JASA 22:209); `trials` is at least 1."""
    z2 = _NORMAL_QUANTILE**2
    centre = (successes + z2 / 2) / (trials + z2)
    spread = _NORMAL_QUANTILE / (trials + z2) * math.sqrt(successes * (trials - successes) / trials + z2 / 4)
    return max(0.0, centre - spread), min(1.0, centre + spread)


def share(successes: int, trials: int) -> str:
    """Return `0.95 (0.83 to 0.99), 38/40`, or a dash where nothing was to be counted."""
    if trials == 0:
        return "-"
    low, high = wilson_interval(successes, trials)
    return f"{successes / trials:.2f} ({low:.2f} to {high:.2f}), {successes}/{trials}"


def load_labelled(path: Path = LABELLED) -> tuple[LabelledText, ...]:
    """Return the rows of the labelled set."""
    return tuple(_labelled(json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines())


def _labelled(row: dict[str, str]) -> LabelledText:
    text, spans = unmark(row["text"].replace(_JOINT, ""))
    return LabelledText(row["id"], row["check"], row["split"], frozenset(row["categories"]), text, spans)


def unmark(marked: str) -> tuple[str, frozenset[tuple[int, int, str]]]:
    """Return `marked` without its marks `⟦category:text⟧`, and the `(start, end, category)` that they gave."""
    pieces: list[str] = []
    spans: set[tuple[int, int, str]] = set()
    position = length = 0
    for mark in _MARK.finditer(marked):
        pieces += (marked[position : mark.start()], mark[2])
        start = length + mark.start() - position
        length = start + len(mark[2])
        position = mark.end()
        spans.add((start, length, mark[1]))
    return "".join(pieces) + marked[position:], frozenset(spans)


def count(truth: Iterable[Item], found: Iterable[Item]) -> Counts:
    """Return the counts of `found` against `truth`, both without duplicates."""
    wanted, got = set(truth), set(found)
    return Counts(len(wanted & got), len(got - wanted), len(wanted - got))


def check_counts(rows: Sequence[LabelledText], profile: str) -> Counts:
    """Return the counts of one check: of exact spans for personal data, of whole texts for the phrase checks."""
    if rows[0].check == "pii":
        return count(_true_spans(rows), _found_spans(rows, profile))
    truth = [(row.id,) for row in rows if row.categories]
    return count(truth, ((row.id,) for row in rows if _scan(row, profile)))


def category_counts(rows: Sequence[LabelledText], category: str, profile: str) -> Counts:
    """Return the counts of one category: of exact spans for personal data, of whole texts for the phrase checks."""
    keep: Callable[[Item], bool] = lambda item: item[-1] == category  # noqa: E731 - used twice, three lines below
    if rows[0].check == "pii":
        return count(filter(keep, _true_spans(rows)), filter(keep, _found_spans(rows, profile)))
    truth = [(row.id, each) for row in rows for each in row.categories]
    found = [(row.id, each.category) for row in rows for each in _scan(row, profile)]
    return count(filter(keep, truth), filter(keep, found))


def _scan(row: LabelledText, profile: str) -> Sequence[Finding]:
    return BuiltinAdapter().scan(row.text, frozenset({row.check}), profile)


def _true_spans(rows: Iterable[LabelledText]) -> list[Item]:
    return [(row.id, *span) for row in rows for span in row.spans]


def _found_spans(rows: Iterable[LabelledText], profile: str) -> list[Item]:
    return [(row.id, each.start, each.end, each.category) for row in rows for each in _scan(row, profile)]


def render_figures(rows: Sequence[LabelledText]) -> str:
    """Return the Markdown of both tables, with the size of the set."""
    return "\n".join([*_size_table(rows), "", *_check_table(rows), "", *_category_table(rows)])


def _part(rows: Iterable[LabelledText], check: str, split: str) -> list[LabelledText]:
    return [row for row in rows if (row.check, row.split) == (check, split)]


def _checks(rows: Iterable[LabelledText]) -> list[str]:
    return sorted({row.check for row in rows})


def _size_table(rows: Sequence[LabelledText]) -> list[str]:
    lines = ["| check | split | positive texts | negative texts |", "|---|---|---|---|"]
    for check in _checks(rows):
        for split in SPLITS:
            part = _part(rows, check, split)
            positive = sum(bool(row.categories) for row in part)
            lines.append(f"| {check} | {split} | {positive} | {len(part) - positive} |")
    return lines


def _check_table(rows: Sequence[LabelledText]) -> list[str]:
    lines = ["| check | profile | split | precision | recall |", "|---|---|---|---|---|"]
    for check in _checks(rows):
        for profile in PROFILES:
            for split in SPLITS:
                counts = check_counts(_part(rows, check, split), profile)
                lines.append(f"| {check} | {profile} | {split} | {counts.precision()} | {counts.recall()} |")
    return lines


def _category_table(rows: Sequence[LabelledText]) -> list[str]:
    lines = ["| check | category | split | precision | recall |", "|---|---|---|---|---|"]
    for check, category in sorted({(rule.check, rule.category) for rule in BUILTIN_RULES}):
        for split in SPLITS:
            counts = category_counts(_part(rows, check, split), category, "strict")
            lines.append(f"| {check} | {category} | {split} | {counts.precision()} | {counts.recall()} |")
    return lines


def with_figures(page: str, figures: str) -> str:
    """Return `page` with what stands between the two markers replaced by `figures`."""
    before, _, rest = page.partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        raise ValueError(f"{PAGE.name} must hold {BEGIN!r} and {END!r}, around the place of the tables")
    return f"{before}{BEGIN}\n{figures}\n{END}{after}"


def main() -> int:
    """Rewrite the tables of the page."""
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(with_figures(page, render_figures(load_labelled())), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
