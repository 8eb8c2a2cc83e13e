"""Stages that leave the state of the process otherwise than they found it."""

from __future__ import annotations

import builtins
import ctypes
import decimal
import gc
import json
import locale
import os
import random
import signal
import socket
import sys
import time
import warnings
from pathlib import Path

from disturbing import Disturbing
from sound import Sound

_ONCE: list[bool] = []


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
    "CRU-F03": [SilencesWarnings, FiltersOneWarning, ShowsWarningsElsewhere],
    "CRU-F08": [IgnoresFloatErrors, StopsCollecting, SetsPandasOptions, SetsTimeout],
}
