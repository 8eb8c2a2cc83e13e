"""Ends of the process that nothing else would tell of: a crash of the interpreter, ``os._exit``, and what is stuck."""

from __future__ import annotations

import contextlib
import faulthandler
import os
import sys
from typing import NoReturn

from crucible_core.cli.streams import say

__all__ = ["tell_silent_ends"]

FAILED, PLUGIN_PROBLEM = 1, 3


def tell_silent_ends() -> None:
    """From now on, say where the process crashes and where something ends it.

    Code of plugins runs in this process. ``os._exit(0)`` in it would end a run, or the check of one, half way, without
    a word and with the code of success; it is told and ends with 1. Children by ``fork`` end as they like. While
    modules of plugins are imported it ends nothing: `containment` makes it a fault of the plugin's. Code of a plugin
    that is not done in its time and cannot be interrupted ends the process with 3.
    """
    from crucible_core.plugins.time_limit import end_what_is_stuck

    with contextlib.suppress(Exception):  # stderr may be no file
        faulthandler.enable()
    process, leave = os.getpid(), os._exit

    def leave_with_a_word(status: int) -> NoReturn:
        if os.getpid() == process:
            from crucible_core.plugins import containment

            caller = sys._getframe(1)
            while caller.f_code.co_filename == containment.__file__ and caller.f_back is not None:
                caller = caller.f_back  # somebody kept the function that stands for this one while modules are imported
            say(f"crucible: ended by os._exit({status}) at {caller.f_code.co_filename}:{caller.f_lineno}", err=True)
            say("  take it out; if a plugin does this, crucible plugins doctor says how to switch it off", err=True)
            status = status or FAILED
        leave(status)

    def leave_what_is_stuck(text: str) -> NoReturn:
        say(text, err=True)
        leave(PLUGIN_PROBLEM)

    os._exit = leave_with_a_word
    end_what_is_stuck(leave_what_is_stuck)
