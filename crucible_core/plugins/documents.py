"""The shapes of what ``crucible plugins ... --json`` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crucible_core.plugins.doctor import Diagnosis
    from crucible_core.plugins.inventory import Inventory
    from crucible_core.plugins.record import PluginRecord, StageRef

__all__ = [
    "DiagnosisDocument",
    "DoctorDocument",
    "EntryDocument",
    "FindingDocument",
    "FreezeDocument",
    "ListDocument",
    "NewDocument",
    "PluginDocument",
    "RequirementDocument",
    "ShowDocument",
    "StageDocument",
    "SwitchDocument",
]

SCHEMA_VERSION = "1.0"


class StageDocument(TypedDict):
    """A stage as metadata know it."""

    name: str
    qualified: str
    value: str
    enabled: bool
    contested: bool


class EntryDocument(TypedDict):
    """An entry point."""

    name: str
    value: str


class PluginDocument(TypedDict):
    """A plugin as metadata know it; ``status`` is one of available, disabled, incompatible, conflict, broken."""

    name: str
    version: str
    status: str
    reason: str
    fix: str
    stages: list[StageDocument]
    hook: EntryDocument | None
    commands: list[EntryDocument]
    requires_core: str
    location: str
    editable: bool
    source: str | None


class ListDocument(TypedDict):
    """``crucible plugins list --json``."""

    schema_version: str
    core_version: str
    plugins: list[PluginDocument]
    builtin_stages: list[str]
    notes: list[str]


class FindingDocument(TypedDict):
    """One thing that was tried; ``problem`` is a `ProblemKind` or null, ``entry`` is e.g. ``stage bench``.

    A ``warning`` is what a user should know although the plugin works, such as what its observer raises.
    """

    entry: str
    problem: str | None
    reason: str
    fix: str
    warning: str
    output: str
    weak_traits: list[str]


class DiagnosisDocument(TypedDict):
    """What ``plugins doctor`` found out about one plugin."""

    name: str
    version: str
    status: str
    healthy: bool
    reason: str
    fix: str
    findings: list[FindingDocument]


class ShowDocument(TypedDict):
    """``crucible plugins show NAME --json``; ``diagnosis`` is null without ``--load``."""

    schema_version: str
    plugin: PluginDocument
    diagnosis: DiagnosisDocument | None


class DoctorDocument(TypedDict):
    """``crucible plugins doctor --json``; ``next_step`` is empty when all is well."""

    schema_version: str
    healthy: bool
    plugins: list[DiagnosisDocument]
    notes: list[str]
    next_step: str


class SwitchDocument(TypedDict):
    """``crucible plugins enable`` or ``disable NAME --json``; ``changed`` says whether the file was written."""

    schema_version: str
    name: str
    enabled: bool
    file: str
    changed: bool
    message: str


class NewDocument(TypedDict):
    """``crucible plugins new NAME --json``; ``files`` are paths within ``directory``, ``next`` what to type."""

    schema_version: str
    distribution: str
    package: str
    stage: str
    directory: str
    files: list[str]
    next: list[str]


class RequirementDocument(TypedDict):
    """A plugin and the line that installs it again."""

    name: str
    version: str
    requirement: str


class FreezeDocument(TypedDict):
    """``crucible plugins freeze --json``."""

    schema_version: str
    plugins: list[RequirementDocument]


def plugin_document(record: PluginRecord) -> PluginDocument:
    """Describe one plugin."""
    hook = EntryDocument(name=record.hook_name or "", value=record.hook_module) if record.hook_module else None
    return PluginDocument(
        name=record.name,
        version=record.version,
        status=record.status.value,
        reason=record.reason,
        fix=record.fix,
        stages=[_stage_document(ref, record) for ref in record.stages],
        hook=hook,
        commands=[EntryDocument(name=name, value=value) for name, value in record.commands],
        requires_core=record.requires_core,
        location=record.location,
        editable=record.editable,
        source=record.source,
    )


def _stage_document(ref: StageRef, record: PluginRecord) -> StageDocument:
    return StageDocument(
        name=ref.name,
        qualified=ref.qualified,
        value=ref.value,
        enabled=ref in record.enabled_stages,
        contested=ref.name in record.contested,
    )


def list_document(inventory: Inventory, records: Iterable[PluginRecord]) -> ListDocument:
    """Describe the plugins of an environment."""
    from crucible_core import __version__
    from crucible_core.plugins.builtin import BUILTIN_STAGES

    return ListDocument(
        schema_version=SCHEMA_VERSION,
        core_version=__version__,
        plugins=[plugin_document(record) for record in records],
        builtin_stages=sorted(BUILTIN_STAGES),
        notes=list(inventory.notes),
    )


def diagnosis_document(diagnosis: Diagnosis) -> DiagnosisDocument:
    """Describe what was found out about one plugin."""
    return DiagnosisDocument(
        name=diagnosis.name,
        version=diagnosis.version,
        status=diagnosis.status.value if diagnosis.status else "not_installed",
        healthy=diagnosis.healthy,
        reason=diagnosis.reason,
        fix=diagnosis.fix,
        findings=[
            FindingDocument(
                entry=finding.entry,
                problem=finding.problem.kind.value if finding.problem else None,
                reason=finding.problem.reason if finding.problem else "",
                fix=finding.fix,
                warning=finding.warning,
                output=finding.output,
                weak_traits=[f"{trait}: {reason}" for trait, reason in finding.weak_traits],
            )
            for finding in diagnosis.findings
        ],
    )
