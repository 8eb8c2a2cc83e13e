"""Odd but legal stages: files they were given, and processes of their own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Annotated

from adding import ROWS, Adding, because, numbers
from faulty_files import Given
from pydantic import Field

from crucible_core import StageExample, StageOptions


class ReadsItsInput(Adding):
    """Reads a file that was made for it, whose example makes one each time."""

    class Options(StageOptions):
        source: Annotated[Path | None, Field(description="A file of numbers.")] = None

    examples = (
        *Adding.examples,
        StageExample("With a file.", options=lambda: {"source": Given.made()["source"]}, outputs=ROWS),
    )

    def run(self, context, options):
        more = 0.0
        if options.source is not None and options.source.is_file():
            more = float(options.source.read_text())
        return context.put_metric(context.runtime.stage_id, {"total": sum(numbers(context)) + more})


class EndsItsChild(Adding):
    """Starts a process that waits, asks whether it is there, and ends it."""

    traits = because(subprocess=True)

    def total(self, values, context):
        with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as child:
            os.kill(child.pid, 0)
            child.send_signal(signal.SIGCONT)
            child.terminate()
        os.kill(os.getpid(), 0)
        return sum(values)


LEGAL = [ReadsItsInput, EndsItsChild]
