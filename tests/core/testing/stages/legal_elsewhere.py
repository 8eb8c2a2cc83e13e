"""Odd but legal stages: they look at the clock, the machine and the environment, and give the same all the same."""

from __future__ import annotations

import datetime as dt
import logging
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from adding import EXAMPLES, ROWS, Adding, because, numbers

from crucible_core import StageError, StageExample


class TakesTheTime(Adding):
    """Takes the time, logs it and when it began, and puts the clock of the run into its metric."""

    def total(self, values, context):
        began, day = time.time(), dt.datetime.now(dt.UTC)
        logging.getLogger("adding").info("began at %s", day)
        context.runtime.log_metric("seconds", time.time() - began)
        assert isinstance(day, dt.datetime)
        assert isinstance(day, dt.date)
        context.runtime.log(f"began {dt.date.today()} {time.strftime('%H')}", year=context.runtime.clock().year)  # noqa: DTZ011
        return sum(values)


class ReadsTimes(Adding):
    """Reads times of rows, and makes days of them."""

    examples = (
        StageExample("With times.", outputs=[{**row, "at": dt.datetime(2020, 1, 1, tzinfo=dt.UTC)} for row in ROWS]),
        EXAMPLES[1],
    )

    def total(self, values, context):
        found = [row["at"] for row in context.outputs if isinstance(row.get("at"), dt.datetime)]
        days = {dt.date(each.year, each.month, each.day).isoformat() for each in found}
        parsed = dt.datetime.fromisoformat("2020-01-01T00:00:00+00:00")
        return sum(values) + len(days) + (parsed - dt.datetime(2019, 12, 31, tzinfo=dt.UTC)).days


class UsesAllProcessors(Adding):
    """Shares its work out to as many threads as there are processors."""

    def total(self, values, context):
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            return sum(pool.map(float, values))


class AsksForVariables(Adding):
    """Asks how loud it is to be, where a cache is and whether it has a key."""

    def total(self, values, context):
        loud = os.environ.get("ACME_DEBUG") or os.getenv("ACME_LOG_LEVEL")
        place = os.environ.get("ACME_CACHE_DIR", tempfile.gettempdir())
        context.runtime.log(f"{loud} {place} {Path.home()} {'ACME_API_KEY' in os.environ}")
        return sum(values)


class AsksForAFlag(Adding):
    """Asks for a variable on which no result depends."""

    def total(self, values, context):
        order = list if os.environ.get("ACME_FAST") else sorted
        return sum(order(values))


class PassesVariablesOn(Adding):
    """Gives a child all variables and one more."""

    traits = because(subprocess=True)

    def run(self, context, options):
        values = numbers(context)
        environ = {**os.environ, "ACME": "1"}
        said = subprocess.run([sys.executable, "-c", "print(1)"], env=environ, capture_output=True, check=False)
        if said.returncode:
            raise StageError("bad_number", "there is no child")
        return context.put_metric(context.runtime.stage_id, {"total": sum(values) * int(said.stdout)})


LEGAL = [TakesTheTime, ReadsTimes, UsesAllProcessors, AsksForVariables, AsksForAFlag, PassesVariablesOn]
