"""Whether a secret that a stage was given can be seen in what it leaves and says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from crucible_core.testing.case import RefusedError
from crucible_core.testing.option_trials import base_options, example_with

if TYPE_CHECKING:
    from crucible_core.testing.case import Case
    from crucible_core.testing.trial import Trial

_SECRET = "n0t-t0-be-sh0wn-7f3a"  # noqa: S105 - it opens nothing
_NOT_LOOKED_AT = "['assigns']"


def run_with_a_secret(case: Case, name: str) -> Iterator[tuple[str, Trial]]:
    """Yield a run with a secret of the kit's own, and that; none where the stage takes no such text for it."""
    example = example_with(case, name)
    try:
        yield _SECRET, case.run(example, options={**base_options(case, example), name: _SECRET})
    except RefusedError:
        return


def shown_in(trial: Trial, secret: str) -> Iterator[str]:
    """Yield where a text can be seen in what came of a run, and in what it said."""
    for place, text in trial.product().items():
        if not place.startswith(_NOT_LOOKED_AT) and (secret in text or secret in place):
            yield place.strip(":").replace(secret, "...")
    yield from (f"the file {name}" for name, held in trial.files.items() if secret.encode() in held)
    told = ("stage_start", "stage_stop")  # what they say of the results was said above
    yield from ("an event" for line in trial.events if secret in line and not any(f'"{name}"' in line for name in told))
    if trial.failure is not None and secret in trial.ended:
        yield "the message of its failure"
    if secret in trial.printed[0]:
        yield "what it prints"
