"""Stages that start processes without leave."""

from __future__ import annotations

import ctypes
import os
import subprocess
from multiprocessing import get_context

from disturbing import Disturbing


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


FAULTS = {
    "CRU-F07": [RunsProgram, CallsSystem, Forks, ForksNatively, UsesProcessPool],
}
