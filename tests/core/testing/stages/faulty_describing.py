"""Stages that fail a check of group C about the act of describing, each for one reason."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from plain import Plain, said
from sound import Sound


class NeedsArguments(Sound):
    def __init__(self, model: str) -> None:
        self.model = model


class RaisesOnDescribe(Plain):
    def describe(self, options: Any = None) -> Any:
        raise RuntimeError("no server")


class ExitsOnDescribe(Plain):
    def describe(self, options: Any = None) -> Any:
        sys.exit(3)


class EndsTheProcess(Plain):
    def describe(self, options: Any = None) -> Any:
        os._exit(3)


class RecursesOnDescribe(Plain):
    def describe(self, options: Any = None) -> Any:
        return self.describe(options)


class DescribesItselfInItself(Plain):
    def describe(self, options: Any = None) -> Any:
        about = said()
        about["types"]["bound"] = {"list": about["types"]}
        about["types"]["bound"]["list"] = about["types"]["bound"]
        return about


class ReturnsNothing(Plain):
    def describe(self, options: Any = None) -> Any:
        return None


class DescribesAsynchronously(Plain):
    async def describe(self, options: Any = None) -> Any:
        return said()


class RefusesToDescribeOptions(Plain):
    def describe(self, options: Any = None) -> Any:
        if options:
            raise KeyError("mode")
        return said()


class OptionsOfAnotherKind(Plain):
    Options = dict


class NeverRuns(Sound):
    """Sum up nothing."""

    run = __import__("crucible_core").Stage.run


_CALLS = itertools.count()
_KEPT = said()


class CountsItsCalls(Plain):
    def describe(self, options: Any = None) -> Any:
        return said(extensions={"plain": {"calls": next(_CALLS)}})


class TellsTheTime(Sound):
    """Sum up scores."""

    def describe(self, options: Any = None) -> Any:
        return replace(super().describe(options), extensions={"sound": {"now": time.time_ns()}})


class KeepsItsDescription(Plain):
    def describe(self, options: Any = None) -> Any:
        return _KEPT


class KeepsItOnTheClass(Plain):
    about = said()

    def describe(self, options: Any = None) -> Any:
        self.about.setdefault("section", None)
        return self.about


class InTheOrderOfASet(Plain):
    def describe(self, options: Any = None) -> Any:
        return said(extensions={"plain": {"names": list({f"name {number}" for number in range(20)})}})


class NamesItsProcess(Plain):
    def describe(self, options: Any = None) -> Any:
        return said(extensions={"plain": {"pid": os.getpid()}})


class FillsInOptions(Plain):
    def describe(self, options: Any = None) -> Any:
        if options is not None:
            options.setdefault("seen", True)
        return said()


class LoadsNumbersToDescribe(Plain):
    def describe(self, options: Any = None) -> Any:
        import scipy

        return said(extensions={"plain": {"scipy": scipy.__version__.split(".")[0]}})


class LoadsATableToDescribe(Sound):
    """Sum up scores."""

    def describe(self, options: Any = None) -> Any:
        import pyarrow as pa

        return replace(super().describe(options), extensions={"sound": {"arrow": pa.__version__.split(".")[0]}})


class WritesWhenAsked(Plain):
    def describe(self, options: Any = None) -> Any:
        Path("described.txt").write_text("yes")
        return said()


class LoadsATableForItsOptions(Plain):
    def describe(self, options: Any = None) -> Any:
        if options:
            import pyarrow as pa

            assert pa.Table
        return said()


class ReadsWhatItOffers(Plain):
    def describe(self, options: Any = None) -> Any:
        lines = Path(__file__).with_name("sound.py").read_text(encoding="utf-8").splitlines()
        return said(extensions={"plain": {"first": lines[0]}})


class ReadsForItsOptions(Sound):
    """Sum up scores."""

    def describe(self, options: Any = None) -> Any:
        if options:
            with open(os.path.join(os.path.dirname(__file__), "sound.py"), "rb") as file:  # noqa: PTH118, PTH120, PTH123
                file.readline()
        return super().describe(options)


class StartsAProcessWhenAsked(Plain):
    def describe(self, options: Any = None) -> Any:
        subprocess.run(["true"], check=True)
        return said()


FAULTS = {
    "CRU-C01": [
        NeedsArguments,
        RaisesOnDescribe,
        ExitsOnDescribe,
        EndsTheProcess,
        RecursesOnDescribe,
        ReturnsNothing,
        DescribesAsynchronously,
        RefusesToDescribeOptions,
        OptionsOfAnotherKind,
        NeverRuns,
    ],
    "CRU-C09": [DescribesItselfInItself],
    "CRU-C07": [
        CountsItsCalls,
        TellsTheTime,
        KeepsItsDescription,
        KeepsItOnTheClass,
        InTheOrderOfASet,
        NamesItsProcess,
        FillsInOptions,
    ],
    "CRU-C08": [
        *(LoadsNumbersToDescribe, LoadsATableToDescribe, WritesWhenAsked, StartsAProcessWhenAsked),
        *(LoadsATableForItsOptions, ReadsWhatItOffers, ReadsForItsOptions),
    ],
}
