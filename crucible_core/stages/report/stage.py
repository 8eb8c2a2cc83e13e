"""The built-in stage `report`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from crucible_core.contract.example import StageExample
from crucible_core.contract.options import StageOptions
from crucible_core.contract.stage import Stage
from crucible_core.contract.traits import Traits

if TYPE_CHECKING:
    from crucible_core.contract.context import Context


def _parts() -> dict[str, Any]:
    """Return the artifacts of the example: a figure, a table and a text."""
    from crucible_core.contract.report_parts import Figure, Table, Text

    svg = '<svg viewBox="0 0 90 20"><rect width="80" height="8"/><rect y="12" width="90" height="8"/></svg>'
    return {
        "eval": [
            Figure(svg, "Accuracy", "Accuracy 0.8 before and 0.9 after"),
            Table(("model", "accuracy"), (("before", 0.8), ("after", 0.9)), "Accuracy by model"),
            Text("The second model is **better** on these items."),
        ]
    }


class Report(Stage):
    """Write what the run asked and found as documents for people and programs.

    The experiment's ``outputs`` say which: each has a name, formats (markdown, json, html, latex, csv) and a sink. The
    sink ``file`` writes ``<name>.<ending>`` into this stage's directory in the run, or to the ``path`` among the
    output's options, relative to the working directory, in which ``{format}`` stands for the ending (md, json, html,
    tex, csv) and ``{name}``, ``{experiment_id}`` and ``{run_id}`` for themselves; a path that ends in ``/`` is a
    directory. The sink ``stdout`` prints. Without any outputs the report is written as ``report.html`` and
    ``report.md``.

    A file is written whole or not at all, and none before all are rendered and have a place. What was written is left
    in ``artifacts.{id}``: a list of ``{"name", "format", "path"}``, the path relative to the run directory inside it,
    absolute elsewhere, and None for what was printed.
    """

    name = "report"
    version = "1.0.0"
    may_read = ("*",)
    writes = ("artifacts.{id}",)
    errors = {
        "sink_unavailable": "An output asks for a sink other than file and stdout; nothing was written.",
        "invalid_output": "An output's name cannot name a file, or its options are not those of its sink.",
        "ambiguous_path": "Two documents would be written to one file.",
        "not_written": "A document could not be written: the place is read-only, full or not there.",
    }
    traits = Traits(reasons={"may_read": "A report tells of whatever the stages before it left."})
    examples = (
        StageExample("A report on one metric.", metrics={"eval": {"accuracy": 0.9}}),
        StageExample(
            "A figure, a table and a text, and the first of three rows of results.",
            options={"title": "Is the new model better?", "max_rows": 1},
            outputs=[{"id": index, "score": index / 2} for index in range(3)],
            artifacts=_parts,
        ),
        StageExample(
            "One document as Markdown and as JSON.",
            experiment={"outputs": [{"name": "summary", "formats": ["markdown", "json"]}]},
            metrics={"eval": {"accuracy": 0.9}},
        ),
        StageExample(
            "A database is no sink.",
            experiment={"outputs": [{"name": "summary", "sink": "postgres"}]},
            raises="sink_unavailable",
        ),
        StageExample(
            "Nobody takes this option.",
            experiment={"outputs": [{"name": "summary", "options": {"colour": "red"}}]},
            raises="invalid_output",
        ),
        StageExample(
            "Two outputs of one name.",
            experiment={"outputs": [{"name": "summary"}, {"name": "summary"}]},
            raises="ambiguous_path",
        ),
        StageExample(
            "No file system takes a name of 300 letters.",
            experiment={"outputs": [{"name": 300 * "a"}]},
            raises="not_written",
        ),
    )

    class Options(StageOptions):
        """How the report is made; what is written where is said by the experiment's ``outputs``."""

        title: Annotated[
            str | None, Field(min_length=1, description="Title; the experiment's description when not given.")
        ] = None
        max_rows: Annotated[int, Field(ge=0, le=1000, description="Rows of outputs shown in documents for people.")] = (
            20
        )

    def run(self, context: Context, options: Any) -> Context:
        """Render every document, then write every document.

        Raises:
            StageError: See ``errors``.
        """
        from crucible_core.stages.report.build import build_report
        from crucible_core.stages.report.destinations import destinations_of
        from crucible_core.stages.report.formats import render
        from crucible_core.stages.report.secretless import without_secrets
        from crucible_core.stages.report.writing import write_document

        destinations = destinations_of(context)
        runtime, shown = context.runtime, without_secrets(context)
        title = runtime.hide_secrets(options.title) if options.title else None
        model = build_report(shown, runtime.record(), title=title, max_rows=options.max_rows)
        documents = [(each, render(each.format, model, runtime.hide_secrets)) for each in destinations]
        for destination, content in documents:
            write_document(destination, content)
        written = [{"name": each.name, "format": each.format, "path": each.recorded} for each in destinations]
        return context.put_artifact(context.runtime.stage_id, written)
