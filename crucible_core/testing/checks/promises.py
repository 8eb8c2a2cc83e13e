"""What a stage promises by its traits and paths: that it can be true, and is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from crucible_core.contract.paths import placeholders
from crucible_core.testing.check import Finding, NotApplicableError, check
from crucible_core.testing.data_flow import is_open
from crucible_core.testing.unnamed_inputs import unnamed_inputs

if TYPE_CHECKING:
    from crucible_core.testing.case import Case


@check("C15", "traits do not contradict each other", after=["C01"])
def traits_agree(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """A cacheable stage repeats its results (``bitwise`` or ``seeded``), and leaves nothing that is ``ephemeral``.

    Why: the cache takes such a stage at its word or, as Crucible's does, leaves it out; either way somebody is misled.

    Fix: take ``cacheable=True`` out; or draw from the run's seed, and hand on data that can be kept.
    """
    del facts
    about = case.description
    if not about.traits.cacheable:
        raise NotApplicableError("it does not say that it is cacheable")
    if about.traits.determinism == "none":
        yield Finding("a cacheable stage to repeat its results", "its determinism is 'none'")
    if about.ephemeral:
        yield Finding("a cacheable stage to leave what can be kept", f"{', '.join(about.ephemeral)} is ephemeral")


@check("C16", "metrics are written under the stage's own id", after=["C01", "C02"])
def metrics_are_its_own(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """Each path in ``metrics`` that a stage declares to write has ``{id}`` in it, or an option that says where.

    Why: the same stage can be used twice in a pipeline. Under a fixed key, or its name, the second takes the place of
    the first, and nobody sees whose result it is.

    Fix: ``writes = ("metrics.{id}",)`` and ``context.put_metric(context.runtime.stage_id, ...)``; several results are
    several keys within.
    """
    del facts
    about = case.description
    written = [path for path in (*about.writes, *about.may_write) if path.startswith("metrics.")]
    if not written:
        raise NotApplicableError("it writes no metrics, or says where by an option")
    for path in written:
        if not (placeholders(path) or is_open(path)):
            yield Finding("a path in metrics with {id} in it, such as 'metrics.{id}'", repr(path))


@check("E14", "what a cacheable stage reads is named by its options or in its context", after=["E01", "C15"])
def cacheable_reads_are_named(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """The stage's own code asks for no variable of the environment, and reads no file that nothing names.

    A file is named by an option, by a text in the data, or lies in the stage's own package; temporary files and its own
    artifacts do not count. Nor do variables that it sets meanwhile, or copies all of, for a process that it starts.
    What libraries read for themselves is not looked at.

    Why: a result is used again where options, inputs and code are the same. A variable or a file that is no part of
    them changes, and the result of before comes back.

    Fix: make it an option (``path`` for a file), or take ``cacheable=True`` out.
    """
    del facts
    if not case.description.traits.cacheable:
        raise NotApplicableError("it does not say that it is cacheable")
    for trial in (*case.firsts(), *case.seconds()):
        for what in unnamed_inputs(case, trial):
            yield Finding(f"only what is named to be read in the example {trial.example.summary!r}", what)
