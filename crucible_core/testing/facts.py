"""Facts about a stage that one process finds out for another; each a function of the process's respondent."""

from __future__ import annotations

import base64
import contextlib
import json
import pickle
from typing import TYPE_CHECKING, Any

from crucible_core.contract.errors import named
from crucible_core.testing.example_texts import families_in
from crucible_core.testing.hash_orders import telling_seed
from crucible_core.testing.other_data import with_other_numbers
from crucible_core.testing.trial import KEYED

if TYPE_CHECKING:
    from crucible_core.contract.description import StageDescription
    from crucible_core.contract.example import StageExample
    from crucible_core.testing.case import Case
    from crucible_core.testing.serving import Respondent


def importing(respondent: Respondent) -> dict[str, Any]:
    """Import the stage's module, once per process, and return what that did; `first_import` says in which form."""
    from crucible_core.testing.first_import import first_import

    return first_import(respondent)


def weak_traits(respondent: Respondent) -> dict[str, str]:
    """Return the traits that are weaker than the default, each with the reason that the stage gives."""
    traits = respondent.case.description.traits
    return {name: str(traits.reasons.get(name, "no reason")) for name in traits.weak}


def describing(respondent: Respondent) -> dict[str, Any]:
    """Make, describe and plan the stage, and return what that did; `first_description` says in which form."""
    from crucible_core.testing.first_description import first_description

    return first_description(respondent)


def described(respondent: Respondent) -> str:
    """Return the description as JSON text with sorted keys."""
    return as_described(respondent.case.description)


def as_described(description: StageDescription) -> str:
    """Return a description as JSON text with sorted keys."""
    return json.dumps(description.to_dict(), sort_keys=True, indent=1)


def hash_seed(respondent: Respondent) -> int:
    """Return the seed of hashes for another process, under which sets of the examples' texts have another order."""
    return telling_seed(families_in(respondent.case.examples))


def products(respondent: Respondent) -> list[dict[str, str]]:
    """Return what each example comes to, in canonical form.

    They are run from the last to the first, each after a run with other numbers: what a stage remembers of these, and
    takes for the results of others, is not what it remembers in a process that runs the first one first.
    """
    case = respondent.case
    found = []
    for example in reversed(case.examples):
        with contextlib.suppress(Exception):  # whatever it is that those numbers lead to
            case.run(example, change=with_other_numbers)
        found.append(case.first(example).product())
    return found[::-1]


def succeeding_products(respondent: Respondent) -> list[dict[str, str]]:
    """Return what each example that is to succeed comes to, in order, in canonical form."""
    return [respondent.case.first(example).product() for example in respondent.case.succeeding]


def pickled(respondent: Respondent) -> list[dict[str, str]]:
    """Pickle, for each succeeding example, the stage, its options and its context; and what came of them, to try that.

    Each is ``{"payload": base64, "error": why not}``.
    """
    return [_pickled(respondent.case, example) for example in respondent.case.succeeding]


def _pickled(case: Case, example: StageExample) -> dict[str, str]:
    planned, _ = case.planned(example)
    made: dict[str, Any] = {"stage": planned.stage}
    if _why_not(example.make("options")) is None:  # else they are made anew there, as the context below
        made["options"] = planned.options
    came = case.run(example)
    returned: Any = came.result
    if _why_not(case.context(example)) is None:
        made["context"] = case.context(example)
    else:  # the example's own data do not: they are made there anew, and what is asked for is what the stage added
        returned = [came.changes_of(room) for room in KEYED]
    for what, each in (*made.items(), ("returned context", returned)):
        why = _why_not(each)
        if why is not None:
            return {"payload": "", "error": f"its {what} does not pickle: {why}"}
    return {"payload": base64.b64encode(pickle.dumps(made)).decode(), "error": ""}


def _why_not(value: Any) -> str | None:
    """Say why a value does not pickle, or None."""
    try:
        pickle.dumps(value)
    except Exception as error:  # noqa: BLE001 - whatever an object raises that does not pickle
        return named(error)
    return None


def unpickled_products(respondent: Respondent, payloads: list[dict[str, str]]) -> list[dict[str, str]]:
    """Run what another process pickled; return what it comes to, or ``{"error": ...}``."""
    return [_unpickled(respondent.case, index, each["payload"]) for index, each in enumerate(payloads)]


def _unpickled(case: Case, index: int, payload: str) -> dict[str, str]:
    try:
        made = pickle.loads(base64.b64decode(payload))  # noqa: S301 - the kit's own, of a moment ago
    except Exception as error:  # noqa: BLE001 - whatever an object raises that does not come back
        return {"error": f"it pickles, but does not unpickle: {named(error)}"}
    came = case.run(case.succeeding[index], **made)
    return came.product() if came.failure is None else {"error": came.ended}
