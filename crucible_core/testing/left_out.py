"""Checks of the catalogue that the kit does not make, and why; the documentation lists them."""

from __future__ import annotations

from collections.abc import Mapping

LEFT_OUT: Mapping[str, str] = {
    "CRU-C11": "whether a version breaks the one before it is a matter of a recorded baseline, which no stage has "
    "before its first release; `crucible stages describe NAME --json` of both versions shows the difference",
    "CRU-D09": "options are checked by the planner before any stage of a run begins, whatever the stage does",
    "CRU-E08": "another hash seed is part of E07, as is another seed of the run for a stage that claims bitwise; that "
    "a result differs with the seed can be asked of no stage: one that hands the seed to a solver, which draws only "
    "for other data than those of an example, or that rounds, is right and gives one result",
    "CRU-H02": "two threads in one process share what libraries keep globally, so that a stage that is right may "
    "differ; the core runs the stages of a run one after the other",
    "CRU-H04": "how much memory grows over many runs depends on the allocator and on caches of libraries; a limit that "
    "spares those finds no leak that matters",
    "CRU-I01": "examples in a description are executed by E01; code in a plugin's README is its own documentation's, "
    "with tests of its own",
    "CRU-I03": "the command prints what the core read from describe(), which C06 and C07 hold to be the same "
    "everywhere; it would be the core agreeing with itself",
}
"""Id, which no check may take, to the reason."""
