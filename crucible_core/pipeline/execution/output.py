"""What a process of a stage prints, where what the run prints goes."""

from __future__ import annotations

import codecs
import contextlib
import io
import os
import subprocess
import sys
from selectors import EVENT_READ, BaseSelector
from typing import Any

_CHUNK = 1 << 16
_DRAINED = 64  # chunks; more than any pipe holds


class Output:
    """The standard output and error of a process.

    The process gets the very file of ``sys.stdout`` where that is one, so that it is a terminal there too. Where
    somebody put another object in its place (a notebook, a test, a live display), what is printed is passed on to that.
    """

    def __init__(self) -> None:
        self._pumped: dict[int, tuple[Any, codecs.IncrementalDecoder]] = {}
        self._ours: list[int] = []
        self.descriptors = (self._descriptor(sys.stdout), self._descriptor(sys.stderr))
        """For the process; those made for it are closed by `register`."""

    def _descriptor(self, stream: Any) -> int:
        if stream is None:
            return subprocess.DEVNULL
        if type(stream) is io.TextIOWrapper:
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
                return stream.fileno()
        ours, theirs = os.pipe()
        os.set_blocking(ours, False)
        self._pumped[ours] = stream, codecs.getincrementaldecoder("utf-8")("replace")
        self._ours.append(theirs)
        return theirs

    def register(self, selector: BaseSelector) -> None:
        """Wait for what the process prints, once it is started."""
        for descriptor in self._ours:
            os.close(descriptor)
        self._ours.clear()
        for descriptor in self._pumped:
            selector.register(descriptor, EVENT_READ)

    def pass_on(self, descriptor: int) -> bool:
        """Pass on what the process printed, and tell whether more may come."""
        stream, decoder = self._pumped[descriptor]
        data = os.read(descriptor, _CHUNK)
        with contextlib.suppress(OSError, ValueError):  # nobody reads it: that is no failure of the stage
            stream.write(decoder.decode(data, final=not data))
        return bool(data)

    def drain(self) -> None:
        """Pass on what the process printed last; no more than pipes hold: what it left behind may print for ever."""
        for descriptor in self._pumped:
            with contextlib.suppress(BlockingIOError):
                for _ in range(_DRAINED):
                    if not self.pass_on(descriptor):
                        break

    def close(self) -> None:
        """Close what is still open, and let what was passed on be seen."""
        for stream, _ in self._pumped.values():
            with contextlib.suppress(Exception):  # it is somebody else's object
                stream.flush()
        for descriptor in (*self._ours, *self._pumped):
            os.close(descriptor)
        self._ours.clear()
        self._pumped.clear()
