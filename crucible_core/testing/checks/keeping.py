"""Group E: whether a run can go on from what a stage leaves behind."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crucible_core.contract.options import option_values
from crucible_core.contract.paths import covers, fill
from crucible_core.testing.check import Finding, Level, NotApplicableError, check
from crucible_core.testing.trial import SUBJECT, plain_rows

if TYPE_CHECKING:
    from crucible_core.testing.case import Case
    from crucible_core.testing.trial import Trial


@check("E12", "what it leaves behind can be kept, or is declared ephemeral", level=Level.RECOMMENDED, after=["E01"])
def values_can_be_kept(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """Each value that an example leaves in ``assigns``, ``artifacts`` or ``outputs`` can be written and read back.

    Those that the stage declares ``ephemeral`` need not be; those it declares ``pickled`` may be pickled. Types of
    libraries have codecs where the library is installed.

    Why: a recorded run keeps what each stage leaves behind, so that it can go on after a failure. A value that nothing
    can keep fails the run at this stage, with the code ``no_codec``.

    Fix: hand on data instead of the object that holds them; or declare ``ephemeral = ("assigns.session",)`` where the
    stage can make the value again, ``pickled = ("assigns.model",)`` where it may be pickled; or offer a codec for the
    type by the hook ``crucible_register_codecs``.
    """
    del facts
    found = False
    with tempfile.TemporaryDirectory() as directory:
        for trial in case.firsts(failing=False):
            for path, value in _left(trial):
                found = True
                yield from _kept(case, trial, path, value, Path(directory))
    if not found:
        raise NotApplicableError("its examples leave nothing but metrics")


def _left(trial: Trial) -> Iterator[tuple[str, Any]]:
    for room in ("assigns", "artifacts"):
        for key, value in trial.changes_of(room).items():
            yield f"{room}.{key}", value
    before, after = plain_rows(trial.before), [] if trial.result is None else plain_rows(trial.result)
    if after[len(before) :]:
        yield "outputs", after[len(before) :]


def _kept(case: Case, trial: Trial, path: str, value: Any, directory: Path) -> Iterator[Finding]:
    from crucible_core.contract.errors import CrucibleError
    from crucible_core.plugins.registry import default_registry
    from crucible_core.runs.codecs import NoCodecError, ObjectStore, Values

    about, planned = case.description, case.planned(trial.example)[0]
    own = {**option_values(planned.options), "id": SUBJECT}

    def declares(paths: tuple[str, ...]) -> bool:
        return any(covers(each, path) for each in fill(paths, own))

    if declares(about.ephemeral):
        return
    values, pickled = Values(ObjectStore(directory), default_registry().codecs), declares(about.pickled)
    try:
        encoded = values.encode(value, pickled=pickled, where=path)
        values.decode(encoded, pickled=pickled)
    except NoCodecError as error:
        yield Finding(f"{path} of the example {trial.example.summary!r} to be kept, or declared ephemeral", str(error))
    except CrucibleError as error:
        yield Finding(f"{path} of the example {trial.example.summary!r} to be read back", str(error))
