"""Stages that would say or give something else on another day, on another machine or for another user."""

from __future__ import annotations

import datetime as dt
import getpass
import gzip
import os
import random
import time
from datetime import date as day
from pathlib import Path
from typing import Annotated

from plain import Plain, said
from pydantic import Field
from sound import ROWS, Sound

from crucible_core import StageExample, Traits


class Telling(Sound):
    """Tells something beside its result."""

    def run(self, context, options):
        told = self.told(context)
        return super().run(context, options).put_metric(context.runtime.stage_id, {"told": told})


class TellsTheDay(Telling):
    """Puts the day into its metric."""

    def told(self, context):
        return dt.date.today().isoformat()  # noqa: DTZ011 - the fault


class TellsTheDayByItsName(Telling):
    """Puts the day into its metric, of a class that it imported."""

    def told(self, context):
        return day.today().isoformat()  # noqa: DTZ011 - the fault


class DrawsByTheHour(Telling):
    """Draws from a generator that the hour seeds."""

    def told(self, context):
        return random.Random(int(time.time()) // 3600).random()


class StampsAFile(Telling):
    """Writes the day into its file."""

    def told(self, context):
        context.runtime.artifact_path("made.txt").write_text(time.strftime("%Y-%m-%d"))


class StampsACompressedFile(Telling):
    """Writes a compressed file, into which the time goes by itself."""

    def told(self, context):
        with gzip.open(context.runtime.artifact_path("made.gz"), "wb") as file:
            file.write(b"made")


class TellsLocalTime(Telling):
    """Tells a time in the zone of the machine."""

    def told(self, context):
        return dt.datetime.fromtimestamp(0).isoformat()  # noqa: DTZ006 - the fault


class TellsTheUser(Telling):
    """Tells who runs it."""

    def told(self, context):
        return getpass.getuser()


class TellsTheHome(Telling):
    """Tells where the user's home is."""

    def told(self, context):
        return str(Path.home())


class LogsADraw(Sound):
    """Logs a metric that it draws."""

    def run(self, context, options):
        context.runtime.log_metric("loss", random.SystemRandom().random())
        return super().run(context, options)


class WeighsByAVariable(Telling):
    """Takes a weight from the environment; it is not cacheable, else that alone would be what it is blamed for."""

    traits = Traits()

    def told(self, context):
        return float(os.environ.get("ACME_WEIGHT", "1"))


class DescribesTheDay(Plain):
    """Says which day it is."""

    def describe(self, options=None):
        return said(description=f"Count the rows whose score is above a bound, as of {dt.date.today()}.")  # noqa: DTZ011


class DescribesAVariable(Plain):
    """Has a default that the environment gives."""

    def describe(self, options=None):
        return said(defaults={"how": "above" if os.getenv("ACME_INCLUSIVE") is None else "from"})


class DescribesTheMachine(Sound):
    """Has a default that depends on the machine."""

    class Options(Sound.Options):
        workers: Annotated[int, Field(ge=1, description="How many work at once.")] = os.cpu_count() or 1

    examples = (*Sound.examples, StageExample("Two.", options={"field": "score", "workers": 2}, outputs=ROWS))

    def run(self, context, options):
        context.runtime.log(f"with {options.workers}")
        return super().run(context, options)


FAULTS = {
    "CRU-C07": [DescribesTheDay, DescribesAVariable, DescribesTheMachine],
    "CRU-E07": [
        *(TellsTheDay, TellsTheDayByItsName, DrawsByTheHour, StampsAFile, StampsACompressedFile, TellsLocalTime),
        *(TellsTheUser, TellsTheHome, WeighsByAVariable, LogsADraw),
    ],
}
