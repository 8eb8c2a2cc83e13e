"""Stages that change what is global beyond the few settings that everybody knows, each in one way."""

from __future__ import annotations

import _thread
import asyncio
import atexit
import codecs
import csv
import json
import logging
import signal
import ssl
import sys
import tempfile
import time
import types
import urllib.request

from sound import Sound

from crucible_core import Context


class Changing(Sound):
    """Changes something on each run."""

    def run(self, context, options):
        self.change(context)
        return super().run(context, options)


class PatchesAMethod(Changing):
    """Teaches json all objects, for everybody."""

    def change(self, context):
        json.JSONEncoder.default = lambda self, value: str(value)


class PatchesAMethodOfTheCore(Changing):
    """Puts another method into a class of the core's."""

    def change(self, context):
        Context.get_metric = lambda self, key, default=None: default


class PatchesALibrary(Changing):
    """Puts another function into an installed library."""

    def change(self, context):
        import numpy as np

        mean = np.mean
        np.mean = lambda *given: float(mean(*given))


class AddsAMethod(Changing):
    """Adds a method to a class of the standard library's."""

    def change(self, context):
        json.JSONDecoder.decode_all = lambda self, texts: list(map(self.decode, texts))


class TrustsEverybody(Changing):
    """Switches off that certificates are looked at."""

    def change(self, context):
        ssl._create_default_https_context = ssl._create_unverified_context


class CallsAtExit(Changing):
    """Has something done at the end of the program, once more with each run."""

    def change(self, context):
        atexit.register(len, ())


class SetsAnAlarm(Changing):
    """Has a signal sent an hour later."""

    def change(self, context):
        signal.setitimer(signal.ITIMER_REAL, 3600)


class SilencesALibrary(Changing):
    """Sets the level of a logger that is a library's."""

    def change(self, context):
        logging.getLogger("urllib3").setLevel(logging.CRITICAL)


class ListensToTheCore(Changing):
    """Adds a handler to a logger of the core's."""

    def change(self, context):
        logging.getLogger("crucible_core").addHandler(logging.StreamHandler())


class ListensOnceMore(Changing):
    """Adds a handler to its own logger with each run."""

    def change(self, context):
        logging.getLogger(__name__).addHandler(logging.StreamHandler())


class CallsALevelOtherwise(Changing):
    """Gives a level of logging another name."""

    def change(self, context):
        logging.addLevelName(logging.INFO, "NOTE")


class RedirectsTemporaryFiles(Changing):
    """Has all temporary files put elsewhere."""

    def change(self, context):
        tempfile.tempdir = tempfile.gettempdir() + "/.."


class LiftsALimit(Changing):
    """Lets fields of csv be of any length."""

    def change(self, context):
        csv.field_size_limit(10**9)


class InstallsAnOpener(Changing):
    """Has all addresses opened in its own way."""

    def change(self, context):
        urllib.request.install_opener(urllib.request.build_opener())


class CutsTracebacks(Changing):
    """Leaves tracebacks out."""

    def change(self, context):
        sys.tracebacklimit = 0


class FindsModules(Changing):
    """Adds a finder of modules."""

    class Finder:
        def find_spec(self, *_):
            return None

    def change(self, context):
        sys.meta_path.insert(0, self.Finder())


class MakesUpAModule(Changing):
    """Puts a module of its own in the place of one that nobody imported yet."""

    def change(self, context):
        sys.modules["colorsys"] = types.ModuleType("colorsys")


class ReplacesAModule(Changing):
    """Puts a copy in the place of a module."""

    def change(self, context):
        copied = types.ModuleType("csv")
        vars(copied).update(vars(csv))
        sys.modules["csv"] = copied


class SetsAPolicy(Changing):
    """Has all event loops made in its own way."""

    class Policy(asyncio.DefaultEventLoopPolicy):
        pass

    def change(self, context):
        asyncio.set_event_loop_policy(self.Policy())


class ForgivesErrors(Changing):
    """Has characters that cannot be written left out."""

    def change(self, context):
        codecs.register_error("strict", codecs.ignore_errors)


class LeavesARawThread(Changing):
    """Starts a thread of which threading knows nothing."""

    def change(self, context):
        _thread.start_new_thread(time.sleep, (60,))


FAULTS = {
    "CRU-F01": [
        *(PatchesAMethod, PatchesAMethodOfTheCore, PatchesALibrary, AddsAMethod, TrustsEverybody, CallsAtExit),
        *(SetsAnAlarm, RedirectsTemporaryFiles, LiftsALimit, InstallsAnOpener, CutsTracebacks, FindsModules),
        *(MakesUpAModule, ReplacesAModule, SetsAPolicy, ForgivesErrors),
    ],
    "CRU-F02": [SilencesALibrary, ListensToTheCore, ListensOnceMore, CallsALevelOtherwise],
    "CRU-F04": [LeavesARawThread],
}
