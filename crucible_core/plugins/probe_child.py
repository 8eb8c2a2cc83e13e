"""What runs in the child process of a probe: try one entry after the other and write down what came of it."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crucible_core.plugins.codec_loading import load_codec
from crucible_core.plugins.loading import explain, load_object, load_stage, place_of
from crucible_core.plugins.problems import LoadProblem, LoadProblemError, ProblemKind
from crucible_core.plugins.record import PluginRecord, StageRef

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crucible_core.contract.description import StageDescription
    from crucible_core.plugins.hooks import Hooks

__all__ = ["try_entries"]

_OUTPUT = 1
_PR_SET_PDEATHSIG = 1


def try_entries(job: Mapping[str, Any]) -> None:
    """Try every entry of a job and end the process.

    Args:
        job: ``entries``, a list of [kind, name, value]; ``check`` and ``follow``, as for `probe`; and ``results``, the
            file that gets a line of JSON for each entry and then for each that was brought to light; one without a
            line is the one that ended the process; ``parent``, the process id of whoever asks.
    """
    _end_with(job["parent"])
    output = os.dup(_OUTPUT)  # a plugin may close the standard streams
    entries = list(job["entries"])
    for entry in entries:  # grows meanwhile
        said = _tried(entry, job)
        entries += [offer for offer in said["offers"] if offer not in entries]
        for stream in (sys.stdout, sys.stderr):
            _flush(stream)
        line = json.dumps({**said, "printed": os.fstat(output).st_size})
        with Path(job["results"]).open("a", encoding="utf-8") as results:
            results.write(line + "\n")
    os._exit(0)  # threads that a plugin left running must not keep the child alive


def _end_with(parent: int) -> None:
    """Be killed when the parent is (Linux): a plugin that hangs would stay for ever."""
    import ctypes
    import signal

    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it is gone already
        os._exit(1)


def _flush(stream: Any) -> None:
    with contextlib.suppress(Exception):  # a plugin replaced or closed the stream: what it printed is its own affair
        stream.flush()


def _tried(entry: list[str], job: Mapping[str, Any]) -> dict[str, Any]:
    kind, name, value = entry
    said: dict[str, Any] = {"problem": None, "warning": "", "facts": None, "offers": []}
    try:
        if kind in ("stage", "computed"):
            ref = StageRef(name, value) if kind == "stage" else _computed(name, value)
            said["facts"] = _try_stage(ref, job["check"])
        elif kind == "hooks":
            said["offers"] = [offer for offer in _offers(name, value) if offer[0] in job["follow"]]
        elif kind == "observer":
            said["warning"] = _try_observer(name, value)
        elif kind == "codec":
            load_codec(name, value)
        else:
            _try_command(value)
    except LoadProblemError as error:
        said["problem"] = error.problem._asdict()
    except BaseException as error:  # noqa: BLE001 - KeyboardInterrupt too: nobody is at this process's keyboard
        said["problem"] = explain(error)._asdict()
    return said


def _try_stage(ref: StageRef, check: str) -> dict[str, Any]:
    """Load, make and describe a stage; return its facts."""
    kind = load_stage(ref)
    try:
        described = kind().describe(None)
    except BaseException as error:
        found = explain(error)
        raise LoadProblemError(found._replace(reason=f"making and describing it: {found.reason}")) from error
    from crucible_core.contract.description_reading import description_from

    try:
        description = description_from(described)
    except Exception as error:
        raise _unfit(ProblemKind.BAD_DESCRIPTION, f"describe(): {error}", kind) from error
    if description.name != ref.name:
        reason = f"entry point {ref.name!r} names a stage that calls itself {description.name!r}"
        raise _unfit(ProblemKind.WRONG_NAME, reason, kind)
    wrong = load_object(check)(ref, kind) if check else None
    if wrong:
        raise _unfit(ProblemKind.BAD_DESCRIPTION, wrong, kind)
    return _facts(description)


def _unfit(problem: ProblemKind, reason: str, kind: type) -> LoadProblemError:
    return LoadProblemError(LoadProblem(problem, reason, place=place_of(kind)))


def _facts(description: StageDescription) -> dict[str, Any]:
    traits = description.traits
    weak = [(trait, traits.reasons.get(trait, "no reason given")) for trait in traits.weak]
    return {"version": description.version, "description": description.description, "weak": weak}


def _hooks(name: str, value: str) -> Hooks:
    """Load and register a hook module."""
    from crucible_core.plugins.hooks import Hooks

    hooks = Hooks([PluginRecord(name, name, hook_name=name, hook_module=value)])
    _raise_problem(hooks)
    return hooks


def _raise_problem(hooks: Hooks) -> None:
    for problem in hooks.problems.values():
        raise LoadProblemError(problem)


def _stages_of(hooks: Hooks, name: str) -> list[StageRef]:
    """Return the stages that the hook module computes."""
    refs = hooks.registered_stages()
    _raise_problem(hooks)
    return [ref for ref in refs if ref.distribution == name]


def _offers(name: str, value: str) -> list[list[str]]:
    """Return what a hook module brings to light, as entries."""
    hooks = _hooks(name, value)
    found = [
        ["stage", ref.name, ref.value] if ref.value else ["computed", ref.name, value]
        for ref in _stages_of(hooks, name)
    ]
    codecs = [["codec", ref.name, ref.target] for ref in hooks.registered_codecs() if ref.distribution == name]
    _raise_problem(hooks)
    return [*found, *(["observer", name, value] for _ in hooks.observers()), *codecs]


def _computed(name: str, value: str) -> StageRef:
    """Return a stage that a hook module makes."""
    owner = f"the hook module {value}"
    return next(ref for ref in _stages_of(_hooks(owner, value), owner) if ref.name == name)


def _try_observer(name: str, value: str) -> str:
    """Show a sample event to the observer of a hook module; say what it raises, which a run survives."""
    from crucible_core.plugins.sample_event import sample_event

    for _, observe in _hooks(name, value).observers():
        try:
            observe(sample_event())
        except BaseException as error:  # noqa: BLE001 - whatever it raises, a run reports it and goes on
            return f"{explain(error).reason}; a run reports that once and goes on without it"
    return ""


def _try_command(value: str) -> None:
    import click

    found = load_object(value)
    if not isinstance(found, click.Command):
        reason = f"{value} is {type(found).__name__}, not a click command"
        raise LoadProblemError(LoadProblem(ProblemKind.NOT_A_COMMAND, reason))
