"""Where the documents of a report go, settled before any of them is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crucible_core.contract.errors import StageError
from crucible_core.stages.report.formats import suffix_of

if TYPE_CHECKING:
    from crucible_core.contract.context import Context
    from crucible_core.ir import OutputSpec

SINKS = ("file", "stdout")
DEFAULT_FORMATS = ("html", "markdown")


@dataclass(frozen=True)
class Destination:
    """One document.

    Args:
        name: Name of its output.
        format: Its format.
        path: The file it becomes; None for standard output.
        recorded: The path as the run keeps it: relative to the run directory inside it, absolute elsewhere.
    """

    name: str
    format: str
    path: Path | None
    recorded: str | None = None


def destinations_of(context: Context) -> tuple[Destination, ...]:
    """Return where every document of an experiment goes; `report` in html and Markdown where it asks for none.

    Raises:
        StageError: A sink is not there, an output's options make no sense, or two documents would be one file.
    """
    experiment = context.experiment
    specs = (experiment.outputs if experiment else None) or ()
    refuse_missing_sinks(specs)
    if not specs:
        named: list[Destination] = [_in_run(context, "report", each) for each in DEFAULT_FORMATS]
    else:
        named = [each for spec in specs for each in _of_output(context, spec)]
    _refuse_collisions(named)
    return tuple(named)


def refuse_missing_sinks(specs: Iterable[OutputSpec]) -> None:
    """Refuse outputs to sinks that this stage cannot reach.

    Raises:
        StageError: There is such a one.
    """
    missing = [spec for spec in specs if spec.sink not in SINKS]
    if missing:
        asked = ", ".join(f"output {spec.name!r} asks for sink {spec.sink.value!r}" for spec in missing)
        raise StageError(
            "sink_unavailable",
            f"{asked}; the sinks there are: {', '.join(SINKS)}. Write a file and take it from there.",
            sinks=list(SINKS),
            outputs=[spec.name for spec in missing],
        )


def _of_output(context: Context, spec: OutputSpec) -> list[Destination]:
    options = dict(spec.options or {})
    allowed = ("path",) if spec.sink == "file" else ()
    unknown = [key for key in options if key not in allowed]
    if unknown:
        known = f"a {spec.sink.value} sink takes {', '.join(allowed) or 'no options'}"
        raise StageError("invalid_output", f"output {spec.name!r}: unknown option {unknown[0]!r}; {known}")
    formats = tuple(dict.fromkeys(each.value for each in spec.formats))
    if spec.sink == "stdout":
        return [Destination(spec.name, each, None) for each in formats]
    if "path" not in options:
        return [_in_run(context, spec.name, each) for each in formats]
    pattern = _checked_path(spec.name, options["path"], formats)
    paths = [_path(context, spec.name, pattern, each) for each in formats]
    return [Destination(spec.name, each, path, str(path.absolute())) for each, path in zip(formats, paths, strict=True)]


def _in_run(context: Context, name: str, format_name: str) -> Destination:
    file_name = f"{name}.{suffix_of(format_name)}"
    try:
        path = context.runtime.artifact_path(file_name)
    except ValueError as error:
        raise StageError(
            "invalid_output",
            f"output {name!r} has no place of its own ({error}); give it a plain name inside a recorded run, "
            "or say where it goes with options.path",
        ) from None
    except OSError as error:
        raise not_written(Destination(name, format_name, None), error) from error
    return Destination(name, format_name, path, f"artifacts/{context.runtime.stage_id}/{file_name}")


def _checked_path(name: str, path: Any, formats: Sequence[str]) -> str:
    if not isinstance(path, str) or not path.strip() or "\0" in path:
        raise StageError("invalid_output", f"output {name!r}: path is {path!r}; give the path of a file")
    if len(formats) > 1 and "{format}" not in path and not path.endswith("/"):
        raise StageError(
            "ambiguous_path",
            f"output {name!r} has {len(formats)} formats ({', '.join(formats)}) and one path, {path!r}; write "
            f"'{{format}}' where the ending goes, such as 'results/{name}.{{format}}', or a directory that ends in '/'",
        )
    return path


def _path(context: Context, name: str, pattern: str, format_name: str) -> Path:
    suffix = suffix_of(format_name)
    values = {"{format}": suffix, "{name}": name, "{experiment_id}": context.experiment_id, "{run_id}": context.run_id}
    filled = _filled(f"{pattern}{name}.{suffix}" if pattern.endswith("/") else pattern, values)
    try:
        return Path(filled).expanduser()
    except RuntimeError as error:
        raise StageError("invalid_output", f"output {name!r}: path {pattern!r}: {error}") from None


def _filled(pattern: str, values: Mapping[str, str]) -> str:
    for placeholder, value in values.items():
        pattern = pattern.replace(placeholder, value)
    return pattern


def _refuse_collisions(destinations: Iterable[Destination]) -> None:
    seen: dict[Path, Destination] = {}
    for each in destinations:
        if each.path is None:
            continue
        place = each.path.absolute()
        if place in seen:
            first = seen[place]
            raise StageError(
                "ambiguous_path",
                f"output {first.name!r} as {first.format} and output {each.name!r} as {each.format} would both be "
                f"{each.path}; give the outputs different names or paths",
            )
        seen[place] = each


def not_written(destination: Destination, error: OSError) -> StageError:
    """Return the error for a document that could not be written."""
    where = destination.path or error.filename or "standard output"
    return StageError(
        "not_written",
        f"output {destination.name!r} ({destination.format}) was not written to {where}: {error.strerror or error}; "
        "make room or give it another path in the experiment's outputs",
        path=str(where),
    )
