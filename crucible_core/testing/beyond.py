"""Checks that the kit makes besides those of the catalogue it began with, and why; the documentation marks them."""

from __future__ import annotations

from collections.abc import Mapping

BEYOND: Mapping[str, str] = {
    "CRU-C12": "an open path, the type `any` and a weak trait each switch checks off, so that they need a reason",
    "CRU-C13": "C10 asks for the form of a version, which `0.0.0`, that of a stage that does not say, has",
    "CRU-C14": "a reason that outlives what it was for misleads as much as one that is missing",
    "CRU-C15": "each trait is held to what a stage does, and none to the others",
    "CRU-C16": "the contract says so, and no check did; a pipeline may use one stage twice",
    "CRU-C17": "what a stage says with options is what a plan goes by, what it says without is what everybody reads",
    "CRU-D10": "a secret is the one type of option whose value nobody is to see",
    "CRU-E12": "a run goes on from what its stages left behind, which was no part of the contract before",
    "CRU-E13": "E05 asks how a run with bad data ends, not what it does on the way",
    "CRU-E14": "a trait that no check looked at; a wrong one brings back results of other inputs",
    "CRU-E15": "a verdict decides whether a run fails, so that it has to be one",
    "CRU-E16": "C07 asks before anything has run, and a run may change what the answer is made from",
    "CRU-E17": "a report refuses a drawing that is none or could act, which shows when it is too late",
    "CRU-E18": "a manifest goes into the record of every run, where nobody holds it against the rows",
    "CRU-G06": "what is drawn of steps and progress is looked at more than anything else",
    "CRU-I04": "the kit tries of a stage what its examples use, so that they have to use every option",
    "CRU-I05": "likewise every value of an enum",
    "CRU-I06": "likewise they have to show at least once that the stage works",
    "CRU-I07": "what an example shows is documentation, and how the kit calls it in a message",
}
"""Id to the reason."""
