"""Group F: what a stage leaves of the process and the machine it runs on."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from crucible_core.testing.aspects import LOGGING, PROCESS, WARNINGS
from crucible_core.testing.aspects_of_libraries import LIBRARIES
from crucible_core.testing.blamed import blamed
from crucible_core.testing.check import Finding, Level, NotApplicableError, check
from crucible_core.testing.holdings import SETTLE_S
from crucible_core.testing.loggers import LOGGERS
from crucible_core.testing.networking import undeclared_talk
from crucible_core.testing.printed import captured_descriptor
from crucible_core.testing.registries import REGISTRIES
from crucible_core.testing.side_effects import asks_to_print, traits_with
from crucible_core.testing.surroundings import CODE, MODULES
from crucible_core.testing.writing import changed_on_disk, written_elsewhere

if TYPE_CHECKING:
    from crucible_core.contract.example import StageExample
    from crucible_core.testing.case import Case
    from crucible_core.testing.trial import Trial

_PRINTS = "nothing on standard output"


def changes(case: Case, aspects: Collection[str]) -> Iterator[Finding]:
    """Yield each of these aspects that a run changed.

    The second run shows what a stage does each time; the first also what it does only once, apart from what the
    libraries that it imports may have done.
    """
    said: set[str] = set()
    for trial, first in (*((each, False) for each in case.seconds()), *((each, True) for each in case.firsts())):
        for aspect, how in blamed(trial.changes, first=first, imported=bool(trial.imported)).items():
            if aspect in aspects and aspect not in said:
                said.add(aspect)
                yield Finding(f"{aspect} after a run as before it", f"{_example(trial)} changes it: {how}")


def _example(trial: Trial) -> str:
    return f"the example {trial.example.summary!r}"


@check("F01", "a run leaves the process as it found it", after=["E01"])
def leaves_the_process_alone(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """After a run, these are as before.

    Environment (that of ``os.environ``, and the one that child processes get), working directory, ``sys.path``,
    ``sys.argv``, loaded modules, builtins, functions, classes and methods of the standard library, of the core and of
    installed libraries, standard streams, exception hooks, trace functions, recursion limit, umask, locale, decimal
    context, signal handlers and timers, finders of modules, error handlers of codecs, where temporary files go, what is
    called at exit. No signal goes to a process that the stage did not start. Changing and restoring them is fine; what
    a library does when it is imported for the first time, and what it keeps for itself, is not held against the stage.

    Why: the stages of a run share one process. What one of them changes for itself changes the results of those after
    it, and of everything else in the program that runs the experiment.

    Fix: pass values to what needs them instead (``env=`` and ``cwd=`` of ``subprocess.run``, an absolute path,
    ``decimal.localcontext()``), or restore in a ``finally`` block.
    """
    del facts
    yield from changes(case, {*PROCESS, *REGISTRIES, MODULES, CODE})
    for trial in case.firsts():
        for pid, how in trial.calls.signals[:1]:
            yield Finding("no signal to a process that is not its own", f"{_example(trial)} sends {pid} one ({how})")


@check("F02", "a run prints nothing to standard output and configures no logging but its own", after=["E01"])
def prints_nothing(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """Nothing is written to standard output; the root logger, those of others, and ``logging`` itself are as before.

    What goes to ``sys.stdout`` counts, what goes to file descriptor 1 past it, and what a child process prints there. A
    stage may log to a logger of its own, set it up once, and write progress to standard error. An example whose
    experiment asks for an output on standard output may print.

    Why: standard output belongs to the program: ``crucible run --json`` is read by other programs. Logging belongs to
    the application; ``logging.basicConfig()``, and ``logging.info()`` and its like, which call it, put a handler on the
    root logger.

    Fix: ``context.runtime.log(...)`` or ``logging.getLogger(__name__)`` instead of ``print``; no ``basicConfig``. Give
    a child process ``stdout=subprocess.DEVNULL`` or ``capture_output=True``.
    """
    del facts
    yield from changes(case, {*LOGGING, LOGGERS})
    quiet = [example for example in case.examples if not asks_to_print(example)]
    for example in quiet:
        for trial in (case.second(example), case.first(example)):
            start, count = trial.printed
            if count:
                yield Finding(_PRINTS, f"{_example(trial)} prints {count} bytes: {start!r}")
                return
    for example in quiet:
        with captured_descriptor() as printed:
            case.run(example)
        if printed.count:
            seen = (
                f"the example {example.summary!r} writes {printed.count} bytes to file descriptor 1: {printed.start!r}"
            )
            yield Finding(_PRINTS, seen)
            return


@check("F03", "a run leaves the configuration of warnings as it found it", after=["E01"])
def leaves_warnings_alone(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """After a run, ``warnings.filters`` and how warnings are shown are as before.

    Why: a filter that one stage sets hides, or turns into errors, the warnings of everything that runs after it.

    Fix: ``with warnings.catch_warnings(): ...`` around what warns.
    """
    del facts
    yield from changes(case, WARNINGS)


@check("F04", "a run leaves no thread, child process, open file or temporary file", after=["E01"])
def leaves_nothing_behind(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """Threads are joined, child processes ended, files and sockets closed and temporary files removed.

    A second run is looked at, and two more to be sure, each with half a second for what is about to end: a cache or a
    connection that is made once and then reused does not count. A thread that the stage's own code started counts also
    where it is started once, as that of a pool that is kept; those that libraries keep for themselves do not.

    Why: an experiment runs many stages, a sweep many experiments. What each leaves adds up until the process has no
    file descriptors, memory or disk left, and a thread that goes on changes things under the next stage.

    Fix: ``with`` blocks: for files, ``tempfile.TemporaryDirectory()``, ``ThreadPoolExecutor()``, ``subprocess.Popen``.
    Join threads before returning, also when the stage fails.
    """
    del facts
    for example in case.examples:
        found = case.second(example).leaks
        for _ in range(2):
            found = case.run(example, settled=True).leaks if found else []
        found = found or _own_threads(case, example)
        if found:
            yield Finding("nothing left of a run", f"the example {example.summary!r}: {'; '.join(found)}")
            return


def _own_threads(case: Case, example: StageExample) -> list[str]:
    """Return the threads that the stage itself started in the first run and that are still alive, long after it."""
    known = [thread() for thread, starter in case.first(example).calls.threads if starter in case.packages]
    started = [thread for thread in known if thread is not None]
    deadline = time.monotonic() + SETTLE_S
    for thread in started:
        thread.join(max(0.0, deadline - time.monotonic()))
    return [f"the thread {thread.name!r} still runs" for thread in started if thread.is_alive()]


@check("F05", "a run uses the network only for the hosts that its traits declare", after=["E01"])
def talks_to_declared_hosts(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """No address is looked up, connected to or listened at but those in ``traits.network``; ``*`` stands for any.

    This machine (``localhost``) counts as a host; sockets between processes (``AF_UNIX``, ``socketpair``) do not. A
    declared host that no example talks to is no failure.

    Why: an experiment that talks to the network fails where there is none, and is no longer the same when the other
    side has changed. Whoever runs it wants to know before.

    Fix: ``traits = Traits(network=("huggingface.co",), reasons={"network": "..."})``, or read the data from a file
    that an option names.
    """
    del facts
    for example in case.examples:
        declared = traits_with(case, example).network
        talk = [each for trial in _both(case, example) for each in undeclared_talk(trial.calls, declared)]
        if talk:
            hosts = ", ".join(declared) or "none"
            seen = f"the example {example.summary!r}: {'; '.join(dict.fromkeys(talk))}"
            yield Finding(f"only the declared hosts to be talked to ({hosts})", seen)


def _both(case: Case, example: StageExample) -> tuple[Trial, Trial]:
    return case.first(example), case.second(example)


@check("F06", "a run writes no files but its own artifacts and temporary ones", after=["E01"])
def writes_its_own_files(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """Files are written below ``runtime.artifact_path(...)`` or the temporary directory, and only removed there.

    Seen through Python's audit events, and, for writes by native code, as changes in the working directory, the run's
    directory, beside the stage's module, and directly in the home directory, ``/tmp``, ``/var/tmp`` and ``/dev/shm``.
    Caches that libraries keep for themselves are not held against the stage.

    Why: the run's directory is the record of a run. A file elsewhere is in no record, two runs at a time overwrite each
    other's, and a run must not change or remove what it did not make.

    Fix: ``context.runtime.artifact_path("name.csv")`` for what is to stay, ``tempfile.TemporaryDirectory()`` for what
    is not.
    """
    del facts
    for example in case.examples:
        found = [each for trial in _both(case, example) for each in written_elsewhere(case, trial)]
        found = found or changed_on_disk(case, example)
        if found:
            seen = f"the example {example.summary!r}: {'; '.join(dict.fromkeys(found))}"
            yield Finding("only the stage's artifacts and temporary files to be written", seen)


@check("F07", "a run starts processes only if its traits say so", after=["E01"])
def starts_declared_processes(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """No child process is started, by ``subprocess``, ``os.system``, ``fork``, a pool or native code.

    ``traits.subprocess`` says that it is done; a stage that declares it and starts none in its examples is no failure.

    Why: processes are not available everywhere (a notebook service, a worker of a pool), cost memory, and do what
    nobody can see in the record.

    Fix: ``traits = Traits(subprocess=True, reasons={"subprocess": "..."})``, or do the work in the process.
    """
    del facts
    silent = [example for example in case.examples if not traits_with(case, example).subprocess]
    if not silent:
        raise NotApplicableError("its traits say that it starts processes")
    for example in silent:
        first, second = _both(case, example)
        started = second.calls.processes + ([] if first.imported else first.calls.processes)
        if not started and (second.child_ran or (first.child_ran and not first.imported)):
            started = ["a child process ran, started past the usual functions"]
        if started:
            seen = f"the example {example.summary!r}: {'; '.join(dict.fromkeys(started))}"
            yield Finding("no process to be started", seen)


@check("F08", "a run leaves the settings of libraries as it found them", level=Level.RECOMMENDED, after=["E01"])
def leaves_libraries_alone(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """After a run, what is global in libraries is as before.

    NumPy's error state and print options, settings of torch, Matplotlib's settings and open figures, options of pandas
    and scikit-learn, the start method of multiprocessing, the default timeout of sockets, garbage collection, limits
    and priority of the process.

    Why: other stages of the run use the same libraries, and get other numbers, formats or failures.

    Fix: the context manager that the library has for it (``numpy.errstate``, ``torch.no_grad``,
    ``pandas.option_context``, ``matplotlib.rc_context``, ``sklearn.config_context``), or restore in ``finally``.
    """
    del facts
    yield from changes(case, LIBRARIES)
