"""Stands for a library that keeps a pool of threads, and sets a variable past Python, from its first use on."""

from __future__ import annotations

import ctypes
from concurrent.futures import ThreadPoolExecutor
from functools import cache


@cache
def _pool():
    return ThreadPoolExecutor(1, thread_name_prefix="keeping")


def asked(function, *arguments):
    """Call a function in a thread."""
    return _pool().submit(function, *arguments).result()


@cache
def _prepared():
    ctypes.CDLL(None).setenv(b"KEEPING_READY", b"1", 1)
    return True


def added(values):
    """Add up, as a library of C does that sets a variable for itself when it is first used."""
    return sum(values) if _prepared() else None
