"""Odd but legal stages: what they do when they are made, and what they say with options."""

from __future__ import annotations

import functools
import logging
import re
import threading

from adding import Adding
from plain import Plain, said


class MakesWhatItNeeds(Adding):
    """Makes a lock, a pattern and a logger of its own when it is made."""

    def __init__(self):
        self._pattern = re.compile(r"\d+")
        self._log = logging.getLogger(f"{__name__}.made")
        self._log.setLevel(logging.ERROR)
        self._local = {}

    @functools.cached_property
    def lock(self):
        return threading.Lock()

    def __getstate__(self):
        return {"_pattern": self._pattern, "_log": self._log, "_local": {}}


class SaysLessByOptions(Plain):
    """Says with options that it needs less than it may."""

    def describe(self, options=None):
        network = {"network": ["*.example.org"] if options is None else ["eu.example.org"]}
        return said(
            may_read=["metrics.{how}"] if options is None else ["metrics.above"][: options.get("how") == "above"],
            traits={
                **network,
                "reasons": {"network": "It may ask a server."},
                "resources": {"rows": len(options or ())},
            },
            description=f"Count the rows whose score is {(options or {}).get('how', 'above or at')} a bound.",
        )

    def run(self, context, options):
        if options["how"] == "above":
            context.metrics.get("above")
        return super().run(context, options)


LEGAL = [MakesWhatItNeeds, SaysLessByOptions]
