"""What runs in the child process: answer questions about one stage until there are no more."""

from __future__ import annotations

import contextlib
import json
import math
import os
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from crucible_core.contract.errors import named
from crucible_core.testing import audited_calls
from crucible_core.testing.check import BlockedError, NotApplicableError, all_checks
from crucible_core.testing.faults import is_of_the_kit
from crucible_core.testing.supervising import adopt_orphans, supervise
from crucible_core.testing.target import Target

if TYPE_CHECKING:
    from crucible_core.testing.case import Case


NOT_ITS_OWN = 79
"""Exit status of a process that cannot read or write because a stage closed or used its pipes."""

_CHUNK = 1 << 16


def serve(
    job: Mapping[str, Any], *, kind: type | None = None, examples: Any = None, ending: int | None = None
) -> NoReturn:
    """Answer one question after the other; ends the process when the pipe is closed.

    Args:
        job: Where the stage is, ``home`` (a directory of this process's own) and ``pipes``.
        kind: The class, where it is here already.
        examples: Examples to use instead of those of its description.
        ending: File descriptor by which is said how this ended.
    """
    questions, answers = job["pipes"]
    supervise(questions, answers, ending)
    for pipe in job["pipes"]:
        os.set_inheritable(pipe, False)  # what a stage starts has no business with them
    pid = os.getpid()
    _settle(Path(job["home"]))
    target = Target(
        job["name"], job["value"], job["distribution"], job["version"], job["file"], kind=kind, examples=examples
    )
    respond = Respondent(target, Path(job["home"]), job["inherited"])
    try:
        while line := _line(questions):
            question = json.loads(line)
            answer = respond(question)
            if os.getpid() != pid:  # the stage forked, and this is the other branch
                os._exit(0)
            for stream in (sys.stdout, sys.stderr):
                with contextlib.suppress(Exception):  # the stage replaced or closed it
                    stream.flush()
            _write(answers, {**answer, "token": question["token"]})
    except (OSError, ValueError):
        os._exit(NOT_ITS_OWN)
    os._exit(0)  # threads that a stage left running must not keep the process


def _settle(home: Path) -> None:
    """Work in directories of one's own, so that what is left there can be seen."""
    sys.dont_write_bytecode = True
    for name in ("work", "tmp", "runs"):
        (home / name).mkdir(exist_ok=True)
    os.chdir(home / "work")
    os.environ["TMPDIR"] = str(home / "tmp")
    tempfile.tempdir = None
    audited_calls.install(home / "notes-of-forks")
    adopt_orphans()


def _line(descriptor: int) -> bytes:
    """Read one line; empty at the end. One is written only when the last was answered."""
    os.set_blocking(descriptor, True)
    line = b""
    while not line.endswith(b"\n"):
        chunk = os.read(descriptor, _CHUNK)
        if not chunk:
            return b""
        line += chunk
    return line


def _write(descriptor: int, answer: Mapping[str, Any]) -> None:
    data = json.dumps(answer).encode() + b"\n"
    while data:
        data = data[os.write(descriptor, data) :]


class Respondent:
    """Answer ``hello``, ``check`` (by id, with gathered facts) and ``facts`` (by the name of a `Case` method).

    Args:
        target: Which stage it is about.
        home: The directory of this process.
        inherited: Environment variables that may be here because the stage was imported where this was started.

    Attributes:
        timeout: Seconds that the question at hand may take.
    """

    def __init__(self, target: Target, home: Path, inherited: Iterable[str] = ()) -> None:
        self._target = target
        self._home = home
        self.inherited = tuple(inherited)
        self.timeout = math.inf
        self._case: Case | None = None

    @property
    def case(self) -> Case:
        """The stage; made late, since importing it is a thing to be checked."""
        if self._case is None:
            from crucible_core.testing.case import Case

            self._case = Case(self._target, self._home)
        return self._case

    def __call__(self, question: Mapping[str, Any]) -> dict[str, Any]:
        """Return the answer to one question."""
        self.timeout = question["timeout"]
        match question["do"]:
            case "check":
                return self._checked(question["id"], question["facts"])
            case "facts":
                return self._facts(question["name"], question["arguments"])
            case _:
                return {}

    def _checked(self, check_id: str, facts: Mapping[str, Any]) -> dict[str, Any]:
        findings: list[list[str]] = []
        answer: dict[str, Any] = {}
        try:
            self.case.patience_s = self.timeout / 3
            for each in all_checks()[check_id].body(self.case, facts):
                findings.append([each.expected, each.seen])  # noqa: PERF401 - to have those from before it raises
        except NotApplicableError as error:
            answer = {"not_applicable": str(error)}
        except BlockedError as error:
            answer = {"blocked": error.by, "reason": str(error)}
        except RecursionError as error:
            findings.append(_broken(error, "recursion without an end"))
        except BaseException as error:  # noqa: BLE001 - whatever a stage's own objects raise when looked at is a finding
            if is_of_the_kit(error):
                return {"fault": _broken(error, named(error))[1]}
            findings.append(_broken(error, named(error)))
        return {"findings": findings} if findings or not answer else answer

    def _facts(self, name: str, arguments: Iterable[Any]) -> dict[str, Any]:
        from crucible_core.testing import facts

        try:
            return {"facts": getattr(facts, name)(self, *arguments)}
        except BaseException as error:  # noqa: BLE001 - likewise
            return {"failed": named(error)}

    @property
    def target(self) -> Target:
        """Which stage it is."""
        return self._target

    @property
    def home(self) -> Path:
        """The directory of this process."""
        return self._home


def _broken(error: BaseException, what: str) -> list[str]:
    """Say where looking at the stage raised something."""
    from traceback import format_exception

    frames = "".join(format_exception(type(error), error, error.__traceback__, limit=-6))
    return ["the check to go through", f"it raises {what}\n{frames}"]
