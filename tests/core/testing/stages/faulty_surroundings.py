"""Stages that fail a check of group F, each for one reason."""

from __future__ import annotations

import builtins
import ctypes
import decimal
import gc
import json
import locale
import logging
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
import warnings
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from sound import Sound

from crucible_core import Traits

_ONCE: list[bool] = []
_LEFT: list[object] = []


class Disturbing(Sound):
    """Do something besides, before the work."""

    def run(self, context, options):
        self.disturb(context)
        return super().run(context, options)

    def disturb(self, context):
        raise NotImplementedError


class ReplacesTheHook(Disturbing):
    """Decides what becomes of exceptions that nobody catches."""

    def disturb(self, context):
        sys.excepthook = _hook


def _hook(*_):
    return None


class SetsEnvironment(Disturbing):
    """A variable is set for a library and left."""

    def disturb(self, context):
        os.environ["SOUND_MODE"] = "fast"


class ChangesDirectoryOnce(Disturbing):
    """The working directory changes in the first run only."""

    def disturb(self, context):
        if not _ONCE:
            _ONCE.append(True)
            os.chdir("/")


class RemovesFromEnvironment(Disturbing):
    """A variable that others may need is gone."""

    def disturb(self, context):
        os.environ.pop("PATH", None)


class ChangesDirectoryWhenItFails(Sound):
    """The way back is not in a finally block."""

    def run(self, context, options):
        before = Path.cwd()
        os.chdir(context.runtime.artifact_path("x").parent)
        result = super().run(context, options)
        os.chdir(before)
        return result


class ExtendsPath(Disturbing):
    """A directory is put on the path for an import."""

    def disturb(self, context):
        sys.path.insert(0, "/nowhere/vendored")


class ReplacesOutput(Disturbing):
    """Standard output is sent to nowhere, and stays there."""

    def disturb(self, context):
        sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115


class RaisesRecursionLimit(Disturbing):
    """The limit is raised for a deep tree."""

    def disturb(self, context):
        sys.setrecursionlimit(sys.getrecursionlimit() + 1000)


class SetsPrecision(Disturbing):
    """The decimal context is that of the whole thread."""

    def disturb(self, context):
        decimal.getcontext().prec = 50


class HandlesSignals(Disturbing):
    """A handler for one's own clean-up is left behind."""

    def disturb(self, context):
        signal.signal(signal.SIGUSR1, lambda *_: None)


class SetsUmask(Disturbing):
    """Files are to be private."""

    def disturb(self, context):
        os.umask(0o077)


class SetsLocale(Disturbing):
    """Numbers are to be written the way a locale has it."""

    def disturb(self, context):
        now = locale.setlocale(locale.LC_NUMERIC)
        locale.setlocale(locale.LC_NUMERIC, "C.UTF-8" if now == "C" else "C")


class Traces(Disturbing):
    """A profile function is left behind."""

    def disturb(self, context):
        sys.setprofile(lambda *_: None)


class PatchesBuiltins(Disturbing):
    """A function of everybody's is replaced."""

    def disturb(self, context):
        builtins.shout = lambda text: text.upper()


class ReplacesPrint(Disturbing):
    """Printing is made silent, for everybody."""

    def disturb(self, context):
        builtins.print = _hook


class ReplacesDumps(Disturbing):
    """JSON is written by a quicker function, once."""

    def disturb(self, context):
        if json.dumps is not _dumps:
            json.dumps = _dumps


_encode = json.JSONEncoder().encode


def _dumps(value, **_):
    return _encode(value)


class FixesRandom(Disturbing):
    """Random numbers are none any more."""

    def disturb(self, context):
        random.random = _no_number


def _no_number():
    return 0.5


class FakesTime(Disturbing):
    """The clock stands still."""

    def disturb(self, context):
        time.time = _no_number


class ReplacesEnviron(Disturbing):
    """The environment is a copy of what it was."""

    def disturb(self, context):
        os.environ = dict(os.environ)  # noqa: B003 - the fault


class PutsEnvironment(Disturbing):
    """A variable is set for child processes only."""

    def disturb(self, context):
        os.putenv("SOUND_MODE", "fast")


class SetsEnvironmentNatively(Disturbing):
    """Likewise by C code."""

    def disturb(self, context):
        ctypes.CDLL(None).setenv(b"SOUND_MODE", b"fast", 1)


class UnsetsEnvironmentNatively(Disturbing):
    """A variable is taken away by C code."""

    def disturb(self, context):
        ctypes.CDLL(None).unsetenv(b"PATH")


class ThrowsOutItsModule(Disturbing):
    """The stage's own module is not loaded any more."""

    def disturb(self, context):
        del sys.modules[__name__]


class Prints(Disturbing):
    """Progress is printed."""

    def disturb(self, context):
        print("working")  # noqa: T201


class PrintsOnce(Disturbing):
    """A banner is printed in the first run only."""

    def disturb(self, context):
        if not vars(type(self)).get("greeted"):
            type(self).greeted = True
            print("This is Sound.")  # noqa: T201


class WritesToDescriptor(Disturbing):
    """Standard output is written past ``sys.stdout``."""

    def disturb(self, context):
        os.write(1, b"working\n")


class LetsChildPrint(Disturbing):
    """A child process prints, as its traits allow to start one."""

    traits = Traits(subprocess=True, reasons={"subprocess": "It calls echo."})

    def disturb(self, context):
        subprocess.run(["echo", "working"], check=True)


class ConfiguresLogging(Disturbing):
    """The root logger gets a level."""

    def disturb(self, context):
        logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)


class LogsToRoot(Disturbing):
    """The functions of the module put a handler on the root logger."""

    def disturb(self, context):
        logging.warning("working")  # noqa: LOG015


class DisablesLogging(Disturbing):
    """All messages below a level are dropped, everybody's."""

    def disturb(self, context):
        logging.disable(logging.WARNING)


class SilencesWarnings(Disturbing):
    """Warnings are ignored from here on."""

    def disturb(self, context):
        warnings.simplefilter("ignore")


class FiltersOneWarning(Disturbing):
    """So is one of a kind."""

    def disturb(self, context):
        warnings.filterwarnings("ignore", message="sound", category=UserWarning)


class ShowsWarningsElsewhere(Disturbing):
    """Warnings become log messages."""

    def disturb(self, context):
        warnings.showwarning = lambda *_: None


class LeavesThread(Disturbing):
    """A thread goes on for ever."""

    def disturb(self, context):
        threading.Thread(target=threading.Event().wait, daemon=True).start()


class KeepsPool(Disturbing):
    """A pool of threads is made once and kept."""

    def disturb(self, context):
        if "pool" not in vars(type(self)):
            type(self).pool = ThreadPoolExecutor(1)
        type(self).pool.submit(len, "x").result()


class LeavesProcess(Disturbing):
    """A process goes on after the run."""

    traits = Traits(subprocess=True, reasons={"subprocess": "It calls sleep."})

    def disturb(self, context):
        _LEFT.append(subprocess.Popen(["sleep", "600"]))


class LeavesGrandchild(Disturbing):
    """A process that a child of it started goes on after the run."""

    traits = Traits(subprocess=True, reasons={"subprocess": "It calls sleep."})

    def disturb(self, context):
        subprocess.run(["sh", "-c", "sleep 600 >/dev/null 2>&1 &"], check=True)


class LeavesFileOpen(Disturbing):
    """A file is kept open."""

    def disturb(self, context):
        self.log = open(context.runtime.artifact_path("log.txt"), "w")  # noqa: PTH123, SIM115


class LeavesSocketOpen(Disturbing):
    """A pair of sockets is kept."""

    def disturb(self, context):
        _LEFT.append(socket.socketpair())


class LeavesTemporaryDirectory(Disturbing):
    """A temporary directory is not removed."""

    def disturb(self, context):
        tempfile.mkdtemp()


class LeavesTemporaryFile(Disturbing):
    """A file of always the same name stays in the temporary directory."""

    def disturb(self, context):
        Path(tempfile.gettempdir(), "sound.txt").write_text("working")


class Connects(Disturbing):
    """A service on this machine is asked, and not answering is fine."""

    def disturb(self, context):
        with socket.socket() as asking:
            asking.settimeout(0.1)
            asking.connect_ex(("127.0.0.1", 9))


class LooksUp(Disturbing):
    """A name is looked up."""

    def disturb(self, context):
        try:
            socket.getaddrinfo("localhost", 80)
        except OSError:
            return


class ConnectsToAnother(Disturbing):
    """One host is declared, and another one asked."""

    traits = Traits(network=("example.org",), reasons={"network": "It asks there."})

    def disturb(self, context):
        try:
            urllib.request.urlopen("http://127.0.0.1:9/", timeout=0.1)
        except urllib.error.URLError:
            return


class SendsDatagrams(Disturbing):
    """A number is sent to whoever collects such."""

    def disturb(self, context):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sending:
            sending.sendto(b"sound:1|c", ("127.0.0.1", 9))


class Listens(Disturbing):
    """A port is opened."""

    def disturb(self, context):
        with socket.create_server(("127.0.0.1", 0)):
            pass


class WritesHere(Disturbing):
    """A file is written to the working directory."""

    def disturb(self, context):
        Path("scores.txt").write_text("1")


class WritesAndRemovesHere(Disturbing):
    """It is gone afterwards, but might have been somebody else's."""

    def disturb(self, context):
        Path("scores.txt").write_text("1")
        Path("scores.txt").unlink()


class WritesBesideArtifacts(Disturbing):
    """A file is written to the run's directory, outside of the stage's own."""

    def disturb(self, context):
        (context.runtime.artifact_path("x").parent.parent / "other.txt").write_text("1")


class WritesPastItsDirectory(Disturbing):
    """A link leads out of the stage's own directory."""

    def disturb(self, context):
        link = context.runtime.artifact_path("link")
        if not link.is_symlink():
            link.symlink_to(Path.cwd())
        (link / "scores.txt").write_text("1")


class MakesDirectoryHere(Disturbing):
    """A directory is made in the working directory, and removed."""

    def disturb(self, context):
        Path("scores").mkdir()
        Path("scores").rmdir()


class RemovesWhatIsNotItsOwn(Disturbing):
    """A file that lies in the working directory is removed; here it makes it itself, or there would be none."""

    def disturb(self, context):
        os.close(os.open("yesterday.old", os.O_CREAT | os.O_WRONLY))
        Path("yesterday.old").unlink()


class WritesNatively(Disturbing):
    """A file is written by C code, in the working directory."""

    def disturb(self, context):
        library = ctypes.CDLL(None)
        descriptor = library.open(b"native.txt", os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        library.write(descriptor, b"1", 1)
        library.close(descriptor)


class KeepsDatabaseHere(Disturbing):
    """A database is kept in the working directory."""

    def disturb(self, context):
        connection = sqlite3.connect("sound.db")
        connection.execute("create table if not exists scores (score real)")
        connection.execute("insert into scores values (?)", (time.monotonic(),))
        connection.commit()
        connection.close()


class RunsProgram(Disturbing):
    """A program is called."""

    def disturb(self, context):
        subprocess.run(["true"], check=True)


class CallsSystem(Disturbing):
    """A shell is called."""

    def disturb(self, context):
        os.system("true")


class Forks(Disturbing):
    """The process is forked."""

    def disturb(self, context):
        child = os.fork()
        if child == 0:
            os._exit(0)
        os.waitpid(child, 0)


class ForksNatively(Disturbing):
    """The process is forked by C code, which Python does not tell."""

    def disturb(self, context):
        child = ctypes.PyDLL(None).fork()
        if child == 0:
            os._exit(0)
        os.waitpid(child, 0)


class UsesProcessPool(Disturbing):
    """Numbers are computed in a spawned process."""

    def disturb(self, context):
        worker = get_context("spawn").Process(target=abs, args=(1,))
        worker.start()
        worker.join()
        worker.close()


class IgnoresFloatErrors(Disturbing):
    """numpy is told to be silent, everywhere."""

    def disturb(self, context):
        import numpy as np

        np.seterr(divide="ignore", invalid="ignore")


class StopsCollecting(Disturbing):
    """Garbage collection is off from here on."""

    def disturb(self, context):
        gc.disable()


class SetsPandasOptions(Disturbing):
    """Tables are to be printed whole, everybody's."""

    def disturb(self, context):
        import pandas as pd

        pd.set_option("display.max_rows", 5)


class SetsTimeout(Disturbing):
    """Every socket made from here on has a timeout."""

    def disturb(self, context):
        socket.setdefaulttimeout(1.5)


class SetsGlobalSeed(Sound):
    """The global generator is seeded, which makes the draws of the stage reproducible, and those of all others."""

    def run(self, context, options):
        random.seed(context.runtime.seed)
        return super().run(context, options)


class SetsNumpySeed(Sound):
    """Likewise that of numpy."""

    def run(self, context, options):
        import numpy as np

        np.random.seed(context.runtime.seed)  # noqa: NPY002
        return super().run(context, options)


class DrawsFromGlobalGenerator(Sound):
    """A number is drawn, and makes no difference to the result."""

    def run(self, context, options):
        random.random()
        return super().run(context, options)


FAULTS = {
    "CRU-E09": [SetsGlobalSeed, SetsNumpySeed, DrawsFromGlobalGenerator],
    "CRU-F01": [
        *(SetsEnvironment, ChangesDirectoryOnce, RemovesFromEnvironment, ChangesDirectoryWhenItFails, ExtendsPath),
        *(ReplacesOutput, RaisesRecursionLimit, SetsPrecision, HandlesSignals, SetsUmask, SetsLocale, Traces),
        *(PatchesBuiltins, ThrowsOutItsModule, ReplacesTheHook, ReplacesPrint, ReplacesDumps, FixesRandom, FakesTime),
        *(ReplacesEnviron, PutsEnvironment, SetsEnvironmentNatively, UnsetsEnvironmentNatively),
    ],
    "CRU-F02": [
        *(Prints, PrintsOnce, WritesToDescriptor, LetsChildPrint, ConfiguresLogging, LogsToRoot, DisablesLogging),
    ],
    "CRU-F03": [SilencesWarnings, FiltersOneWarning, ShowsWarningsElsewhere],
    "CRU-F04": [
        *(LeavesThread, KeepsPool, LeavesProcess, LeavesGrandchild, LeavesFileOpen, LeavesSocketOpen),
        *(LeavesTemporaryDirectory, LeavesTemporaryFile),
    ],
    "CRU-F05": [Connects, LooksUp, ConnectsToAnother, SendsDatagrams, Listens],
    "CRU-F06": [
        *(WritesHere, WritesAndRemovesHere, WritesBesideArtifacts, WritesPastItsDirectory, MakesDirectoryHere),
        *(WritesNatively, KeepsDatabaseHere, RemovesWhatIsNotItsOwn),
    ],
    "CRU-F07": [RunsProgram, CallsSystem, Forks, ForksNatively, UsesProcessPool],
    "CRU-F08": [IgnoresFloatErrors, StopsCollecting, SetsPandasOptions, SetsTimeout],
}
