"""What runs in a process to be forked: import the core, then fork for each stage that is to be looked at."""

from __future__ import annotations

import array
import contextlib
import json
import os
import socket
import sys
import time
from collections.abc import Mapping
from typing import Any, NoReturn

from crucible_core.testing.importing_the_core import import_the_core

_NUMBER = 8
_OUTPUT_FDS = (1, 2)
_DESCRIPTORS = 4


def nurse(number: int) -> NoReturn:
    """Fork at each request until there are no more, and end.

    Args:
        number: File descriptor of a socket. A request is a number, with the file descriptors ``questions``,
            ``answers``, ``output`` and ``ending``, and a job of so many bytes: what `serve` needs, and ``environ``. The
            answer is the process id.
    """
    _prepare()
    with socket.socket(fileno=number) as asked:
        while (request := _received(asked)) is not None:
            job, descriptors = request
            _bury(os.WNOHANG)
            pid = os.fork()
            if pid == 0:
                asked.close()
                _live(job, descriptors)
            for descriptor in descriptors:
                os.close(descriptor)
            asked.sendall(pid.to_bytes(_NUMBER, "big"))
    _bury(0)
    os._exit(0)


def _prepare() -> None:
    """Import what every child is going to need."""
    from crucible_core.testing import facts, first_import
    from crucible_core.testing.check import all_checks
    from crucible_core.testing.places_of_libraries import library_places

    del facts, first_import
    all_checks()
    import_the_core()
    library_places()


def _have_more_processors() -> None:
    count = os.cpu_count() or 1
    os.cpu_count = lambda: count + 3  # a stage that starts as many threads as there are is to do the same with them


def _received(asked: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    """Return a job and its descriptors; None when nobody asks any more."""
    descriptors = array.array("i")
    head, ancillary, _, _ = asked.recvmsg(_NUMBER, socket.CMSG_SPACE(_DESCRIPTORS * descriptors.itemsize))
    if len(head) < _NUMBER:
        return None
    for _, _, data in ancillary:
        descriptors.frombytes(data)
    data = asked.recv(int.from_bytes(head, "big"), socket.MSG_WAITALL)
    return json.loads(data), list(descriptors)


def _bury(how: int) -> None:
    """Wait for children that ended; until the next one is asked for, their process ids stay theirs."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, how)[0]:
            continue


def _live(job: Mapping[str, Any], descriptors: list[int]) -> NoReturn:
    """Be the process of a stage."""
    from crucible_core.testing.serving import serve

    try:
        questions, answers, output, ending = descriptors
        os.setsid()
        os.environ.clear()
        os.environ.update(job["environ"])
        time.tzset()
        if job["elsewhere"]:
            _have_more_processors()
        sys.path[:] = job["path"]
        sys.path_importer_cache.clear()
        for descriptor in _OUTPUT_FDS:
            os.dup2(output, descriptor)
        os.close(output)
        serve({**job, "pipes": [questions, answers]}, ending=ending)
    finally:
        os._exit(1)  # it does not return
