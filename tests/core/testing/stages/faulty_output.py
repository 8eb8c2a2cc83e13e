"""Stages that print, or set how others log."""

from __future__ import annotations

import logging
import os
import subprocess
import sys

from disturbing import Disturbing

from crucible_core import Traits


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


FAULTS = {
    "CRU-F02": [
        *(Prints, PrintsOnce, WritesToDescriptor, LetsChildPrint, ConfiguresLogging, LogsToRoot, DisablesLogging),
    ],
}
