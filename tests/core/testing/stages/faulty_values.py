"""Stages that fail since values they hand on or are given are no plain numbers, and are looked at all the same."""

from __future__ import annotations

import datetime as dt
import decimal
import random

from sound import ROWS, Sound

from crucible_core import StageError, StageExample


class HandsOnTheTime(Sound):
    """Hands on the time of now, as an object."""

    writes = (*Sound.writes, "assigns.at")

    def run(self, context, options):
        return super().run(context, options).assign(at=dt.datetime.now(dt.UTC))


class HandsOnADraw(Sound):
    """Hands on a decimal number that is another each time."""

    writes = (*Sound.writes, "assigns.draw")

    def run(self, context, options):
        return super().run(context, options).assign(draw=decimal.Decimal(random.SystemRandom().random()))


class HandsOnAGenerator(Sound):
    """Hands on a generator of numbers that nobody seeded."""

    writes = (*Sound.writes, "assigns.draws")

    def run(self, context, options):
        return super().run(context, options).assign(draws=random.Random())


class HandsOnAColumnOfTimes(Sound):
    """Hands on a frame whose times are those of now."""

    writes = (*Sound.writes, "assigns.frame")

    def run(self, context, options):
        import pandas as pd

        return super().run(context, options).assign(frame=pd.DataFrame({"at": [pd.Timestamp.now()]}))


def given(make):
    """Return the examples of a sound stage and one more, in which another stage left an object."""
    return (
        *Sound.examples,
        StageExample(
            "With what another left.",
            options={"field": "score"},
            outputs=ROWS,
            assigns=staticmethod(lambda: {"left": make()}).__func__,
        ),
    )


class _Given(Sound):
    may_read = (*Sound.may_read, "assigns.left")

    def run(self, context, options):
        left = context.assigns.get("left")
        try:
            if left is not None:
                self.change(left)
        except (AttributeError, TypeError, KeyError, ValueError) as error:
            raise StageError("bad_score", f"what another left is of no use: {error}") from error
        return super().run(context, options)


class ChangesATime(_Given):
    """Puts another time into a mapping that is not its own."""

    examples = given(lambda: {"at": dt.datetime(2020, 1, 1, tzinfo=dt.UTC), "price": decimal.Decimal("1.10")})

    def change(self, left):
        left.update(at=dt.datetime(1999, 1, 1, tzinfo=dt.UTC))


class MovesAKey(_Given):
    """Moves a key of another's mapping to its end."""

    examples = given(lambda: {"a": 1, "b": 2})

    def change(self, left):
        left["a"] = left.pop("a")


class DrawsFromAnothersGenerator(_Given):
    """Draws from a generator that another stage left."""

    examples = given(lambda: random.Random(1))

    def change(self, left):
        left.random()


class DrawsFromAnothersNumpyGenerator(_Given):
    """Draws from a generator of numpy's that another stage left."""

    @staticmethod
    def make():
        import numpy as np

        return np.random.default_rng(1)

    examples = given(make)

    def change(self, left):
        left.random()


class UsesUpAnIterator(_Given):
    """Goes through an iterator that another stage left."""

    examples = given(lambda: iter([1, 2, 3]))

    def change(self, left):
        next(left, None)


class UsesUpAGenerator(_Given):
    """Goes one step on in a generator that another stage left, which does not pickle."""

    examples = given(lambda: (each for each in [1, 2, 3]))

    def change(self, left):
        next(left, None)


class LocksAnArray(_Given):
    """Makes another's array read-only."""

    @staticmethod
    def make():
        import numpy as np

        return np.arange(3.0)

    examples = given(make)

    def change(self, left):
        left.setflags(write=False)


class TurnsTimesOfAFrame(_Given):
    """Turns the times in another's frame round in place."""

    @staticmethod
    def make():
        import pandas as pd

        return pd.DataFrame({"at": pd.to_datetime(["2020-01-01", "2020-01-02"])})

    examples = given(make)

    def change(self, left):
        left["at"] = list(left["at"])[::-1]


class MovesAColumn(TurnsTimesOfAFrame):
    """Moves a column of another's frame, and names its index."""

    @staticmethod
    def make():
        import pandas as pd

        return pd.DataFrame({"x": [1.0], "y": [2.0]})

    examples = given(make)

    def change(self, left):
        if [*left] == ["x", "y"]:
            left.insert(1, "x", left.pop("x"))


FAULTS = {
    "CRU-E02": [
        *(ChangesATime, MovesAKey, DrawsFromAnothersGenerator, DrawsFromAnothersNumpyGenerator, UsesUpAnIterator),
        *(UsesUpAGenerator, LocksAnArray, TurnsTimesOfAFrame, MovesAColumn),
    ],
    "CRU-E07": [HandsOnTheTime, HandsOnADraw, HandsOnAGenerator, HandsOnAColumnOfTimes],
}
