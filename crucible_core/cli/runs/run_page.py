"""What ``crucible runs show`` tells of a run, section by section."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from crucible_core.cli.runs.canvas import Canvas, cells, clipped, padded
from crucible_core.cli.runs.quantities import moment, number, seconds, size
from crucible_core.cli.runs.timeline_drawing import draw, rows_of
from crucible_core.contract.json_values import NON_FINITE
from crucible_core.runs.leaves import leaves, path_words
from crucible_core.trace.one_line import harmless, in_one_line

if TYPE_CHECKING:
    from crucible_core.runs.leaves import Path
    from crucible_core.runs.overview import Overview

__all__ = ["is_plain", "page", "styled_status"]

_MOST_LINES = 40
_LONGEST_FACT = 500
_HASH = 12
_DEPTH = 3
"""Keys on the way to a metric that is shown: its stage's, its name, and one more."""
_STATUS = {"succeeded": "green", "failed": "red", "running": "cyan"}


def page(about: Overview, surface: Canvas, *, whole: bool, traceback: bool) -> Iterator[str]:
    """Yield the lines of the page.

    Args:
        about: The run.
        surface: What to print on.
        whole: Shorten no list.
        traceback: Print the traceback of a crash.
    """
    manifest = about.run.manifest
    yield f"{in_one_line(about.run.label)}  {styled_status(about.run.status)}"
    for name, value in _facts(about):
        yield f"  {name:<12} {clipped(value, _LONGEST_FACT, surface)}"
    sections = (
        ("Failure", _failure(manifest, traceback=traceback)),
        ("Stages", _stages(about, surface, whole=whole)),
        ("Metrics", _metrics(manifest["metrics"], surface, whole=whole)),
        ("Verdicts", _shortened(_verdicts(manifest["verdicts"]), whole=whole)),
        ("Datasets", _shortened(_datasets(manifest["datasets"]), whole=whole)),
        ("Artifacts", _shortened(_artifacts(manifest["artifacts"]), whole=whole)),
    )
    for title, lines in sections:
        first = next(lines, None)
        if first is not None:
            yield from ("", click.style(title, bold=True), first)
            yield from lines


def styled_status(status: str) -> str:
    """Return a status in its colour."""
    return click.style(in_one_line(status), fg=_STATUS.get(status, "yellow"), bold=True)


def _facts(about: Overview) -> Iterator[tuple[str, str]]:
    manifest = about.run.manifest
    began = manifest["started_at"] or manifest["created_at"]
    resumed = len(about.timeline.sessions) - 1
    times = "" if resumed < 1 else ", resumed once" if resumed == 1 else f", resumed {resumed} times"
    took = about.timeline.duration_s or manifest["duration_s"] or 0.0
    facts = {
        "description": manifest["description"],
        "began": f"{moment(began)}, took {seconds(took)}{times}",
        "directory": str(about.run.directory.path),
        "spec": manifest["spec_file"],
        "command": shlex.join(map(str, manifest["command"] or ())),
        "tags": ", ".join(about.tags),
        "params": _pairs(manifest["params"]),
        "given": _given(manifest["inputs"]),
        "seed": None if manifest["seed"] is None else str(manifest["seed"]),
        "made with": _made_with(manifest),
        "process": _process(manifest["process"]) if about.run.status in ("running", "interrupted") else None,
    }
    return ((name, value) for name, value in facts.items() if value)


def _pairs(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{path_words(path)}={number(value)}" for path, value in leaves(values) if path)


def _given(inputs: Mapping[str, Any]) -> str:
    values = [
        f"{name} from {value['source']}" if value.get("source") else name for name, value in inputs["assigns"].items()
    ]
    return ", ".join([*values, *([f"{inputs['outputs']} rows of outputs"] if inputs["outputs"] else [])])


def _made_with(manifest: Mapping[str, Any]) -> str:
    python, git = manifest["python"], manifest["git"]
    parts = [f"crucible {manifest['crucible_version']}"] if manifest["crucible_version"] else []
    parts += [f"{python.get('implementation', 'Python')} {python['version']}"] if "version" in python else []
    parts += [f"git {str(git['revision'])[:_HASH]}{' and changes' if git.get('dirty') else ''}"] if _known(git) else []
    return ", ".join(parts)


def _known(git: Mapping[str, Any] | None) -> bool:
    return bool(git and git.get("revision"))


def _process(process: Mapping[str, Any]) -> str:
    return f"{process['pid']} on {process.get('host')}" if process else ""


def _failure(manifest: Mapping[str, Any], *, traceback: bool) -> Iterator[str]:
    failure = manifest["failure"]
    if not failure:
        return
    where = f" in {in_one_line(str(failure['stage']))}" if failure.get("stage") else ""
    code = click.style(in_one_line(str(failure.get("code"))), fg="red")
    yield f"  {code}{where}: {in_one_line(str(failure.get('message')))}"
    told = failure.get("traceback")
    if isinstance(told, str) and traceback:
        yield from (f"    {harmless(line)}".rstrip() for line in told.splitlines())
    elif told:
        yield "  --debug shows the traceback"


def _stages(about: Overview, surface: Canvas, *, whole: bool) -> Iterator[str]:
    rows = rows_of(about.timeline, [stage["id"] for stage in about.run.stages])
    return draw(about.timeline, rows, surface, whole=whole)


def _metrics(metrics: Mapping[str, Any], surface: Canvas, *, whole: bool) -> Iterator[str]:
    everything = [(path, value) for path, value in leaves(metrics) if path]
    shown = everything if whole else [each for each in everything if is_plain(*each)][:_MOST_LINES]
    names = [path_words(path) for path, _ in shown]
    width = min(max(map(cells, names), default=0), surface.width * 2 // 3)
    for name, (_, value) in zip(names, shown, strict=True):
        text = clipped(number(value), max(10, surface.width - width - 4), surface)
        yield f"  {padded(clipped(name, width, surface), width)}  {text}"
    if len(shown) < len(everything):
        yield f"  {surface.ellipsis} {len(everything) - len(shown):,} more; --all shows them"


def is_plain(path: Path, value: Any) -> bool:
    """Tell whether a metric is one a person asks for first: a number, or yes or no, near the surface."""
    return len(path) <= _DEPTH and (isinstance(value, (int, float)) or value in NON_FINITE.values())


def _verdicts(verdicts: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for verdict in verdicts:
        mark = click.style("yes", fg="green") if verdict.get("passed") else click.style("NO ", fg="red", bold=True)
        yield f"  {mark}  {in_one_line(str(verdict.get('question')))} {in_one_line(str(verdict.get('finding')))}"


def _datasets(datasets: Mapping[str, Any]) -> Iterator[str]:
    for name, about in datasets.items():
        facts = f"{about.get('source')}, {about.get('rows')} rows, sha256 {str(about.get('sha256'))[:_HASH]}"
        yield f"  {in_one_line(name)}: {in_one_line(facts)}"


def _artifacts(artifacts: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for path, artifact in {each["path"]: each for each in artifacts}.items():
        yield f"  {in_one_line(path)}  {size(artifact.get('bytes'))}"


def _shortened(lines: Iterator[str], *, whole: bool) -> Iterator[str]:
    """Yield the lines, of very many only the first."""
    count = 0
    for count, line in enumerate(lines, start=1):
        if whole or count <= _MOST_LINES:
            yield line
    if count > _MOST_LINES and not whole:
        yield f"  and {count - _MOST_LINES:,} more; --all shows them"
