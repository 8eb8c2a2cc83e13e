"""Group B: what importing a stage's module does besides defining it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from crucible_core.testing.check import Finding, Level, NotApplicableError, check
from crucible_core.testing.heavy import heavy_among

if TYPE_CHECKING:
    from crucible_core.testing.case import Case
    from crucible_core.testing.workers import Workers

BUDGET_S = 0.3


def _gathered(workers: Workers) -> dict[str, Any]:
    return {"importing": workers.facts("other", "importing")}


def _seen(facts: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what importing the module did.

    Raises:
        NotApplicableError: There is nothing to be seen.
    """
    importing = facts["importing"]
    if "not_applicable" in importing:
        raise NotApplicableError(importing["not_applicable"])
    if "failed" in importing or importing["facts"]["error"] is not None:
        raise NotApplicableError("it does not import in another process, as CRU-B03 says")
    if importing["facts"]["loaded"]:
        raise NotApplicableError("the module is loaded before anybody asks for it")
    seen: Mapping[str, Any] = importing["facts"]
    return seen


@check("B01", "importing the stage loads no heavy library", after=["A01"], gather=_gathered)
def imports_nothing_heavy(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """The stage's module does not load PyTorch, SciPy, pandas, matplotlib and the like, itself or through others.

    It is imported in a process of its own; what is loaded there before does not count. A plugin may extend and shorten
    the list in ``[tool.crucible.conformance]``: ``heavy = ["mylib"]``, ``light = {scipy = "the reason"}``.

    Why: ``crucible stages``, ``validate`` and every run that uses another stage of the plugin pay for it, in seconds;
    and where the library is missing or broken, the stage cannot even say what it needs.

    Fix: import the library in the function that uses it, and under ``if TYPE_CHECKING:`` for annotations. To see who
    loads it: ``python -X importtime -c 'import the_module'``.
    """
    own = case.target.module.partition(".")[0]
    found = [name for name in heavy_among(_seen(facts)["modules"], facts["configuration"]) if name != own]
    if found:
        yield Finding(f"importing {case.target.module} to load no heavy library", f"it loads {', '.join(found)}")


@check("B02", "importing the stage takes little time", level=Level.ADVISORY, after=["A01"], gather=_gathered)
def imports_fast(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """Importing the stage's module takes no more than 300 ms of processor time beyond what the core itself takes.

    Why: every command that looks at the stage waits for it. It is advisory since machines differ.

    Fix: ``python -X importtime -c 'import the_module'`` shows what takes how long; import what is dear in the function
    that uses it.
    """
    seconds = _seen(facts)["cpu_s"]
    if seconds > BUDGET_S:
        expected = f"importing {case.target.module} to take at most {BUDGET_S * 1000:.0f} ms of processor time"
        yield Finding(expected, f"{seconds * 1000:.0f} ms")


@check("B03", "importing the stage changes nothing besides", after=["A01"], gather=_gathered)
def import_has_no_effects(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """Importing leaves the process and the machine as they were, prints nothing, and works in any process.

    Looked at are environment, working directory, ``sys.path``, loggers, warnings filters, signal handlers and timers,
    functions, classes and methods of libraries, random states, threads, open files, files written, network, processes
    started and standard output. What libraries do when they are loaded does not count, nor does a ``NullHandler`` of a
    logger of one's own.

    Why: the module is imported to list and to plan; whoever does that has not asked for anything to happen, and what
    one plugin changes, all others get.

    Fix: move into ``run`` what has to be done for a run, and leave to the user what is the user's: where logs go, which
    warnings are shown.
    """
    importing = facts["importing"]
    wrong = importing.get("failed") or importing.get("facts", {}).get("error")
    if wrong:
        yield Finding(f"{case.target.module} to import in a new process as in another", wrong)
        return
    seen = _seen(facts)
    for aspect, how in sorted(seen["changes"].items()):
        yield Finding(f"the same {aspect} after the import as before", how)
    for what in seen["leaks"]:
        yield Finding("nothing left open or running by the import", what)
    for what, found in (("file written", seen["written"]), ("network", seen["network"])):
        yield from (Finding(f"no {what} during the import", each) for each in found)
    yield from (Finding("no process started by the import", each) for each in seen["processes"])
    if seen["printed"]:
        yield Finding("nothing on standard output during the import", repr(seen["printed"]))


@check(
    "B04",
    "the stage loads and describes itself without docstrings and assertions, and without deprecated calls",
    level=Level.RECOMMENDED,
    after=["C01"],
    gather=_gathered,
)
def imports_strictly(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """It works under ``python -OO``, and where a deprecation warning that its own code causes is an error.

    Only the plugin's own modules are stripped, and only warnings that point into them count.

    Why: optimised interpreters exist, and ``__doc__`` is None there; an ``assert`` that does work is skipped. What is
    deprecated today breaks with an update that nobody connects with the plugin.

    Fix: do not compute with ``__doc__``; keep effects out of ``assert``; use what the warning says instead.
    """
    wrong = _seen(facts)["stripped"]
    if wrong is not None:
        yield Finding(f"{case.target.module} to load and describe under -OO -W error::DeprecationWarning", wrong)
