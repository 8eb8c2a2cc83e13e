"""What ``crucible runs compare`` tells of values measured on the same items."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from crucible_core.cli.runs.quantities import number
from crucible_core.trace.one_line import in_one_line

if TYPE_CHECKING:
    from crucible_core.cli.runs.canvas import Canvas
    from crucible_core.contract.item_pairs import ItemFinding
    from crucible_core.runs.item_comparison import ItemsCompared

__all__ = ["item_lines"]

_ANSWERS = {True: ("more than noise", "green"), False: ("no more than noise", "yellow"), None: ("no answer", "yellow")}


def item_lines(compared: Sequence[ItemsCompared], surface: Canvas) -> Iterator[str]:
    """Yield what was measured per item: how many match, their means, and what plugins find of them."""
    if compared:
        yield from ("", click.style("Items", bold=True))
    for each in compared:
        yield f"  {in_one_line(_heading(each.matched.to_dict()))}"
        for _, finding in each.findings:
            yield from _finding(finding, surface)


def _heading(told: dict[str, Any]) -> str:
    series = ", ".join(f"{name} {value}" for name, value in told["series"].items())
    means = ": mean {} against {}".format(*map(number, reversed(told["means"]))) if told["means"] else ""
    counts = {
        f"only in {told['first']}": told["only_first"]["count"],
        f"only in {told['second']}": told["only_second"]["count"],
        "left out, having several values": told["repeated"],
    }
    others = "".join(f", {count:,} {what}" for what, count in counts.items() if count)
    what = f"{told['field']}{f' ({series})' if series else ''}, {told['second']} against {told['first']}"
    return f"{what}{means}, {told['matched']:,} items{others}"


def _finding(finding: ItemFinding, surface: Canvas) -> Iterator[str]:
    from textwrap import wrap

    answer, colour = _ANSWERS[finding.more_than_noise]
    yield f"    {click.style(answer, fg=colour)}"
    for text in (finding.finding, *finding.notes):
        yield from wrap(in_one_line(text), surface.width, initial_indent=" " * 4, subsequent_indent=" " * 6)
