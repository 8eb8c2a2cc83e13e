"""Odd but legal stages: what libraries keep for themselves, and what is put back, is no change."""

from __future__ import annotations

import asyncio
import json
import logging
import logging.handlers
import queue
import re
import tempfile
import urllib.request
import uuid
import weakref
from unittest import mock

from adding import Adding, numbers

from crucible_core import StageError

logging.getLogger(__name__).addHandler(logging.NullHandler())


class FillsCaches(Adding):
    """Has the standard library keep what it keeps: patterns, a loop, a policy, names of files, what is done at exit."""

    def total(self, values, context):
        re.compile(rf"{id(values)}")
        weakref.finalize(self, len, ())
        urllib.request.build_opener()
        uuid.uuid1()
        with tempfile.TemporaryDirectory():
            asyncio.run(asyncio.sleep(0))
        return sum(values)


class SetsItsLoggerUpOnce(Adding):
    """Sets up a logger of its own, where nobody has."""

    def total(self, values, context):
        log = logging.getLogger("legal_globals.own")
        if not log.handlers:
            log.addHandler(logging.StreamHandler())
            log.setLevel(logging.ERROR)
        return sum(values)


class ListensForAWhile(Adding):
    """Takes the records of a logger, and leaves it as it was."""

    def total(self, values, context):
        log, handler = logging.getLogger("asyncio"), logging.handlers.QueueHandler(queue.Queue())
        log.addHandler(handler)
        try:
            log.warning("adding")
        finally:
            log.removeHandler(handler)
        return sum(values)


class PatchesForAWhile(Adding):
    """Puts something else into classes and modules, and takes it out again."""

    def total(self, values, context):
        with mock.patch.object(json.JSONEncoder, "default", str), mock.patch("os.getcwd", return_value="/"):
            return float(json.loads(json.dumps(sum(values))))


def total(values):
    """Replace itself by what is faster, as modules do on first use."""
    globals()["total"] = sum
    return sum(values)


class ReplacesItsOwnFunction(Adding):
    """Has a function of its own module replaced when it is first used."""

    def total(self, values, context):
        if not isinstance(values, list):
            raise StageError("bad_number", "no numbers")
        return total(values)


class UsesLibraries(Adding):
    """Has libraries loaded when it runs, and used in ways that set them up."""

    def total(self, values, context):
        import numpy as np
        import pandas as pd
        from scipy import stats

        frame = pd.DataFrame({"value": values})
        return float(np.sum(frame["value"].to_numpy()) + 0 * stats.norm.cdf(0.0))

    def run(self, context, options):
        numbers(context)
        return super().run(context, options)


LEGAL = [
    *(FillsCaches, SetsItsLoggerUpOnce, ListensForAWhile, PatchesForAWhile, ReplacesItsOwnFunction, UsesLibraries),
]
