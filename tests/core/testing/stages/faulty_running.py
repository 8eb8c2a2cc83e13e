"""Stages that fail a check of group E, each for one reason."""

from __future__ import annotations

from sound import ROWS, Sound

from crucible_core import StageExample


class SaysItFails(Sound):
    """An example is to fail, and succeeds."""

    examples = (*Sound.examples, StageExample("Wrong.", options={"field": "score"}, outputs=ROWS, raises="no_scores"))


FAULTS = {"CRU-E01": [SaysItFails]}
