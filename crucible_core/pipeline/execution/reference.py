"""A stage by where it is found, so that another process finds the same one, or says that it does not."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from crucible_core.contract.errors import CrucibleError
from crucible_core.plugins.discover import STAGES
from crucible_core.plugins.loading import load_object, load_stage
from crucible_core.plugins.names import normalise
from crucible_core.plugins.problems import LoadProblemError
from crucible_core.plugins.record import CORE, StageRef

if TYPE_CHECKING:
    from crucible_core.pipeline.loading import Loaded


class UnresolvableError(CrucibleError):
    """A stage that no other process can find."""


class ChangedStageError(CrucibleError):
    """A stage that is another one than when the run was planned."""


@dataclass(frozen=True, slots=True)
class StageReference:
    """Where a stage is found, and what it must be there.

    Args:
        name: The stage's name.
        value: ``module:Class``.
        version: What the class says its version is.
        module: The module in which the class is defined.
        source_sha256: Hash of that module's file.
        distribution: Normalised name of the distribution whose entry point it is; None for a class named by the spec.
        distribution_version: That distribution's version.
    """

    name: str
    value: str
    version: str
    module: str
    source_sha256: str
    distribution: str | None = None
    distribution_version: str | None = None


def reference_to(loaded: Loaded) -> StageReference:
    """Return the reference to a stage that is loaded here.

    Raises:
        UnresolvableError: No other process could find it.
    """
    ref, kind = loaded.ref, loaded.kind
    value = ref.value or f"{kind.__module__}:{kind.__qualname__}"
    module = value.partition(":")[0]
    if "__main__" in (module, kind.__module__):
        raise UnresolvableError(f"{value} is in the program itself, which no other process can import")
    if ref.target is not None and not _is_importable(value, kind):
        raise UnresolvableError(f"{ref.name} is computed, and {value} is not its class")
    sha256 = _source_hash(kind.__module__)
    if sha256 is None:
        raise UnresolvableError(f"the module {kind.__module__} has no file by which another process could tell it")
    version = loaded.description.version
    return StageReference(ref.name, value, version, kind.__module__, sha256, ref.distribution, ref.version)


def resolved(reference: StageReference) -> type:
    """Return the class of a reference, imported here.

    Raises:
        ChangedStageError: It cannot be loaded, or is not the one that was meant.
    """
    _check_distribution(reference)
    sha256 = _source_hash(reference.module)  # before it is imported: what changed is not executed
    if sha256 != reference.source_sha256:
        what = "is not there any more" if sha256 is None else "is another one now"
        raise _changed(reference, f"the file of the module {reference.module} {what}")
    try:
        kind = load_stage(StageRef(reference.name, reference.value))
    except LoadProblemError as error:
        raise _changed(reference, f"{reference.value} cannot be loaded: {error.problem.reason}") from None
    version = getattr(kind, "version", None)
    if kind.__module__ != reference.module or (isinstance(version, str) and version != reference.version):
        raise _changed(reference, f"{reference.value} is version {version} of {kind.__module__} now")
    return kind


def _is_importable(value: str, kind: type) -> bool:
    try:
        return load_object(value) is kind
    except LoadProblemError:
        return False


def _source_hash(name: str) -> str | None:
    """Return the hash of a module's file, imported or not; None where there is none."""
    try:
        loaded = sys.modules.get(name)
        spec = getattr(loaded, "__spec__", None) if loaded is not None else importlib.util.find_spec(name)
        return hashlib.sha256(Path(spec.origin).read_bytes()).hexdigest() if spec and spec.origin else None
    except (ImportError, OSError, ValueError, AttributeError):
        return None


def _check_distribution(reference: StageReference) -> None:
    """Hold version and entry point of the distribution to what they were."""
    name = reference.distribution
    if name is None:
        return
    if name == CORE:
        from crucible_core import __version__

        if reference.distribution_version != __version__:
            raise _changed(reference, f"{name} is version {__version__} now, it was {reference.distribution_version}")
        return
    from importlib.metadata import PackageNotFoundError, distribution

    try:
        found = distribution(name)
    except PackageNotFoundError:
        raise _changed(reference, f"the distribution {name} is not installed any more") from None
    if found.version != reference.distribution_version:
        raise _changed(reference, f"{name} is version {found.version} now, it was {reference.distribution_version}")
    points = found.entry_points.select(group=STAGES, name=reference.name)
    values = [point.value for point in points if normalise(found.name) == name]
    if values and reference.value not in values:
        raise _changed(reference, f"its entry point in {name} is {values[0]} now, it was {reference.value}")


def _changed(reference: StageReference, what: str) -> ChangedStageError:
    message = f"the stage {reference.name} in its own process is not the one that was planned: {what}"
    return ChangedStageError(message, hint="run the experiment again")
