"""Stands for a library that keeps a pool of threads from its first use on."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import cache


@cache
def _pool():
    return ThreadPoolExecutor(1, thread_name_prefix="keeping")


def asked(function, *arguments):
    """Call a function in a thread."""
    return _pool().submit(function, *arguments).result()
