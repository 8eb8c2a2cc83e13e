"""Stages that do something besides when they are made, described or planned, or that say another thing each time."""

from __future__ import annotations

import logging
import os
import random
import threading
import time
from pathlib import Path
from typing import Annotated

from plain import Plain, said
from pydantic import Field, field_validator
from sound import ROWS, Sound

from crucible_core import StageExample


class SetsAVariableWhenMade(Sound):
    """Sets a variable when it is made."""

    def __init__(self):
        os.environ["ACME_THREADS"] = "1"


class SeedsWhenMade(Sound):
    """Seeds the global generator when it is made."""

    def __init__(self):
        random.seed(0)


class ConfiguresLoggingWhenMade(Sound):
    """Configures logging when it is made."""

    def __init__(self):
        logging.basicConfig(level=logging.INFO)


class StartsAThreadWhenMade(Sound):
    """Starts a thread when it is made."""

    def __init__(self):
        self.thread = threading.Thread(target=time.sleep, args=(60,), daemon=True)
        self.thread.start()

    def __getstate__(self):
        return {}


class DrawsWhenDescribed(Plain):
    """Draws from the global generator when it is described."""

    def describe(self, options=None):
        random.random()
        return said(name="draws_when_described")


class Choosing(Sound):
    """Has an option that is looked at by code of its own."""

    class Options(Sound.Options):
        seed: Annotated[int, Field(ge=0, le=9, description="Where draws begin.")] = 0

        @field_validator("seed")
        @classmethod
        def looked_at(cls, value):
            cls.look(value)
            return value

        @classmethod
        def look(cls, value):
            """Do nothing."""

    examples = (*Sound.examples, StageExample("A seed.", options={"field": "score", "seed": 3}, outputs=ROWS))

    def run(self, context, options):
        context.runtime.log(f"from {options.seed} on")
        return super().run(context, options)


class SeedsWhenPlanned(Choosing):
    """Seeds the global generator when an option is looked at."""

    class Options(Choosing.Options):
        @classmethod
        def look(cls, value):
            random.seed(value)


class LoadsWhenPlanned(Choosing):
    """Loads pandas when an option is looked at."""

    class Options(Choosing.Options):
        @classmethod
        def look(cls, value):
            import pandas as pd

            del pd


class WritesWhenPlanned(Choosing):
    """Writes a file when an option is looked at."""

    class Options(Choosing.Options):
        @classmethod
        def look(cls, value):
            Path("seeds.txt").write_text(f"{value}\n")


class NeedsAllOptionsToDescribe(Plain):
    """Cannot describe itself where an option is missing."""

    def describe(self, options=None):
        return said(
            name="needs_all_options_to_describe", extensions={"acme": {"bound": (options or {"bound": 0})["bound"]}}
        )


def also(options, **more):
    """Return a description that says more where there are options."""
    return said(**more) if options else said()


class NamesHostsByOptions(Plain):
    """Declares a host only where it is asked with options."""

    def describe(self, options=None):
        return also(options, traits={"network": ["example.org"], "reasons": {"network": "It asks a server."}})


class NamesPathsByOptions(Plain):
    """Declares what it writes only where it is asked with options."""

    def describe(self, options=None):
        return also(options, writes=["metrics.{id}", "assigns.count"])

    def run(self, context, options):
        return super().run(context, options).assign(count=1)


class NamesErrorsByOptions(Plain):
    """Declares an error only where it is asked with options."""

    def describe(self, options=None):
        return also(options, errors={"no_score": "A row has no number as its score.", "no_rows": "There are none."})

    def run(self, context, options):
        return super().run(context, options)


class TakesAnotherDefaultByOptions(Plain):
    """Has another default where it is asked with options."""

    def describe(self, options=None):
        return also(options, defaults={"how": "from"})


class CountsUpItsVersion(Plain):
    """Has another version once it ran."""

    ran = 0

    def describe(self, options=None):
        return said(version=f"1.0.{self.ran}")

    def run(self, context, options):
        CountsUpItsVersion.ran = 1
        return super().run(context, options)


class SetsItsVersion(Sound):
    """Sets its own version when it runs."""

    def run(self, context, options):
        type(self).version = "9.9.9"
        return super().run(context, options)


FAULTS = {
    "CRU-C01": [NeedsAllOptionsToDescribe],
    "CRU-C08": [
        *(SetsAVariableWhenMade, SeedsWhenMade, ConfiguresLoggingWhenMade, StartsAThreadWhenMade, DrawsWhenDescribed),
        *(SeedsWhenPlanned, LoadsWhenPlanned, WritesWhenPlanned),
    ],
    "CRU-C17": [NamesHostsByOptions, NamesPathsByOptions, NamesErrorsByOptions, TakesAnotherDefaultByOptions],
    "CRU-E16": [CountsUpItsVersion, SetsItsVersion],
}
