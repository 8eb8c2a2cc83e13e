"""What there is to read about each check: a page, and the index of all pages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from crucible_core.testing.beyond import BEYOND
from crucible_core.testing.check import GROUPS, SUITE_VERSION, all_checks
from crucible_core.testing.left_out import LEFT_OUT

if TYPE_CHECKING:
    from crucible_core.testing.check import Check

_STATUSES = {
    "passed": "The stage does what the check asks.",
    "failed": "It does not, and the check is required: the stage does not conform.",
    "advised": "It does not, but the check is recommended or advisory, or newer than the suite that the plugin pins.",
    "waived": "It does not, and the plugin's `pyproject.toml` says why that is accepted for the time being.",
    "blocked": "The check could not run, because another one, which is named, did not pass.",
    "not applicable": "The stage has nothing that the check looks at; the reason says why.",
}
_LEVELS = {
    "required": "A failure means that the stage does not conform.",
    "recommended": "Reported, without failing: a careful author follows it.",
    "advisory": "Reported, without failing: a matter of taste, or of a measurement that other work can disturb.",
}


def page(check: Check) -> str:
    """Return the page of a check, as Markdown."""
    return "\n".join(_lines(check))


def _lines(check: Check) -> Iterator[str]:
    yield f"# {check.id}: {check.title}"
    yield ""
    yield f"Level: {check.level}. Group: {check.group}, {GROUPS[check.group]}. Since suite {check.since}."
    if check.after:
        yield f"Runs after: {', '.join(check.after)}; blocked by those that do not pass."
    yield ""
    yield check.documentation
    yield ""
    yield "## Run only this check"
    yield ""
    yield "```sh"
    yield f"crucible conformance STAGE --check {check.id}"
    yield f"pytest -k {check.id}"
    yield "```"
    yield ""
    yield "## Waive it"
    yield ""
    yield "In the plugin's `pyproject.toml`; `until` is the last day on which it holds, or the version that mends it:"
    yield ""
    yield "```toml"
    yield f'[tool.crucible.conformance.waive."STAGE:{check.id}"]'
    yield 'reason = "why this is accepted for the time being"'
    yield 'until = "1.2"'
    yield "```"
    yield ""
    yield "When the check passes, or the time is over, the waiver itself is the failure."
    yield ""


def index() -> str:
    """Return the index of all pages, as Markdown."""
    return "\n".join(
        [
            "# The checks of the conformance kit",
            "",
            f"Suite {SUITE_VERSION}. [A guide for authors](../plugin_authors.md) says how to use the kit;",
            "`crucible conformance --list` prints this table and `crucible conformance --explain ID` a page.",
            "",
            *_groups(),
            "## What comes of a check",
            "",
            *_table(("status", "meaning"), _STATUSES.items()),
            "",
            *_table(("level", "meaning"), _LEVELS.items()),
            "",
            "Ids are permanent: a check that is taken out leaves a gap.",
            "",
            "## Pin the suite",
            "",
            "A new version of the kit may ask for more. `suite` in `[tool.crucible.conformance]` names the version",
            "that a plugin was made for: checks that are newer are run and reported, but do not fail.",
            "",
            *_beyond(),
            *_left_out(),
        ]
    )


def _groups() -> Iterator[str]:
    for letter, name in GROUPS.items():
        checks = [each for each in sorted(all_checks().values(), key=lambda one: one.id) if each.group == letter]
        if checks:
            yield f"## {letter}: {name}"
            yield ""
            rows = [(f"[{each.id}]({each.id}.md){_mark(each)}", each.title, each.level, each.since) for each in checks]
            yield from _table(("check", "what holds for a stage that passes", "level", "since"), rows)
            yield ""


def _mark(check: Check) -> str:
    return " +" if check.id in BEYOND else ""


def _beyond() -> Iterator[str]:
    yield "## Beyond the catalogue"
    yield ""
    yield "The kit began with a catalogue of 63 checks, made from the suites of other projects and the defects of"
    yield "earlier ones. What is marked + came in addition:"
    yield ""
    yield from _table(("id", "why"), sorted(BEYOND.items()))
    yield ""


def _left_out() -> Iterator[str]:
    if LEFT_OUT:
        yield "## Left out"
        yield ""
        yield "These are in the catalogue, and are not made:"
        yield ""
        yield from _table(("id", "why not"), sorted(LEFT_OUT.items()))
        yield ""


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield "|---" * len(heads) + "|"
    yield from (f"| {' | '.join(row)} |" for row in rows)
