"""Stages that hand on what others cannot use: pictures that no report shows, data sets that are not as they say."""

from __future__ import annotations

import dataclasses

from sound import Sound

from crucible_core import Dataset, DatasetManifest, Figure, Table

ROWS = ({"name": "a", "score": 1.0}, {"name": "b", "score": 2.0})
SOUND = Dataset(ROWS, DatasetManifest("acme:scores", "0" * 64, 2, ("name", "score")), {"train": [0], "test": [1]})


class Drawing(Sound):
    """Draws something as well."""

    writes = (*Sound.writes, "artifacts.{id}")

    def run(self, context, options):
        return super().run(context, options).put_artifact(context.runtime.stage_id, self.drawn())


class DrawsUnescaped(Drawing):
    """Writes a name into its drawing as it is."""

    def drawn(self):
        return Figure("<svg xmlns='http://www.w3.org/2000/svg'><text>A & B</text></svg>", "Two", "Two names.")


class DrawsAScript(Drawing):
    """Lets its drawing act."""

    def drawn(self):
        return Figure("<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", "Acts", "It acts.")


class NamesAFile(Drawing):
    """Hands on where its drawing lies."""

    def drawn(self):
        return Figure("plot.svg", "Elsewhere", "It is elsewhere.")


class FillsCellsWithLists(Drawing):
    """Puts lists into a table."""

    def drawn(self):
        return [Table(("name", "scores"), [("a", [1.0, 2.0])], "Scores")]


class Loading(Sound):
    """Hands on a data set as well."""

    writes = (*Sound.writes, "assigns.scores")

    def run(self, context, options):
        return super().run(context, options).assign(scores=self.loaded())


class KeepsTheCount(Loading):
    """Leaves out a row and says nothing of that."""

    def loaded(self):
        return dataclasses.replace(SOUND, rows=ROWS[:1], splits={})


class KeepsTheSplits(Loading):
    """Leaves out a row that a split has."""

    def loaded(self):
        return dataclasses.replace(SOUND, rows=ROWS[:1], manifest=dataclasses.replace(SOUND.manifest, rows=1))


class AddsAColumn(Loading):
    """Adds a column that nobody is told of."""

    def loaded(self):
        return dataclasses.replace(SOUND, rows=[{**row, "rank": 1} for row in ROWS])


FAULTS = {
    "CRU-E17": [DrawsUnescaped, DrawsAScript, NamesAFile, FillsCellsWithLists],
    "CRU-E18": [KeepsTheCount, KeepsTheSplits, AddsAColumn],
}
