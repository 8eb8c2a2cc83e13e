"""Odd but legal stages that hand on pictures, tables and data sets."""

from __future__ import annotations

import html
from enum import StrEnum

import numpy as np
from faulty_handing_on import SOUND
from sound import Sound

from crucible_core import Figure, Table, Text

SVG = '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><title>{}</title><path d="M0 0h9"/></svg>'


class ShowsMuch(Sound):
    """Draws with a declaration in front and words escaped; its cells are numbers of numpy, nothing, and booleans."""

    writes = (*Sound.writes, "artifacts.{id}")

    def run(self, context, options):
        drawing = Figure(SVG.format(html.escape("A & <B>")), "Two names", "A and B.")
        table = Table(("n", "x", "there"), [(np.int64(1), np.float32(0.5), np.bool_(True)), (2, None, False)], "Cells")
        parts = (drawing, table, Text("# Words\n\n<b>not bold</b>"))
        return super().run(context, options).put_artifact(context.runtime.stage_id, parts)


class Hands(Sound):
    """Hands on a data set as well, of which one row lacks a column."""

    writes = (*Sound.writes, "assigns.scores")

    def run(self, context, options):
        return super().run(context, options).assign(scores=SOUND)


class Code(StrEnum):
    """What may go wrong."""

    NONE = "no_scores"
    BAD = "bad_score"


class NamesItsErrorsByAnEnum(Sound):
    """Has members of an enum as codes."""

    errors = {Code.NONE: "No row has the field.", Code.BAD: "A score or weight is no finite number."}


class ImportsWhatDraws(Sound):
    """Imports a library that draws from the global generator when it is imported, as scikit-learn does through rich."""

    def run(self, context, options):
        import rich.style

        assert rich.style.Style is not None
        return super().run(context, options)


LEGAL = [ShowsMuch, Hands, NamesItsErrorsByAnEnum, ImportsWhatDraws]
