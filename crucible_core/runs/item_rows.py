"""The results per item that a run ended with: the rows of ``outputs``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from crucible_core.contract.persistent import Rows
from crucible_core.ir.errors import CrucibleError
from crucible_core.runs.plain_values import PlainValues
from crucible_core.runs.resuming.stage_state import EPHEMERAL
from crucible_core.trace.skimming import skim_events

if TYPE_CHECKING:
    from crucible_core.plugins.codec_ref import CodecRef
    from crucible_core.runs.directory import RunDirectory

__all__ = ["item_rows"]

_NAMES = frozenset({"run_start", "stage_stop", "stage_skip"})


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
    rows: list[Any] = []
    for added in _additions(run):
        if added.get("rows") == EPHEMERAL:
            raise CrucibleError("a stage did not let its rows be kept: it declares outputs as ephemeral")
        start, more = added.get("from"), values.decode(added.get("rows"))
        if isinstance(more, (list, tuple, Rows)):
            rows[start if isinstance(start, int) and start >= 0 else len(rows) :] = more
    return [row for row in rows if isinstance(row, Mapping)]


def _additions(run: RunDirectory) -> list[Mapping[str, Any]]:
    """Return what was given and what each stage added, in the order of the stages.

    When a run goes on, what stages added that do not count any more is forgotten.
    """
    given: Mapping[str, Any] | None = None
    added: dict[str, Mapping[str, Any] | None] = {}
    for _, event in skim_events(run.journal, _NAMES):
        payload = event.payload if event is not None and isinstance(event.payload, Mapping) else {}
        if event is None:
            continue
        if event.event_name == "run_start":
            given = _outputs(payload)
            kept = payload.get("kept") or ()
            added = {stage: what for stage, what in added.items() if payload.get("resumed") and stage in kept}
        elif event.stage is not None:
            added.pop(event.stage, None)
            added[event.stage] = _outputs(payload)
    return [each for each in (given, *added.values()) if each is not None]


def _outputs(payload: Mapping[str, Any]) -> Mapping[str, Any] | None:
    state = payload.get("state")
    outputs = state.get("outputs") if isinstance(state, Mapping) else None
    return outputs if isinstance(outputs, Mapping) else None
