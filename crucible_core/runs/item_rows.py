"""The results per item that a run ended with: the rows of ``outputs``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from crucible_core.contract.persistent import Rows
from crucible_core.ir.errors import CrucibleError
from crucible_core.runs.plain_values import PlainValues
from crucible_core.runs.resuming.stage_state import EPHEMERAL
from crucible_core.runs.stage_results import read_stage_results

if TYPE_CHECKING:
    from crucible_core.plugins.codec_ref import CodecRef
    from crucible_core.runs.directory import RunDirectory

__all__ = ["item_rows"]


def item_rows(run: RunDirectory, codecs: Callable[[], Iterable[CodecRef]] = tuple) -> Sequence[Mapping[str, Any]]:
    """Return the rows of ``outputs`` as the run left them, from what its journal says of each stage.

    Args:
        run: Where its record lies.
        codecs: The codecs there are, for values of theirs in a row.

    Raises:
        JournalError: The journal cannot be read.
        CrucibleError: Rows that it names are missing or damaged, or nothing here reads them.
    """
    values = PlainValues(run.checkpoints, codecs)
    results = read_stage_results(run.journal)
    rows: list[Any] = []
    for state in (results.given, *map(results.state, results.payloads)):
        added = state.get("outputs")
        if not isinstance(added, Mapping):
            continue
        if added.get("rows") == EPHEMERAL:
            raise CrucibleError("a stage did not let its rows be kept: it declares outputs as ephemeral")
        start, more = added.get("from"), values.decode(added.get("rows"))
        if isinstance(more, (list, tuple, Rows)):
            rows[start if isinstance(start, int) and start >= 0 else len(rows) :] = more
    return [row for row in rows if isinstance(row, Mapping)]
