"""Facts about a stage that one process finds out for another; each a function of the process's respondent."""

from __future__ import annotations

import base64
import json
import pickle
import sys
import time
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from crucible_core.contract.errors import named
from crucible_core.testing import recorded_calls, surroundings

if TYPE_CHECKING:
    from crucible_core.contract.example import StageExample
    from crucible_core.testing.case import Case
    from crucible_core.testing.printed import Printed
    from crucible_core.testing.serving import Respondent


def importing(respondent: Respondent) -> dict[str, Any]:
    """Import the stage's module, once per process, and return what that did.

    ``modules``: what is loaded besides what was; ``changes``: aspects of the process's state that changed;
    ``leaks``; ``written``, ``network``, ``processes``; ``printed``; ``seconds``; ``error``: what it raised, or None.
    """
    _preload()
    tmp = respondent.home / "tmp"
    before_modules, state, held = set(sys.modules), surroundings.state(), surroundings.held(tmp)
    error = None
    began = time.perf_counter()
    with recorded_calls.recording(imports=True) as calls, _captured() as printed:
        try:
            respondent.case.kind  # noqa: B018 - it is the import that is looked at
        except Exception as raised:  # noqa: BLE001 - whatever a module raises
            error = named(raised)
    return {
        "seconds": time.perf_counter() - began,
        "modules": sorted(set(sys.modules) - before_modules),
        "changes": surroundings.differences(state, surroundings.state()),
        "leaks": surroundings.leaks(held, tmp),
        "written": calls.written,
        "network": calls.network,
        "processes": calls.processes,
        "printed": printed.start,
        "error": error,
    }


def weak_traits(respondent: Respondent) -> dict[str, str]:
    """Return the traits that are weaker than the default, each with the reason that the stage gives."""
    traits = respondent.case.description.traits
    return {name: str(traits.reasons.get(name, "no reason")) for name in traits.weak}


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


def _preload() -> None:
    """Import what the kit itself needs, so that it does not count as the stage's."""
    from crucible_core.testing import case

    del case


def _captured() -> AbstractContextManager[Printed]:
    from crucible_core.testing.printed import captured_output

    return captured_output()
