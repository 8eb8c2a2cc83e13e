"""Experiments as data: frozen values, a builder, and reading from files.

The IR executes nothing and imports nothing else of the core. Names are resolved on first use, so that importing
this package costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crucible_core.ir.backend import (
        BackendCapabilities,
        BackendChoice,
        BackendCompletion,
        BackendMessage,
        BackendOptions,
        BackendPrompt,
        BackendThinking,
        BackendUsage,
    )
    from crucible_core.ir.backend_parts import (
        BackendAudioPart,
        BackendImagePart,
        BackendTextPart,
        BackendToolName,
        BackendToolResultPart,
    )
    from crucible_core.ir.builder import Builder, experiment
    from crucible_core.ir.deployment import DeploymentConfig, DeploymentHealth, DeploymentState, DeploymentStatus
    from crucible_core.ir.errors import CrucibleError, Location, SpecError, SpecProblem, path_text
    from crucible_core.ir.experiments import SCHEMA_VERSION, Experiment
    from crucible_core.ir.feedback import FeedbackConfig, FeedbackEvent
    from crucible_core.ir.frozen import FrozenDict, freeze
    from crucible_core.ir.model import IRModel
    from crucible_core.ir.policies import Isolation, OnFailure
    from crucible_core.ir.quality_target import QualityTarget
    from crucible_core.ir.reading import SpecDocument, load_experiment, parse_experiment, read_spec
    from crucible_core.ir.references import (
        BackendRef,
        DatasetRef,
        ModelRef,
        ModelStage,
        ModelVersion,
        OutputFormat,
        OutputSink,
        OutputSpec,
    )
    from crucible_core.ir.reliability import (
        ReliabilityConfig,
        ReliabilityEnsemble,
        ReliabilityFairness,
        ReliabilityGuardrail,
        ReliabilityHedging,
        ReliabilityStats,
    )
    from crucible_core.ir.retry_policy import RetryPolicy
    from crucible_core.ir.stage_def import StageDef
    from crucible_core.ir.training import TrainingConfig, TrainingRun, TrainingStatus

_HOMES = {
    "BackendCapabilities": "backend",
    "BackendChoice": "backend",
    "BackendCompletion": "backend",
    "BackendMessage": "backend",
    "BackendOptions": "backend",
    "BackendPrompt": "backend",
    "BackendThinking": "backend",
    "BackendUsage": "backend",
    "BackendAudioPart": "backend_parts",
    "BackendImagePart": "backend_parts",
    "BackendTextPart": "backend_parts",
    "BackendToolName": "backend_parts",
    "BackendToolResultPart": "backend_parts",
    "Builder": "builder",
    "experiment": "builder",
    "DeploymentConfig": "deployment",
    "DeploymentHealth": "deployment",
    "DeploymentState": "deployment",
    "DeploymentStatus": "deployment",
    "CrucibleError": "errors",
    "Location": "errors",
    "SpecError": "errors",
    "SpecProblem": "errors",
    "path_text": "errors",
    "SCHEMA_VERSION": "experiments",
    "Experiment": "experiments",
    "FeedbackConfig": "feedback",
    "FeedbackEvent": "feedback",
    "FrozenDict": "frozen",
    "freeze": "frozen",
    "IRModel": "model",
    "Isolation": "policies",
    "OnFailure": "policies",
    "RetryPolicy": "retry_policy",
    "QualityTarget": "quality_target",
    "SpecDocument": "reading",
    "load_experiment": "reading",
    "parse_experiment": "reading",
    "read_spec": "reading",
    "BackendRef": "references",
    "DatasetRef": "references",
    "ModelRef": "references",
    "ModelStage": "references",
    "ModelVersion": "references",
    "OutputFormat": "references",
    "OutputSink": "references",
    "OutputSpec": "references",
    "ReliabilityConfig": "reliability",
    "ReliabilityEnsemble": "reliability",
    "ReliabilityFairness": "reliability",
    "ReliabilityGuardrail": "reliability",
    "ReliabilityHedging": "reliability",
    "ReliabilityStats": "reliability",
    "StageDef": "stage_def",
    "TrainingConfig": "training",
    "TrainingRun": "training",
    "TrainingStatus": "training",
}

__all__ = [
    "SCHEMA_VERSION",
    "BackendAudioPart",
    "BackendCapabilities",
    "BackendChoice",
    "BackendCompletion",
    "BackendImagePart",
    "BackendMessage",
    "BackendOptions",
    "BackendPrompt",
    "BackendRef",
    "BackendTextPart",
    "BackendThinking",
    "BackendToolName",
    "BackendToolResultPart",
    "BackendUsage",
    "Builder",
    "CrucibleError",
    "DatasetRef",
    "DeploymentConfig",
    "DeploymentHealth",
    "DeploymentState",
    "DeploymentStatus",
    "Experiment",
    "FeedbackConfig",
    "FeedbackEvent",
    "FrozenDict",
    "IRModel",
    "Isolation",
    "Location",
    "ModelRef",
    "ModelStage",
    "ModelVersion",
    "OnFailure",
    "OutputFormat",
    "OutputSink",
    "OutputSpec",
    "QualityTarget",
    "ReliabilityConfig",
    "ReliabilityEnsemble",
    "ReliabilityFairness",
    "ReliabilityGuardrail",
    "ReliabilityHedging",
    "ReliabilityStats",
    "RetryPolicy",
    "SpecDocument",
    "SpecError",
    "SpecProblem",
    "StageDef",
    "TrainingConfig",
    "TrainingRun",
    "TrainingStatus",
    "experiment",
    "freeze",
    "load_experiment",
    "parse_experiment",
    "path_text",
    "read_spec",
]


def __getattr__(name: str) -> Any:
    """Import a public name on first use (PEP 562)."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
