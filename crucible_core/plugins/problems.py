"""The ways in which code that an entry point names can fail to be what it should be."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

__all__ = ["LoadProblem", "LoadProblemError", "ProblemKind"]


class ProblemKind(StrEnum):
    """What happened."""

    MODULE_MISSING = "module_missing"
    """The module that the entry point names is not there."""
    DEPENDENCY_MISSING = "dependency_missing"
    """The module imports another one that is not installed."""
    SYNTAX_ERROR = "syntax_error"
    RAISES = "raises"
    """Importing, making or describing raised an exception."""
    EXITS = "exits"
    """It ended the process: ``sys.exit`` or ``os._exit``."""
    CRASHES = "crashes"
    """It died of a signal."""
    HANGS = "hangs"
    """It was not done within the time limit."""
    ATTRIBUTE_MISSING = "attribute_missing"
    """The module has no such attribute."""
    NOT_A_STAGE = "not_a_stage"
    """It is not a class with ``run`` and ``describe``."""
    NOT_A_CODEC = "not_a_codec"
    """It is not a class, made without arguments, with ``write`` and ``read``."""
    NOT_A_COMMAND = "not_a_command"
    """It is not a click command."""
    BAD_HOOKS = "bad_hooks"
    """The hook module implements hooks that do not exist, or in a way that does not fit."""
    BAD_DESCRIPTION = "bad_description"
    """What ``describe()`` returned is not a description."""
    WRONG_NAME = "wrong_name"
    """The stage calls itself by another name than its entry point."""


class LoadProblem(NamedTuple):
    """One failure, for a person and for a program.

    Attributes:
        kind: Which of the ways it is.
        reason: One line: what happened, with ``file:line`` where there is one.
        missing: The module that was looked for, where one was.
        place: ``file:line`` of the code to correct, where it is known.
    """

    kind: ProblemKind
    reason: str
    missing: str = ""
    place: str = ""


class LoadProblemError(Exception):
    """Carries a problem from where it was found to where it is reported."""

    def __init__(self, problem: LoadProblem) -> None:
        super().__init__(problem.reason)
        self.problem = problem
