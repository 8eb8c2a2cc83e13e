"""Stages that leave threads, processes, open files or temporary files behind."""

from __future__ import annotations

import socket
import subprocess
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from disturbing import Disturbing

from crucible_core import Traits

_LEFT: list[object] = []


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


FAULTS = {
    "CRU-F04": [
        *(LeavesThread, KeepsPool, LeavesProcess, LeavesGrandchild, LeavesFileOpen, LeavesSocketOpen),
        *(LeavesTemporaryDirectory, LeavesTemporaryFile),
    ],
}
