"""Facts about a stage that one process finds out for another; each a function of the process's respondent."""

from __future__ import annotations

import base64
import json
import pickle
import sys
from typing import TYPE_CHECKING, Any

from crucible_core.contract.errors import named
from crucible_core.testing import recorded_calls

if TYPE_CHECKING:
    from crucible_core.contract.example import StageExample
    from crucible_core.testing.case import Case
    from crucible_core.testing.serving import Respondent


def importing(respondent: Respondent) -> dict[str, Any]:
    """Import the stage's module, once per process, and return what that did; `first_import` says in which form."""
    from crucible_core.testing.first_import import first_import

    return first_import(respondent)


def describing(respondent: Respondent) -> dict[str, Any]:
    """Describe the stage; return the description as text, what was loaded meanwhile, and what was called."""
    respondent.case.kind  # noqa: B018 - importing is not describing
    before = set(sys.modules)
    with recorded_calls.recording(imports=True) as calls:
        said = described(respondent)
    loaded = sorted(set(sys.modules) - before)
    return {"text": said, "modules": loaded, "written": calls.written, "network": calls.network}


def described(respondent: Respondent) -> str:
    """Return the description as JSON text with sorted keys."""
    return json.dumps(respondent.case.description.to_dict(), sort_keys=True, indent=1)


def products(respondent: Respondent) -> list[dict[str, str]]:
    """Return what each example comes to, in order, in canonical form."""
    return [trial.product() for trial in respondent.case.firsts()]


def pickled(respondent: Respondent) -> list[dict[str, str]]:
    """Pickle, for each succeeding example, the stage, its options and its context; and what came of them, to try that.

    Each is ``{"payload": base64, "error": why not}``.
    """
    return [_pickled(respondent.case, example) for example in respondent.case.succeeding]


def _pickled(case: Case, example: StageExample) -> dict[str, str]:
    planned, _ = case.planned(example)
    made = {"stage": planned.stage, "options": planned.options, "context": case.context(example)}
    for what, each in (*made.items(), ("returned context", case.first(example).result)):
        try:
            pickle.dumps(each)
        except Exception as error:  # noqa: BLE001 - whatever an object raises that does not pickle
            return {"payload": "", "error": f"its {what} does not pickle: {named(error)}"}
    return {"payload": base64.b64encode(pickle.dumps(made)).decode(), "error": ""}


def unpickled_products(respondent: Respondent, payloads: list[str]) -> list[dict[str, str]]:
    """Run what another process pickled; return what it comes to, or ``{"error": ...}``."""
    return [_unpickled(respondent.case, index, payload) for index, payload in enumerate(payloads)]


def _unpickled(case: Case, index: int, payload: str) -> dict[str, str]:
    try:
        made = pickle.loads(base64.b64decode(payload))  # noqa: S301 - the kit's own, of a moment ago
    except Exception as error:  # noqa: BLE001 - whatever an object raises that does not come back
        return {"error": f"it pickles, but does not unpickle: {named(error)}"}
    return case.run(case.succeeding[index], **made).product()
