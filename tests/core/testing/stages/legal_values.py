"""Odd but legal stages: values of many libraries, options of odd names, and methods that properties return."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ProcessPoolExecutor
from typing import Annotated

from adding import EXAMPLES, ROWS, Adding, numbers
from plain import Plain, said
from pydantic import Field

from crucible_core import StageExample, StageOptions, Traits


class NumpyTimes(Adding):
    """Hands on dates and spans of numpy's, wide and small numbers, and a structured one."""

    writes = ("metrics.{id}", "assigns.found")

    def run(self, context, options):
        import numpy as np

        numbers(context)
        found = [np.datetime64("2020-01-01"), np.datetime64("2020-01-01", "ns"), np.timedelta64(5, "s")]
        found += [np.longdouble(1.5), np.array([1.5], np.longdouble), np.complex64(1j), np.void(b"ab")]
        return context.assign(found=found).put_metric(context.runtime.stage_id, {"found": len(found)})


class NumpyTimesInRows(Adding):
    """Gets rows that hold dates of numpy's, and values that cannot be looked at."""

    @staticmethod
    def rows():
        import numpy as np

        return [{**row, "at": np.datetime64("2020-01-01"), "left": iter([1])} for row in ROWS]

    examples = (StageExample("With dates.", outputs=rows), EXAMPLES[1])


class Shy:
    """Raises whenever it is looked at."""

    __slots__ = ("held",)

    def __getattr__(self, name):
        raise RuntimeError("do not look")

    def __reduce_ex__(self, protocol):
        return Shy, ()


class ShyObjects(Adding):
    """Hands on objects that raise when they are looked at."""

    writes = ("metrics.{id}", "assigns.shy")
    ephemeral = ("assigns.shy",)

    def run(self, context, options):
        return context.assign(shy=Shy()).put_metric(context.runtime.stage_id, {"total": sum(numbers(context))})


class PandasValues(Adding):
    """Hands on what a frame of pandas may hold."""

    writes = ("metrics.{id}", "assigns.found")
    ephemeral = ("assigns.found",)

    def run(self, context, options):
        import pandas as pd

        numbers(context)
        found = [pd.Timestamp("2020-01-01"), pd.NaT, pd.NA, pd.Timedelta("1s"), pd.Interval(0, 1), pd.Period("2020")]
        found += [pd.Series([1, None]), pd.Series(["a"], dtype="category"), pd.MultiIndex.from_tuples([(1, 2)])]
        return context.assign(found=found).put_metric(context.runtime.stage_id, {"found": len(found)})


class FillsACache(Adding):
    """Asks an object of another's for what it computes once and keeps, and a date for its text."""

    may_read = ("assigns.table",)

    class Table:
        def __init__(self):
            self._kept = None
            self.made = dt.date(2020, 1, 1)

        def total(self):
            self._kept = self._kept or 3
            return self._kept

        def __getstate__(self):
            return dict(vars(self))

    examples = (*EXAMPLES, StageExample("A table.", outputs=ROWS, assigns=lambda: {"table": FillsACache.Table()}))

    def run(self, context, options):
        table = context.assigns.get("table")
        asked = table.total() if isinstance(table, FillsACache.Table) else 0
        return context.put_metric(context.runtime.stage_id, {"total": sum(numbers(context)) + asked})


class OptionsNamedAsMethods(Adding):
    """Has options that are called as methods of mappings are."""

    class Options(StageOptions):
        keys: Annotated[bool, Field(description="Whether keys are kept.")] = False
        items: Annotated[tuple[str, ...], Field(description="What is kept.")] = ()
        get: Annotated[int, Field(ge=0, le=9, description="How many are got.")] = 1

    examples = (*EXAMPLES, StageExample("Keys.", options={"keys": True, "items": ["a"], "get": 2}, outputs=ROWS))

    def run(self, context, options):
        said = {"keys": options.keys, "items": len(options.items), "get": options.get, "total": sum(numbers(context))}
        return context.put_metric(context.runtime.stage_id, said)


class TakesEitherKindOfOptions(OptionsNamedAsMethods):
    """Looks whether its options are a mapping, an older kind of them, or an object."""

    class Options(StageOptions):
        times: Annotated[int, Field(ge=1, le=3, description="How often.")] = 1

    examples = (*EXAMPLES, StageExample("Twice.", options={"times": 2}, outputs=ROWS))

    def run(self, context, options):
        if hasattr(options, "old_times"):
            raise TypeError("options of before 1.0")
        times = options.get("times") if hasattr(options, "get") else getattr(options, "times")  # noqa: B009
        return context.put_metric(context.runtime.stage_id, {"total": times * sum(numbers(context))})


class DescribedByAProperty(Plain):
    """Has a property that returns what describes it."""

    @property
    def describe(self):
        return lambda options=None: said(name="described_by_a_property")


class RunByAProperty(Plain):
    """Has a property that returns what runs it."""

    def describe(self, options=None):
        return said(name="run_by_a_property")

    @property
    def run(self):
        return Plain().run


class PoolOfProcesses(Adding):
    """Maps over a pool of processes, as it declares, whose manager ends when nobody holds it."""

    traits = Traits(subprocess=True, reasons={"subprocess": "The work is done on all processors."})

    def run(self, context, options):
        with ProcessPoolExecutor(2) as pool:
            total = sum(pool.map(abs, numbers(context)))
        return context.put_metric(context.runtime.stage_id, {"total": total})


LEGAL = [
    *(NumpyTimes, NumpyTimesInRows, ShyObjects, PandasValues, FillsACache, OptionsNamedAsMethods),
    *(TakesEitherKindOfOptions, DescribedByAProperty, RunByAProperty, PoolOfProcesses),
]
