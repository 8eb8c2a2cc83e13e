"""The first import of a stage's module in a process, looked at from several sides.

What libraries do when they are imported is theirs: the module is imported in a copy of the process first, which tells
which libraries it loads; then these are loaded, and only then it is watched what the module itself does.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import re
import sys
import time
import warnings
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crucible_core.contract.errors import named
from crucible_core.plugins.problems import LoadProblemError
from crucible_core.testing import holdings, recorded_calls, siblings, surroundings, trees
from crucible_core.testing.copied_process import in_copy
from crucible_core.testing.importing_the_core import import_the_core
from crucible_core.testing.own_modules import own_packages
from crucible_core.testing.registries import AT_EXIT
from crucible_core.testing.stripped import imported_stripped

if TYPE_CHECKING:
    from crucible_core.testing.serving import Respondent


_ALONE, _AGAIN = 1 / 2, 1 / 8
"""Parts of its time that importing may take at first, and each time when the libraries are there: where one of these
hangs, the others still say what they saw."""
_STANDARD_OUTPUT = 1
_KEPT = 500


def first_import(respondent: Respondent) -> dict[str, Any]:
    """Import the stage's module, and return what that did.

    Returns:
        ``error``: what it raises, or None; ``loaded``: whether it was there already; with these there is nothing else.
        ``modules``: what is loaded besides what was. ``cpu_s``: processor time. ``changes``, ``leaks``, ``written``,
        ``network``, ``processes``, ``printed``: what the plugin's own modules do besides being defined. ``stripped``:
        what loading and describing raise without docstrings and assertions, where its own deprecated calls are errors.
        ``beside``: what they raise beside a plugin that is broken.
    """
    import_the_core()
    if respondent.target.module in sys.modules:
        return {"error": None, "loaded": True}
    alone = in_copy(lambda: _alone(respondent), _ALONE * respondent.timeout)
    if alone["error"] is not None:
        return {"error": alone["error"]}
    own = alone.pop("own")
    _load(alone.pop("libraries"))
    again = _AGAIN * respondent.timeout
    stripped = in_copy(lambda: _stripped(respondent, own), again)
    beside = in_copy(lambda: _beside(respondent), again)
    set_again = in_copy(lambda: _set_again(respondent), again) if respondent.inherited else {}
    seen = _watched(respondent, own)
    if set_again.get("variables"):
        seen["changes"].setdefault("environment", f"{', '.join(set_again['variables'])} set")
    return {"loaded": False, **alone, **seen, "stripped": stripped["error"], "beside": beside["error"]}


def _alone(respondent: Respondent) -> dict[str, Any]:
    """Import the module where nothing of it is loaded."""
    _retire(respondent.home / "alone")
    before = set(sys.modules)
    began = time.process_time()
    error = _raised(respondent, describe=False)
    cpu = time.process_time() - began
    loaded = [name for name in sys.modules if name not in before]
    own = own_packages(respondent.target, loaded)
    libraries = [name for name in loaded if name.partition(".")[0] not in own]
    return {"error": error, "cpu_s": cpu, "modules": sorted(loaded), "libraries": libraries, "own": sorted(own)}


def _retire(directory: Path) -> None:
    """Work in another directory, so that what is left there is not in the way of another import."""
    directory.mkdir()
    os.chdir(directory)
    os.environ["TMPDIR"] = str(directory)


def _raised(respondent: Respondent, *, describe: bool = True) -> str | None:
    """Load the stage, and describe it; return what that raises."""
    try:
        respondent.case.kind  # noqa: B018 - importing it is what is looked at
        if describe:
            respondent.case.description  # noqa: B018 - likewise
    except LoadProblemError as error:
        return error.problem.reason
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a module raises
        return named(error)
    return None


def _load(libraries: list[str]) -> None:
    """Import these, as far as they can be imported one by one."""
    for name in libraries:
        with contextlib.suppress(Exception, SystemExit):
            importlib.import_module(name)


def _stripped(respondent: Respondent, own: Collection[str]) -> dict[str, Any]:
    _retire(respondent.home / "stripped")
    names = "|".join(map(re.escape, own))
    warnings.filterwarnings("error", category=DeprecationWarning, module=rf"({names})(\.|\Z)")
    with imported_stripped(own):
        return {"error": _raised(respondent)}


def _beside(respondent: Respondent) -> dict[str, Any]:
    _retire(respondent.home / "beside")
    before, after = (siblings.broken_site(respondent.home / "beside" / each) for each in ("first", "last"))
    sys.path[:] = [before, *sys.path, after]
    importlib.invalidate_caches()
    return {"error": _raised(respondent)}


def _set_again(respondent: Respondent) -> dict[str, Any]:
    """Import the module without variables that it may have set elsewhere; return those of them that are there again."""
    _retire(respondent.home / "again")
    for name in respondent.inherited:
        os.environ.pop(name, None)
    if _raised(respondent, describe=False) is not None:
        return {"variables": []}  # it needs them, so that they are not of its making
    return {"variables": sorted(name for name in respondent.inherited if name in os.environ)}


def _watched(respondent: Respondent, own: Collection[str]) -> dict[str, Any]:
    """Import the module where the libraries it loads are loaded, and watch it."""
    tmp, work = respondent.home / "tmp", [respondent.home / "work"]
    with _new_home(respondent.home / "user"):
        state, held, files = surroundings.state(own), holdings.held(tmp), trees.own_tree(work)
        with _printed(respondent.home / "printed") as printed, recorded_calls.recording(imports=True) as calls:
            _raised(respondent, describe=False)
        after = surroundings.state(own)
    changes = surroundings.differences(state, after, own)
    changes.pop(AT_EXIT, None)  # that a module tidies up after itself is no fault
    changed = trees.changed(files, trees.own_tree(work))
    return {
        "changes": changes,
        "leaks": holdings.leaks(held, tmp),
        "written": sorted({*(path for path, _ in calls.written if _counts(path, tmp)), *changed}),
        "network": sorted({f"{what} {where}" for where, what in calls.network}),
        "processes": calls.processes,
        "printed": "".join(printed),
    }


def _counts(path: str, tmp: Path) -> bool:
    """Tell whether writing to a path counts: not to a device, nor to a temporary file, which is a leak if it stays."""
    device = path.startswith("/dev/") and not path.startswith("/dev/shm/")  # noqa: S108 - looked at, not written
    return not device and "__pycache__" not in path and not Path(path).is_relative_to(tmp)


@contextlib.contextmanager
def _new_home(directory: Path) -> Iterator[None]:
    """Be a user who never ran this before, so that files made once only are made again."""
    directory.mkdir()
    before = os.environ.get("HOME")
    os.environ["HOME"] = str(directory)
    try:
        yield
    finally:
        if before is None:
            os.environ.pop("HOME", None)
        else:
            os.environ["HOME"] = before


@contextlib.contextmanager
def _printed(file: Path) -> Iterator[list[str]]:
    """Collect the beginning of what is written to standard output meanwhile, through ``sys.stdout`` or past it."""
    printed: list[str] = []
    stdout, output = sys.stdout, os.dup(_STANDARD_OUTPUT)
    stdout.flush()
    with file.open("wb") as stream:
        os.dup2(stream.fileno(), _STANDARD_OUTPUT)
    try:
        yield printed
    finally:
        with contextlib.suppress(Exception):  # the module closed it
            stdout.flush()
        os.dup2(output, _STANDARD_OUTPUT)
        os.close(output)
        printed.append(file.read_bytes()[:_KEPT].decode(errors="replace"))
