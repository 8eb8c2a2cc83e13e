"""Stages that harm files they were given, or do it in a process of their own."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import socket
import tempfile
from pathlib import Path
from typing import Annotated

from pydantic import Field
from sound import ROWS, Sound

from crucible_core import StageError, StageExample, Traits


class Given(Sound):
    """Takes a file of numbers to be added."""

    class Options(Sound.Options):
        source: Annotated[Path | None, Field(description="A file of numbers.")] = None

    @staticmethod
    def made():
        number, name = tempfile.mkstemp()
        os.write(number, b"2")
        os.close(number)
        return {"field": "score", "source": name}

    examples = (*Sound.examples, StageExample("With a file.", options=made, outputs=ROWS))

    def scores(self, context, options):
        if options.source is not None:
            if not options.source.is_file():
                raise StageError("bad_score", f"{options.source} is no file")
            self.use(options.source)
        return super().scores(context, options)


class DeletesItsInput(Given):
    """Deletes the file that it was given."""

    def use(self, source):
        source.unlink()


class OpensItsInputToAll(Given):
    """Lets everybody write to the file that it was given."""

    def use(self, source):
        source.chmod(0o666)


def forked(work):
    """Do something in a process of its own."""
    process = multiprocessing.get_context("fork").Process(target=work)
    process.start()
    process.join()


def written():
    """Write into the user's caches."""
    place = Path.home() / ".cache" / "crucible-conformance-test"
    place.mkdir(parents=True, exist_ok=True)
    (place / "kept").write_text("1")
    (place / "kept").unlink()
    place.rmdir()


def asked():
    """Ask a server, and go on where there is none."""
    with contextlib.suppress(OSError):
        socket.create_connection(("127.0.0.1", 9), 0.2).close()


class Forking(Sound):
    """Works in a process of its own, as it declares."""

    traits = Traits(subprocess=True, reasons={"subprocess": "The work is done beside."})

    def run(self, context, options):
        forked(self.work)
        return super().run(context, options)


class WritesInAFork(Forking):
    """Writes elsewhere, in a process of its own."""

    work = staticmethod(written)


class TalksInAFork(Forking):
    """Talks to a host that it does not declare, in a process of its own."""

    work = staticmethod(asked)


class SignalsItsParent(Sound):
    """Has the process that started this one continued."""

    def run(self, context, options):
        os.kill(os.getppid(), signal.SIGCONT)
        return super().run(context, options)


FAULTS = {
    "CRU-F01": [SignalsItsParent],
    "CRU-F05": [TalksInAFork],
    "CRU-F06": [DeletesItsInput, OpensItsInputToAll, WritesInAFork],
}
