"""Stages that fail a check of group E, each for one reason."""

from __future__ import annotations

import dataclasses
import os
import random
import time

from sound import ROWS, Sound

from crucible_core import Context, StageError, StageExample, Traits
from crucible_core.contract.persistent import FrozenMap, Rows


class SaysItFails(Sound):
    """An example is to fail, and succeeds."""

    examples = (*Sound.examples, StageExample("Wrong.", options={"field": "score"}, outputs=ROWS, raises="no_scores"))


class CrashesOnItsExample(Sound):
    """An example is to succeed, and crashes."""

    examples = (*Sound.examples, StageExample("Wrong.", options={"field": "score"}, outputs=[{"score": None}] * 2))

    def scores(self, context, options):
        return [row["score"] + 0 for row in context.outputs] and super().scores(context, options)


class ChangesRows(Sound):
    """Writes into the rows it was given."""

    def run(self, context, options):
        for row in context.outputs:
            row["seen"] = True
        return super().run(context, options)


class SortsItsInput(Sound):
    """Sorts a list that another stage left."""

    may_read = (*Sound.may_read, "assigns.order")
    examples = (
        *Sound.examples,
        StageExample("In order.", options={"field": "score"}, outputs=ROWS, assigns={"order": [3, 1, 2]}),
    )

    def run(self, context, options):
        order = context.assigns.get("order")
        if isinstance(order, list) and all(isinstance(each, int) for each in order):
            order.sort()
        return super().run(context, options)


class SetsAFieldOfItsContext(Sound):
    """Writes into the context itself, past its being frozen."""

    def run(self, context, options):
        vars(context)["telemetry_context"] = {"seen": True}
        return super().run(context, options)


class StartsAnew(Sound):
    """Returns a context of its own making."""

    def run(self, context, options):
        found = super().run(context, options)
        return Context(
            experiment_id=context.experiment_id,
            run_id=context.run_id,
            experiment=context.experiment,
            metrics={context.runtime.stage_id: found.metrics[context.runtime.stage_id]},
            outputs=found.outputs,
            assigns={"weights": found.assigns["weights"]} if "weights" in found.assigns else None,
        )


class DropsMetrics(Sound):
    """Keeps only its own metric."""

    def run(self, context, options):
        found = super().run(context, options)
        own = {context.runtime.stage_id: found.metrics[context.runtime.stage_id]}
        return found._with("metrics", type(Context().metrics)(own))


class DropsVerdicts(Sound):
    """Takes out the verdicts of others."""

    def run(self, context, options):
        return super().run(context, options)._with("_verdicts", Rows())


class ForgetsWhoIsDone(Sound):
    """Takes out which stages are completed."""

    def run(self, context, options):
        return super().run(context, options)._with("_completed", FrozenMap())


class AddsToWhatTheCallerTold(Sound):
    """Changes what the caller wants to see in the record."""

    def run(self, context, options):
        told = {**context.telemetry_context, "field": options.field}
        return super().run(context, options)._with("telemetry_context", FrozenMap(told))


class AddsAField(Sound):
    """Gives the context a field of its own."""

    def run(self, context, options):
        return super().run(context, options)._with("last_field", options.field)


class LooksInTheText(Sound):
    """Looks for a metric of another stage in the text that Python shows for all of them."""

    def run(self, context, options):
        assert "forbidden" not in repr(context.metrics)
        return super().run(context, options)


class ReadsBehindTheBack(Sound):
    """Reads a metric it does not declare."""

    def run(self, context, options):
        assert context.get_metric("baseline") is None
        return super().run(context, options)


class WritesBehindTheBack(Sound):
    """Leaves a value it does not declare."""

    def run(self, context, options):
        return super().run(context, options).assign(last_field=options.field)


class PromisesAMetric(Sound):
    """Declares to write always what it writes sometimes."""

    writes = ("metrics.{id}", "assigns.weighted")

    def run(self, context, options):
        found = super().run(context, options)
        return found.assign(weighted=True) if "weights" in context.assigns else found


class DeclaresTooMuch(Sound):
    """Declares an input that it never looks at."""

    may_read = (*Sound.may_read, "artifacts.model")


class WritesUnderItsName(Sound):
    """Writes under its name instead of its id."""

    def run(self, context, options):
        found = super().run(context, options)
        return context.put_metric("sound", found.metrics[context.runtime.stage_id])


class LooksAtEverything(Sound):
    """Goes through all metrics without declaring it."""

    def run(self, context, options):
        assert not [name for name in context.metrics if name.startswith("forbidden")]
        return super().run(context, options)


class CrashesWithoutRows(Sound):
    """Divides by the number of rows it got."""

    def run(self, context, options):
        assert 1 / len(context.outputs)
        return super().run(context, options)


class CrashesOnNull(Sound):
    """Takes for granted that every field has a value."""

    def run(self, context, options):
        assert all(row.get("score", 0) >= 0 for row in context.outputs)
        return super().run(context, options)


class CrashesWithoutAField(Sound):
    """Takes for granted that every row has the field."""

    def run(self, context, options):
        assert all(row["group"] for row in context.outputs)
        return super().run(context, options)


class UndeclaredCode(Sound):
    """Fails with a code it does not declare, on data that no example shows."""

    def scores(self, context, options):
        if any(row.get("score") != row.get("score") for row in context.outputs):
            raise StageError("nan_found", "a score is not a number")
        return super().scores(context, options)


class SaysNothing(Sound):
    """Fails without a word."""

    def scores(self, context, options):
        try:
            return super().scores(context, options)
        except StageError as error:
            raise StageError(error.code, "") from error


class PassesNothingOn(Sound):
    """Fails with nothing in the place of a message."""

    def scores(self, context, options):
        try:
            return super().scores(context, options)
        except StageError as error:
            raise StageError(error.code, None) from error


class ShowsAnObject(Sound):
    """Puts an object into the details of its error."""

    def scores(self, context, options):
        try:
            return super().scores(context, options)
        except StageError as error:
            raise StageError(error.code, str(error), culprit=object()) from error


class PassesTheErrorOn(Sound):
    """Puts the error itself into the details of its error."""

    def scores(self, context, options):
        try:
            return super().scores(context, options)
        except StageError as error:
            raise StageError(error.code, str(error), cause=error) from error


class ListsInASet(Sound):
    """Puts a set into the details, within a list."""

    def scores(self, context, options):
        try:
            return super().scores(context, options)
        except StageError as error:
            fields = [{name for row in context.outputs for name in row}]
            raise StageError(error.code, str(error), fields=fields) from None


class ShowsAnArray(Sound):
    """Puts an array into the details."""

    def scores(self, context, options):
        import numpy as np

        try:
            return super().scores(context, options)
        except StageError as error:
            raise StageError(error.code, str(error), seen=np.zeros(len(context.outputs))) from None


class DrawsWithoutSeed(Sound):
    """Draws from the operating system's randomness."""

    def scores(self, context, options):
        return [score + int.from_bytes(os.urandom(2), "big") for score in super().scores(context, options)]


class ClaimsBitwise(Sound):
    """Says that the seed does not matter, and draws from it."""

    def scores(self, context, options):
        noise = context.runtime.rng().random()
        return [score + noise for score in super().scores(context, options)]


class DependsOnHashes(Sound):
    """Lets the order of a set decide."""

    def scores(self, context, options):
        first = next(iter({"alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta"}))
        return [score + len(first) * 100 + ord(first[0]) for score in super().scores(context, options)]


class TellsTheTime(Sound):
    """Puts the time into its result."""

    traits = Traits(determinism="seeded")

    def scores(self, context, options):
        return [score + time.time() for score in super().scores(context, options)]


class CountsItsRuns(Sound):
    """Remembers over runs."""

    runs = 0

    def scores(self, context, options):
        type(self).runs += 1
        return [score + self.runs for score in super().scores(context, options)]


class SeededByItsRun(Sound):
    """Draws from a generator that the id of the run seeds."""

    def scores(self, context, options):
        noise = random.Random(context.run_id).random()
        return [score + noise for score in super().scores(context, options)]


class TakesTheFirstOfTwo(Sound):
    """Lets the order of a set of two groups decide which is the reference."""

    def scores(self, context, options):
        groups = {str(row.get("group")) for row in context.outputs}
        return [
            score + 100 * (min(groups, default="") in list(groups)[:1]) for score in super().scores(context, options)
        ]


class TakesTheFirstOfTwoArms(TakesTheFirstOfTwo):
    """Does so with groups of other names."""

    examples = tuple(
        dataclasses.replace(
            each, outputs=[{**row, "group": {"a": "control", "b": "treatment"}[row["group"]]} for row in each.outputs]
        )
        for each in Sound.examples
    )


class RemembersByStage(Sound):
    """Keeps its first scores for ever, whatever they were made of."""

    kept = {}

    def scores(self, context, options):
        return self.kept.setdefault(context.runtime.stage_id, super().scores(context, options))


class RemembersByCount(Sound):
    """Keeps scores by how many there are, and by all options."""

    kept = {}

    def scores(self, context, options):
        key = len(context.outputs), "weights" in context.assigns, *(value for _, value in options)
        return self.kept.setdefault(key, super().scores(context, options))


class OnlyOnce(Sound):
    """Takes for granted that its metric is not there yet."""

    def run(self, context, options):
        assert not context.has_metric(context.runtime.stage_id)
        return super().run(context, options)


class OnlyOnceInRows(Sound):
    """Adds rows that it cannot read itself."""

    writes = ("metrics.{id}", "outputs")

    def run(self, context, options):
        assert not any("sum_of" in row for row in context.outputs)
        return super().run(context, options).add_output({"sum_of": options.field})


class SwallowsEverything(Sound):
    """Catches what is not its own to catch."""

    def scores(self, context, options):
        try:
            return super().scores(context, options)
        except StageError:
            raise
        except BaseException as error:
            raise StageError("bad_score", repr(error)) from error


class SwallowsAndGoesOn(Sound):
    """Goes on after an interrupt."""

    def run(self, context, options):
        try:
            context.assigns.get("weights")
        except:  # noqa: E722 - the fault
            random.Random(0)
        context.runtime.log("on")
        return (
            context.put_metric(context.runtime.stage_id, {"sum": 0})
            if self._stopped(context)
            else super().run(context, options)
        )

    def _stopped(self, context):
        try:
            return len(context.outputs) < 0
        except BaseException:  # noqa: BLE001 - the fault
            return True


class AnotherCode(Sound):
    """Fails with a code that is not the one it declares."""

    errors = {"no_score": "No row has the field.", "bad_score": "A score or weight is no finite number."}
    examples = (*Sound.examples, StageExample("Nothing.", options={"field": "none"}, outputs=ROWS, raises="no_score"))

    def scores(self, context, options):
        if options.field == "none":
            raise StageError("no_score", "no row has the field none")
        return super().scores(context, options)


FAULTS = {
    "CRU-E01": [SaysItFails, CrashesOnItsExample],
    "CRU-E02": [ChangesRows, SortsItsInput, SetsAFieldOfItsContext],
    "CRU-E03": [StartsAnew, DropsMetrics, DropsVerdicts, ForgetsWhoIsDone, AddsToWhatTheCallerTold, AddsAField],
    "CRU-E04": [
        ReadsBehindTheBack,
        WritesBehindTheBack,
        PromisesAMetric,
        DeclaresTooMuch,
        WritesUnderItsName,
        LooksAtEverything,
        LooksInTheText,
    ],
    "CRU-E05": [CrashesWithoutRows, CrashesOnNull, CrashesWithoutAField, UndeclaredCode],
    "CRU-E06": [
        *(SaysNothing, PassesNothingOn, ShowsAnObject, AnotherCode),
        *(PassesTheErrorOn, ListsInASet, ShowsAnArray),
    ],
    "CRU-E07": [
        *(DrawsWithoutSeed, ClaimsBitwise, DependsOnHashes, TellsTheTime, CountsItsRuns, SeededByItsRun),
        *(TakesTheFirstOfTwo, TakesTheFirstOfTwoArms, RemembersByStage, RemembersByCount),
    ],
    "CRU-E10": [OnlyOnce, OnlyOnceInRows],
    "CRU-E11": [SwallowsEverything, SwallowsAndGoesOn],
}
