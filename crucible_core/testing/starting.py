"""Start a child process for a stage: by a fork of a process that is ready, or of this one."""

from __future__ import annotations

import contextlib
import faulthandler
import os
import sys
import tempfile
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from crucible_core.testing import nursery
from crucible_core.testing.child import Child, ProcessEndedError, Told, Wait, close_descriptors

if TYPE_CHECKING:
    from crucible_core.testing.target import Target

_OUTPUT_FDS = (1, 2)


@dataclass(frozen=True)
class Surroundings:
    """What is special about a child.

    Args:
        hash_seed: Its ``PYTHONHASHSEED``.
        environ: Further environment variables.
        flags: Options of the interpreter.
        elsewhere: Whether home has another name there, though it holds the same, and there are more processors.
    """

    hash_seed: int = 0
    environ: tuple[tuple[str, str], ...] = ()
    flags: tuple[str, ...] = ()
    elsewhere: bool = False


def started(target: Target, surroundings: Surroundings) -> Child:
    """Start a child for a stage.

    Raises:
        ProcessEndedError: It cannot be started.
    """
    home = tempfile.mkdtemp(prefix="crucible-conformance-")
    job = {
        "name": target.name,
        "value": target.value,
        "distribution": target.distribution,
        "version": target.version,
        "file": target.file,
        "path": [os.path.abspath(each) for each in sys.path],  # noqa: PTH100 - "" is the working directory
        "home": home,
        "inherited": _variables_set_since_the_start() if target.module in sys.modules else [],
    }
    question_end, questions = os.pipe()
    answers, answer_end = os.pipe()
    output, output_end = os.pipe()
    ours, theirs = (questions, answers, output), (question_end, answer_end, output_end)
    try:
        return _born(job, surroundings, ours, theirs) if target.findable else _forked(job, target, ours, theirs)
    finally:
        for descriptor in theirs:
            os.close(descriptor)


def _variables_set_since_the_start() -> list[str]:
    """Return the environment variables that this process did not begin with: importing the stage may have set them."""
    try:
        lines = Path("/proc/self/environ").read_bytes().split(b"\0")
    except OSError:
        return []
    began_with = dict(line.partition(b"=")[::2] for line in lines)
    return [name for name, value in os.environ.items() if began_with.get(os.fsencode(name)) != os.fsencode(value)]


def _born(
    job: dict[str, Any], surroundings: Surroundings, ours: tuple[int, int, int], theirs: tuple[int, int, int]
) -> Child:
    """Fork a process that has the core imported, and nothing of the stage."""
    environ = {
        **_without_coverage(os.environ),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": str(surroundings.hash_seed),
        # pydantic looks for plugins of its own in every distribution and dies of the first corrupt entry_points.txt
        "PYDANTIC_DISABLE_PLUGINS": os.environ.get("PYDANTIC_DISABLE_PLUGINS", "__all__"),
        **dict(surroundings.environ),
    }
    there = _elsewhere(job, environ) if surroundings.elsewhere else environ
    ending, ending_end = os.pipe()
    try:
        for _ in range(2):  # something may have killed the first
            found = nursery.taken(surroundings.flags, environ)
            try:
                pid = found.born({**job, "environ": there, "elsewhere": surroundings.elsewhere}, (*theirs, ending_end))
            except nursery.NurseryGoneError:
                nursery.released(found, gone=True)
                continue
            return Child(pid, Told(ending), ours, job["home"], partial(nursery.released, found))
    finally:
        os.close(ending_end)
    raise ProcessEndedError("a new interpreter ends before it can be used")


def _elsewhere(job: Mapping[str, Any], environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment with a home of another name, in which there is what is in the user's."""
    home = Path(job["home"], "at-home")
    home.symlink_to(Path.home(), target_is_directory=True)
    return {**environ, "HOME": str(home)}


def _without_coverage(environ: Mapping[str, str]) -> dict[str, str]:
    """Leave out what makes coverage measure child processes: this one is killed in the end, and watched until then."""
    return {name: value for name, value in environ.items() if not name.startswith(("COVERAGE_PROCESS_", "COV_CORE_"))}


def _forked(job: dict[str, Any], target: Target, ours: tuple[int, int, int], theirs: tuple[int, int, int]) -> Child:
    """Fork this process, for a class that no other process could find."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # 3.12 warns of threads; the child uses none of theirs
        pid = os.fork()
    if pid == 0:
        for descriptor in ours:
            os.close(descriptor)
        _serve_forked(job, target, theirs)
    return Child(pid, _waiting_for(pid), ours, job["home"])


def _waiting_for(pid: int) -> Wait:
    status: list[int] = []

    def wait(block: bool) -> int | None:
        if not status:
            with contextlib.suppress(ChildProcessError):
                found, code = os.waitpid(pid, 0 if block else os.WNOHANG)
                if found:
                    status.append(os.waitstatus_to_exitcode(code))
        return status[0] if status else None

    return wait


def _serve_forked(job: dict[str, Any], target: Target, theirs: tuple[int, int, int]) -> NoReturn:
    from crucible_core.testing.serving import serve

    faulthandler.disable()  # pytest's would write of a stage's crash into the terminal
    try:
        os.setsid()
        close_descriptors()
        nursery.leave_nurseries()
        questions, answers, output = theirs
        for descriptor in _OUTPUT_FDS:
            os.dup2(output, descriptor)
        sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__  # pytest's capture is its own process's affair
        serve({**job, "pipes": [questions, answers]}, kind=target.kind, examples=target.examples)
    finally:
        os._exit(1)  # it does not return
