"""Stages that harm whoever looks at them, each in its own way."""

from __future__ import annotations

import builtins
import contextlib
import ctypes
import os
import resource
import signal
import subprocess
import sys
import threading
import time

from adding import Adding


class Hostile(Adding):
    description = "Do harm to whoever looks at it, and add up numbers."


class HangsInRun(Hostile):
    def run(self, context, options):
        while True:
            time.sleep(60)


class IgnoresSignalsAndHangs(Hostile):
    def run(self, context, options):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM):
            signal.signal(number, signal.SIG_IGN)
        while True:
            time.sleep(60)


class SwallowsAll(Hostile):
    def run(self, context, options):
        while True:
            with contextlib.suppress(BaseException):
                time.sleep(60)


class ExitsInRun(Hostile):
    def run(self, context, options):
        os._exit(0)


class ExitsInDescribe(Hostile):
    def describe(self, options=None):
        os._exit(3)


class HangsInDescribe(Hostile):
    def describe(self, options=None):
        time.sleep(600)


class ExitsPolitely(Hostile):
    def run(self, context, options):
        sys.exit(0)


class RaisesBase(Hostile):
    def run(self, context, options):
        raise BaseException("hostile")  # noqa: TRY002


class InterruptsItself(Hostile):
    def run(self, context, options):
        raise KeyboardInterrupt


class InterruptsInDescribe(Hostile):
    def describe(self, options=None):
        raise KeyboardInterrupt


class RaisesBaseInDescribe(Hostile):
    def describe(self, options=None):
        raise BaseException("hostile")  # noqa: TRY002


class RaisesGeneratorExit(Hostile):
    def __init__(self):
        raise GeneratorExit


class CannotBeShown(Hostile):
    def run(self, context, options):
        class Unspeakable(Exception):  # noqa: N818
            def __str__(self):
                raise SystemExit(1)

        raise Unspeakable


class DescribesNoJson(Hostile):
    def describe(self, options=None):
        return {
            "name": "hostile",
            "description": "Do harm to whoever looks at it.",
            "version": "1.0.0",
            "extensions": {"x": {object()}},
        }


class RecursesInDescription(Hostile):
    def describe(self, options=None):
        said = {"name": "hostile", "description": "Do harm to whoever looks at it.", "version": "1.0.0"}
        said["extensions"] = {"again": said}
        return said


class RecursesInDescribe(Hostile):
    def describe(self, options=None):
        return self.describe(options)


class RecursesInRun(Hostile):
    def run(self, context, options):
        return self.run(context, options)


class OverflowsTheStack(Hostile):
    def run(self, context, options):
        sys.setrecursionlimit(10**8)
        value = None
        for _ in range(10**6):
            value = [value]
        return repr(value)


class KillsItself(Hostile):
    def run(self, context, options):
        os.kill(os.getpid(), signal.SIGKILL)


class KillsItsGroup(Hostile):
    def run(self, context, options):
        os.killpg(0, signal.SIGKILL)


class StopsItself(Hostile):
    def run(self, context, options):
        os.kill(os.getpid(), signal.SIGSTOP)


class Crashes(Hostile):
    def run(self, context, options):
        ctypes.string_at(0)


class PrintsMegabytes(Hostile):
    def run(self, context, options):
        for _ in range(200):
            print("x" * 100_000)  # noqa: T201
        return super().run(context, options)


class WritesMegabytes(Hostile):
    def run(self, context, options):
        for descriptor in (1, 2):
            for _ in range(200):
                os.write(descriptor, b"x" * 100_000)
        return super().run(context, options)


class PrintsForEver(Hostile):
    def run(self, context, options):
        while True:
            os.write(1, b"x" * 65536)


class ForksAndReturnsTwice(Hostile):
    def run(self, context, options):
        os.fork()
        return super().run(context, options)


class ForksInDescribe(Hostile):
    def describe(self, options=None):
        os.fork()
        return super().describe(options)


class ForksAndHangsInTheChild(Hostile):
    def run(self, context, options):
        if os.fork() == 0:
            time.sleep(600)
        return super().run(context, options)


class ClosesAllDescriptors(Hostile):
    def run(self, context, options):
        os.closerange(0, 1024)
        return super().run(context, options)


class WritesToAllDescriptors(Hostile):
    def run(self, context, options):
        for descriptor in range(3, 64):
            try:
                os.write(descriptor, b'{"findings": []}\nnonsense\n')
            except OSError:
                continue
        return super().run(context, options)


class StartsDaemon(Hostile):
    def run(self, context, options):
        code = "import os, time; os.fork() and os._exit(0); os.setsid(); os.fork() and os._exit(0); time.sleep(600)"
        subprocess.run([sys.executable, "-I", "-c", code], check=True, env={}, cwd="/")
        return super().run(context, options)


class StartsDaemonAndExits(Hostile):
    def run(self, context, options):
        code = "import os, time; os.fork() and os._exit(0); os.setsid(); os.fork() and os._exit(0); time.sleep(600)"
        subprocess.run([sys.executable, "-I", "-c", code], check=True, cwd="/")
        os._exit(0)


class ReplacesOutput(Hostile):
    def run(self, context, options):
        sys.stdout = sys.stderr = None
        return super().run(context, options)


class ClosesOutput(Hostile):
    def run(self, context, options):
        sys.stdout.close()
        return super().run(context, options)


class ModifiesBuiltins(Hostile):
    def run(self, context, options):
        builtins.isinstance = lambda *_: True
        return super().run(context, options)


class RemovesBuiltins(Hostile):
    def run(self, context, options):
        del builtins.len
        return context


class Untouchable(Hostile):
    def __getattribute__(self, name):
        raise RuntimeError("do not touch")


class Incomparable(Hostile):
    def run(self, context, options):
        class Value:
            def __eq__(self, other):
                raise RuntimeError("not comparable")

            def __hash__(self):
                raise RuntimeError("not hashable")

            def __repr__(self):
                raise RuntimeError("not shown")

            def __getattr__(self, name):
                raise RuntimeError("no attributes")

        return super().run(context, options).assign(value=Value())


class ReturnsRecursion(Hostile):
    def run(self, context, options):
        value = []
        value.append(value)
        return super().run(context, options).assign(value=value)


class EatsMemory(Hostile):
    def run(self, context, options):
        _, most = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (1 << 31, most))
        held = []
        while True:
            held.append(bytearray(1 << 26))


class LimitsOpenFiles(Hostile):
    def run(self, context, options):
        resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))
        return super().run(context, options)


class DeletesItsModule(Hostile):
    def run(self, context, options):
        for name in [name for name in sys.modules if name in ("hostile", "adding", "json", "crucible_core")]:
            del sys.modules[name]
        return super().run(context, options)


class LeavesThreadsThatHold(Hostile):
    def run(self, context, options):
        threading.Thread(target=time.sleep, args=(600,)).start()
        return super().run(context, options)


class RemovesItsDirectory(Hostile):
    def run(self, context, options):
        import shutil

        shutil.rmtree(os.getcwd(), ignore_errors=True)  # noqa: PTH109
        return super().run(context, options)


HANGING = [HangsInRun, IgnoresSignalsAndHangs, SwallowsAll, StopsItself, PrintsForEver]
ENDING = [
    *(ExitsInRun, ExitsInDescribe, KillsItself, KillsItsGroup, Crashes, OverflowsTheStack, StartsDaemonAndExits),
    *(ClosesAllDescriptors, WritesToAllDescriptors, LimitsOpenFiles),
]
RAISING = [
    *(ExitsPolitely, RaisesBase, InterruptsItself, InterruptsInDescribe, RaisesBaseInDescribe, RaisesGeneratorExit),
    *(CannotBeShown, RecursesInDescribe, RecursesInRun, Untouchable, EatsMemory, ModifiesBuiltins, RemovesBuiltins),
    *(DescribesNoJson, RecursesInDescription, RemovesItsDirectory),
]
GOING_ON = {
    "CRU-F01": [ReplacesOutput, ClosesOutput, DeletesItsModule],
    "CRU-F02": [PrintsMegabytes, WritesMegabytes],
    "CRU-F04": [ForksAndHangsInTheChild, LeavesThreadsThatHold, StartsDaemon],
    "CRU-F07": [ForksAndReturnsTwice, StartsDaemon],
    "CRU-E04": [Incomparable, ReturnsRecursion],
}
"""Stages that come to an end, by a check that they fail."""
