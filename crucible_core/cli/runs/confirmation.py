"""Ask before something goes that cannot be had back."""

from __future__ import annotations

import click

from crucible_core.ir.errors import CrucibleError

__all__ = ["NotConfirmedError", "confirm"]


class NotConfirmedError(CrucibleError):
    """Nobody said yes; nothing was done."""

    exit_code = 2


def confirm(question: str) -> None:
    """Go on only where a person, or what is piped in, says yes.

    Raises:
        NotConfirmedError: The answer is no, or there is none.
    """
    try:
        agreed = click.confirm(question, err=True)
    except click.Abort:
        raise NotConfirmedError("nothing was deleted: nobody answered", hint="--yes deletes without asking") from None
    if not agreed:
        raise NotConfirmedError("nothing was deleted")
