"""An experiment: the root of the IR."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, Field, Strict

from crucible_core.ir.frozen import EMPTY, FrozenDict
from crucible_core.ir.model import IRModel
from crucible_core.ir.part import part
from crucible_core.ir.scalars import Expected, PathSafeId, Text, Timestamp
from crucible_core.ir.stage_def import StageDef

if TYPE_CHECKING:
    from crucible_core.ir.quality_target import QualityTarget
    from crucible_core.ir.references import BackendRef, DatasetRef, ModelRef, ModelVersion, OutputSpec
    from crucible_core.ir.reliability import ReliabilityConfig
    from crucible_core.ir.training import TrainingConfig
else:  # what pydantic reads in the annotations below
    QualityTarget = part("crucible_core.ir.quality_target", "QualityTarget")
    BackendRef = part("crucible_core.ir.references", "BackendRef")
    DatasetRef = part("crucible_core.ir.references", "DatasetRef")
    ModelRef = part("crucible_core.ir.references", "ModelRef")
    ModelVersion = part("crucible_core.ir.references", "ModelVersion")
    OutputSpec = part("crucible_core.ir.references", "OutputSpec")
    ReliabilityConfig = part("crucible_core.ir.reliability", "ReliabilityConfig")
    TrainingConfig = part("crucible_core.ir.training", "TrainingConfig")

SCHEMA_VERSION = "1.0"

_MetricPath = Annotated[
    str,
    Strict(),
    Field(pattern=r"^metrics(\.[^.\s]+)+$"),
    Expected("a metric path such as 'metrics.eval.accuracy'"),
]


def _known_major(version: str) -> str:
    if version.partition(".")[0] != SCHEMA_VERSION.partition(".")[0]:
        raise ValueError(f"this version of Crucible reads spec version {SCHEMA_VERSION}, got {version!r:.60}")
    return version


_SchemaVersion = Annotated[
    str,
    Strict(),
    Field(pattern=r"^\d+\.\d+$"),
    AfterValidator(_known_major),
    Expected("a version in quotes, such as '1.0'"),
]


class Experiment(IRModel):
    """What to run, on what, held to what, and what to report; it runs nothing itself."""

    id: PathSafeId
    """Id of the experiment; it names a directory."""
    schema_version: _SchemaVersion = SCHEMA_VERSION
    """Version of the spec format."""
    description: Text | None = None
    """What the experiment is for."""
    owner: Text | None = None
    """Who answers for it."""
    tags: tuple[Text, ...] | None = None
    """Words to find it by."""
    metadata: FrozenDict[str, Any] | None = None
    """Free notes."""
    experiment_type: Text | None = None
    """Such as 'evaluation', 'training', 'comparison' or 'ablation'."""
    params: FrozenDict[str, Any] = EMPTY
    """Free parameters, recorded with every run."""
    backend: BackendRef | None = None
    """The language-model backend to use."""
    dataset: DatasetRef | None = None
    """The dataset to use."""
    pipeline: Annotated[tuple[StageDef, ...], Field(min_length=1), Expected("a list of at least one stage")]
    """The stages, in the order in which they run."""
    reliability: ReliabilityConfig | None = None
    """What makes the results dependable."""
    quality_targets: FrozenDict[_MetricPath, QualityTarget] = EMPTY
    """Metric path, such as 'metrics.eval.accuracy' -> bound it is held to."""
    model_version: ModelVersion | None = None
    """The model version examined or made."""
    training_config: TrainingConfig | None = None
    """How a model is trained."""
    baseline: ModelRef | None = None
    """The model to compare with."""
    outputs: tuple[OutputSpec, ...] | None = None
    """What to report."""
    created_at: Timestamp | None = None
    """When the spec was written."""
    updated_at: Timestamp | None = None
    """When it was last changed."""
