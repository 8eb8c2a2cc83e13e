"""References to what an experiment uses and makes: backends, datasets, models and outputs."""

from __future__ import annotations

import warnings
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from crucible_core.ir.frozen import FrozenDict
from crucible_core.ir.model import IRModel
from crucible_core.ir.scalars import Expected, Name, SemanticVersion, Text, Timestamp


class BackendRef(IRModel):
    """A language-model backend, by name."""

    id: Name
    """Name of the backend."""
    profile: Name = "default"
    """Profile of the backend's own configuration."""
    options: FrozenDict[str, Any] | None = None
    """Options that the backend checks."""
    model_version: Text | None = None
    """Version of the model that it serves."""
    endpoint_url: Text | None = None
    """Where it is reached."""
    deployment_id: Text | None = None
    """The deployment that serves it."""
    fallback: BackendRef | None = None
    """The backend to use when this one fails."""


with warnings.catch_warnings():
    # The field is called `schema` in every spec; that it hides a deprecated method of pydantic's is meant.
    warnings.filterwarnings("ignore", message='Field name "schema"', category=UserWarning)

    class DatasetRef(IRModel):
        """A dataset, by name and split."""

        name: Name
        """Name or path of the dataset."""
        provider: Name = "crucible_datasets"
        """Who loads it, such as 'crucible_datasets' or 'huggingface'."""
        split: Name = "train"
        """Split to use, such as 'train', 'test' or 'validation'."""
        options: FrozenDict[str, Any] | None = None
        """Options that the provider checks."""
        version: Text | None = None
        """Version or revision."""
        format: Text | None = None
        """File format, such as 'parquet', 'csv', 'jsonl' or 'arrow'."""
        schema: FrozenDict[str, Any] | None = None  # type: ignore[assignment]  # hides pydantic's deprecated method
        """Column name -> type, as the provider understands it."""


class OutputFormat(StrEnum):
    """How an output is written."""

    MARKDOWN = "markdown"
    JSON = "json"
    HTML = "html"
    LATEX = "latex"
    CSV = "csv"


class OutputSink(StrEnum):
    """Where an output goes."""

    FILE = "file"
    STDOUT = "stdout"
    S3 = "s3"
    POSTGRES = "postgres"


class OutputSpec(IRModel):
    """One output of an experiment: what to report, how and where."""

    name: Name
    """Name of the output."""
    formats: Annotated[tuple[OutputFormat, ...], Field(min_length=1), Expected("a list of at least one format")] = (
        OutputFormat.MARKDOWN,
    )
    """Formats to write, each once."""
    sink: OutputSink = OutputSink.FILE
    """Where to write them."""
    options: FrozenDict[str, Any] | None = None
    """Options of the sink, such as `path`."""


class ModelRef(IRModel):
    """A model, by id and provider."""

    id: Name
    """Id of the model at its provider."""
    name: Text | None = None
    """Name for people."""
    version: Text | None = None
    """Version or revision."""
    provider: Name = "local"
    """Who has it, such as 'local', 'huggingface', 'openai', 'anthropic', 's3' or 'gcs'."""
    framework: Name = "pytorch"
    """What it is written in, such as 'pytorch', 'tensorflow', 'onnx' or 'safetensors'."""
    architecture: Text | None = None
    """Such as 'transformer', 'lstm', 'cnn' or 'mlp'."""
    task: Text | None = None
    """Such as 'text_classification', 'text_generation', 'embedding', 'qa' or 'summarization'."""
    artifact_uri: Text | None = None
    """Where its weights are."""
    metadata: FrozenDict[str, Any] | None = None
    """Free notes."""
    options: FrozenDict[str, Any] | None = None
    """Options that the provider checks."""


class ModelStage(StrEnum):
    """How far a model version has come."""

    DEVELOPMENT = "development"
    STAGING = "staging"
    PRODUCTION = "production"
    ARCHIVED = "archived"


class ModelVersion(IRModel):
    """One version of a model."""

    id: Name
    """Id of this version."""
    model_id: Name
    """Id of the model."""
    version: SemanticVersion
    """Semantic version."""
    stage: ModelStage = ModelStage.DEVELOPMENT
    """How far it has come."""
    training_run_id: Text | None = None
    """The run that trained it."""
    metrics: FrozenDict[str, Any] | None = None
    """Metric name -> value."""
    artifact_uri: Text | None = None
    """Where its weights are."""
    parent_version: Text | None = None
    """The version it was made from."""
    description: Text | None = None
    """What it is."""
    created_at: Timestamp | None = None
    """When it was made."""
    created_by: Text | None = None
    """Who made it."""
    options: FrozenDict[str, Any] | None = None
    """Free options."""
