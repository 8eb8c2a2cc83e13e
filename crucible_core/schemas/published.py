"""The schemas that are published under ``docs/schemas/``, by file name."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from crucible_core.schemas.events import event_schema
from crucible_core.schemas.spec import spec_schema

if TYPE_CHECKING:
    from pydantic import BaseModel

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def published_schemas() -> dict[str, Callable[[], dict[str, Any]]]:
    """Return file name, without ``.schema.json``, to what makes the schema."""
    from crucible_core.plugins import documents
    from crucible_core.schemas.archive_models import RunArchive, RunExport, RunImport
    from crucible_core.schemas.command_models import (
        CacheCleared,
        CacheExplained,
        CacheInfo,
        ErrorDocument,
        StageList,
        Validation,
    )
    from crucible_core.schemas.comparison_models import RunComparison
    from crucible_core.schemas.conformance_models import ConformanceChecks, ConformanceReport
    from crucible_core.schemas.description_model import StageDescriptionModel
    from crucible_core.schemas.lineage_model import RunLineage
    from crucible_core.schemas.manifest_model import RunManifest
    from crucible_core.schemas.removal_models import RunCollection, RunDeletion
    from crucible_core.schemas.run_index_models import Reindexed, RunList, RunTags
    from crucible_core.schemas.run_view_models import RunView
    from crucible_core.schemas.typed_dicts import model_of
    from crucible_core.schemas.verification_model import RunVerification

    models: dict[str, type[BaseModel]] = {
        "cache_clear": CacheCleared,
        "cache_explain": CacheExplained,
        "cache_info": CacheInfo,
        "conformance": ConformanceReport,
        "conformance_checks": ConformanceChecks,
        "error": ErrorDocument,
        "run_manifest": RunManifest,
        "run_archive": RunArchive,
        "runs_compare": RunComparison,
        "runs_delete": RunDeletion,
        "runs_export": RunExport,
        "runs_gc": RunCollection,
        "runs_import": RunImport,
        "runs_lineage": RunLineage,
        "runs_list": RunList,
        "runs_reindex": Reindexed,
        "runs_show": RunView,
        "runs_tag": RunTags,
        "runs_verify": RunVerification,
        "stage_description": StageDescriptionModel,
        "stages_list": StageList,
        "validation": Validation,
        "plugins_list": model_of(documents.ListDocument),
        "plugins_show": model_of(documents.ShowDocument),
        "plugins_doctor": model_of(documents.DoctorDocument),
        "plugins_freeze": model_of(documents.FreezeDocument),
        "plugins_new": model_of(documents.NewDocument),
        "plugins_switch": model_of(documents.SwitchDocument),
    }
    made: dict[str, Callable[[], dict[str, Any]]] = {"spec": spec_schema, "telemetry_event": event_schema}
    made.update({name: partial(model.model_json_schema) for name, model in models.items()})
    return dict(sorted(made.items()))


def schema_document(make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return a schema with the dialect it is written in."""
    return {"$schema": DIALECT, **make()}
