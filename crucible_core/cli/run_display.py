"""What ``crucible run`` shows: plain lines, live progress on a terminal, or events as JSON."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Self

import click

from crucible_core.cli.streams import say
from crucible_core.contract.json_values import as_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from crucible_core.pipeline.result import RunResult
    from crucible_core.trace.event import Event

_LONGEST_FINDING = 400  # characters
_SKIPPED = {"disabled": "disabled", "cached": "its result is known from before"}


class Display(AbstractContextManager["Display"]):
    """Shows nothing; the base of those that do."""

    def __enter__(self) -> Self:
        """Begin to show."""
        return self

    def __exit__(self, *_: object) -> None:
        """Clear away what is only shown while the run goes on."""

    def event(self, event: Event) -> None:
        """Show an event of the run."""

    def progress(self, stage: str, done: float, total: float | None) -> None:
        """Show how far a stage is."""

    def result(self, result: RunResult, *, debug: bool) -> None:
        """Show how the run ended."""


class JsonDisplay(Display):
    """Prints every event as one line of JSON, the last being ``run_stop``."""

    def __init__(self) -> None:
        self._stdout = sys.stdout
        self._lost: OSError | None = None

    def __enter__(self) -> Self:
        """Keep stdout for events: what stages print goes to stderr."""
        sys.stdout = sys.stderr
        return self

    def __exit__(self, *_: object) -> None:
        """Give stdout back."""
        sys.stdout = self._stdout

    def event(self, event: Event) -> None:
        """Print an event as it is in ``telemetry.jsonl``; when there is no room for one, none that follows either."""
        if self._lost is not None:
            return
        try:
            say(as_text(event.to_dict()), file=self._stdout)
        except OSError as error:  # the run is recorded all the same
            self._lost = error

    def result(self, result: RunResult, *, debug: bool) -> None:  # noqa: ARG002 - the last event says it
        """Fail where events could not be printed.

        Raises:
            OSError: What kept the first of them.
        """
        if self._lost is not None:
            raise self._lost


class PlainDisplay(Display):
    """Prints a line when a stage starts and one when it ends; progress goes to stderr, the result to stdout."""

    def __init__(self) -> None:
        self._positions: dict[str, str] = {}
        self._attempt = 1

    def event(self, event: Event) -> None:
        """Print what a person wants to know of an event."""
        handler = getattr(self, f"_on_{event.event_name}", None)
        self._attempt = event.attempt or 1
        if handler is not None:
            handler(event.stage, event.payload)

    def result(self, result: RunResult, *, debug: bool) -> None:
        """Print what was found, the verdicts, the failure if there is one, and where the record lies."""
        for line in _findings(result):
            say(line)
        for verdict in result.context.verdicts:
            mark = click.style("yes", fg="green") if verdict.passed else click.style("NO ", fg="red", bold=True)
            say(f"{mark}  {verdict.question} {verdict.finding}")
        for line in _ending(result, debug=debug):
            say(line)

    def show(self, text: str) -> None:
        """Print one line of progress."""
        say(text, err=True)

    def _on_run_start(self, _: str | None, payload: Mapping[str, Any]) -> None:
        manifest = payload["manifest"]
        if not manifest:
            return
        stages = manifest["stages"]
        width = len(str(len(stages)))
        self._positions = {
            stage["id"]: f"[{index:>{width}}/{len(stages)}]" for index, stage in enumerate(stages, start=1)
        }
        self.show(f"{manifest['experiment_id']}  run {manifest['run_id']}")

    def _on_stage_start(self, stage: str, payload: Mapping[str, Any]) -> None:
        name = "" if payload["name"] == stage else f" ({payload['name']})"
        self.show(f"{self._positions.get(stage, '')} {stage}{name}{self._again()} ...".lstrip())

    def _on_stage_stop(self, stage: str, payload: Mapping[str, Any]) -> None:
        self._finished(stage, "done", payload)

    def _on_stage_error(self, stage: str, payload: Mapping[str, Any]) -> None:
        wait = payload.get("will_retry_in_s")
        code = click.style(payload["code"], fg="red" if wait is None else "yellow")
        self._finished(stage, code, payload)
        if wait is not None:
            self.show(f"  {payload['message'].partition(chr(10))[0]}")
            self.show(f"  attempt {self._attempt + 1} begins in {wait:.2f} s")

    def _on_stage_skip(self, stage: str, payload: Mapping[str, Any]) -> None:
        why = payload.get("detail") or _SKIPPED.get(payload["reason"], payload["reason"])
        self.show(f"{self._positions.get(stage, '')} {stage} skipped: {why}".lstrip())

    def _on_log(self, stage: str | None, payload: Mapping[str, Any]) -> None:
        told = stage is None or "code" in payload["fields"]  # by the run itself, on stderr: observers, options
        if payload["level"] in ("warning", "error") and not told:
            self.show(f"{payload['level']}: {stage}: {payload['message']}")

    def _finished(self, stage: str, how: str, payload: Mapping[str, Any]) -> None:
        took = f"{how} in {payload['duration_s']:.2f} s"
        self.show(f"{self._positions.get(stage, '')} {stage} {took}{self._again()}".lstrip())

    def _again(self) -> str:
        return f" (attempt {self._attempt})" if self._attempt > 1 else ""


class TerminalDisplay(PlainDisplay):
    """Shows the running stage with its progress on one line that is redrawn, and the finished ones above it."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.status import Status

        super().__init__()
        self._console = Console(stderr=True, highlight=False)
        self._status = Status("", console=self._console)
        self._metrics: dict[str, float] = {}

    def __exit__(self, *_: object) -> None:
        """Take the status line away."""
        self._status.stop()

    def show(self, text: str) -> None:
        """Print one line above the status line."""
        from rich.text import Text

        self._console.print(Text.from_ansi(text))

    def progress(self, stage: str, done: float, total: float | None) -> None:
        """Redraw how far the stage is."""
        self._show(stage, f"{done:g}/{total:g} ({done / total:.0%})" if total else f"{done:g}")

    def _on_stage_start(self, stage: str, _: Mapping[str, Any]) -> None:
        self._metrics = {}
        self._show(stage, "")
        self._status.start()

    def _on_metric(self, stage: str, payload: Mapping[str, Any]) -> None:
        if isinstance(payload["value"], (int, float)):
            self._metrics[payload["name"]] = payload["value"]
        self._show(stage, "")

    def _finished(self, stage: str, how: str, payload: Mapping[str, Any]) -> None:
        self._status.stop()
        super()._finished(stage, how, payload)

    def _show(self, stage: str, how_far: str) -> None:
        from rich.text import Text

        metrics = "  ".join(f"{name} {value:.4g}" for name, value in self._metrics.items())
        position = self._positions.get(stage, "")
        self._status.update(Text(f"{position} {stage} {how_far} {metrics}".strip()))


def display_for(*, as_json: bool) -> Display:
    """Return the display that suits where the output goes."""
    if as_json:
        return JsonDisplay()
    return TerminalDisplay() if sys.stderr.isatty() else PlainDisplay()


def _findings(result: RunResult) -> Iterator[str]:
    """Yield the texts that stages left for the report, a paragraph a line; lists and long ones are for the report."""
    from crucible_core.contract.report_parts import Text, report_parts

    for key, value in result.context.artifacts.items():
        for part in report_parts(value):
            paragraphs = part.markdown.strip().split("\n\n") if isinstance(part, Text) else []
            sentences = (each for each in paragraphs if len(each) <= _LONGEST_FINDING and not each.startswith("- "))
            yield from (f"{key}: {' '.join(each.split())}" for each in sentences)


def _ending(result: RunResult, *, debug: bool) -> list[str]:
    failure = result.failure
    lines = []
    if failure is not None and failure.code != "gate_failed":
        where = f" in {failure.stage}" if failure.stage else ""
        lines.append(f"{failure.code}{where}: {' '.join(failure.message.split())}")
        if failure.traceback and debug:
            lines.append(failure.traceback.rstrip())
        elif failure.traceback:
            lines.append("  --debug shows the traceback; the record has it too")
    said_no = sum(not verdict.passed for verdict in result.context.verdicts)
    why = f": {said_no} of {len(result.context.verdicts)} verdicts say no" if said_no else ""
    lines.append(f"{result.status}{why} after {result.duration:.2f} s")
    if result.run_dir is not None:
        lines.append(f"record: {result.run_dir}")
        lines += [f"report: {path}" for path in _reports(result)]
    return lines


def _reports(result: RunResult) -> list[str]:
    """Return the files that report stages wrote, which a person opens next; those of the record by full path."""
    listed = [each for value in result.context.artifacts.values() if isinstance(value, list) for each in value]
    paths = [each["path"] for each in listed if isinstance(each, dict) and each.get("path")]
    inside = result.run_dir
    return [str(inside / path) if inside and (inside / path).is_file() else str(path) for path in paths]
