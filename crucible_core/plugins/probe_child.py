"""What runs in the child process of a probe: try one entry after the other and write down what came of it."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crucible_core.plugins.loading import explain, load_object, load_stage
from crucible_core.plugins.problems import LoadProblem, LoadProblemError, ProblemKind
from crucible_core.plugins.record import PluginRecord, StageRef

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["try_entries"]

_OUTPUT = 1


def try_entries(job: Mapping[str, Any]) -> None:
    """Try every entry of a job and end the process.

    Args:
        job: ``entries``, a list of [kind, name, value], and ``results``, the file that gets a line of JSON
            for each; an entry without a line is the one that ended the process.
    """
    output = os.dup(_OUTPUT)  # a plugin may close the standard streams
    for kind, name, value in job["entries"]:
        said = _try_entry(kind, name, value)
        for stream in (sys.stdout, sys.stderr):
            _flush(stream)
        line = json.dumps({**said, "printed": os.fstat(output).st_size})
        with Path(job["results"]).open("a", encoding="utf-8") as results:
            results.write(line + "\n")
    os._exit(0)  # threads that a plugin left running must not keep the child alive


def _flush(stream: Any) -> None:
    with contextlib.suppress(Exception):  # a plugin replaced or closed the stream: what it printed is its own affair
        stream.flush()


def _try_entry(kind: str, name: str, value: str) -> dict[str, Any]:
    problem: dict[str, Any] | None = None
    weak: tuple[str, ...] = ()
    try:
        weak = {"stage": _try_stage, "hooks": _try_hooks, "command": _try_command}[kind](name, value)
    except LoadProblemError as error:
        problem = error.problem._asdict()
    except BaseException as error:  # noqa: BLE001 - KeyboardInterrupt too: nobody is at this process's keyboard
        problem = explain(error)._asdict()
    return {"problem": problem, "weak_traits": list(weak)}


def _try_stage(name: str, value: str) -> tuple[str, ...]:
    """Load, make and describe a stage; return its weak traits with their reasons."""
    kind = load_stage(StageRef(name, value))
    try:
        described = kind().describe(None)
    except BaseException as error:
        found = explain(error)
        reason = f"making and describing it: {found.reason}"
        raise LoadProblemError(LoadProblem(found.kind, reason, found.missing)) from error
    from crucible_core.contract.description_reading import description_from

    try:
        description = description_from(described)
    except Exception as error:
        raise LoadProblemError(LoadProblem(ProblemKind.BAD_DESCRIPTION, f"describe(): {error}")) from error
    if description.name != name:
        reason = f"it describes itself as {description.name!r}, but its entry point is {name!r}"
        raise LoadProblemError(LoadProblem(ProblemKind.WRONG_NAME, reason))
    traits = description.traits
    return tuple(f"{trait}: {traits.reasons.get(trait, 'no reason given')}" for trait in traits.weak)


def _try_hooks(name: str, value: str) -> tuple[str, ...]:
    """Load and register a hook module and ask for the stages it computes."""
    from crucible_core.plugins.hooks import Hooks

    hooks = Hooks([PluginRecord(name, name, hook_name=name, hook_module=value)])
    hooks.registered_stages()
    for problem in hooks.problems.values():
        raise LoadProblemError(problem)
    return ()


def _try_command(_name: str, value: str) -> tuple[str, ...]:
    import click

    found = load_object(value)
    if not isinstance(found, click.Command):
        reason = f"{value} is {type(found).__name__}, not a click command"
        raise LoadProblemError(LoadProblem(ProblemKind.NOT_A_COMMAND, reason))
    return ()
