"""Feedback from the people who use a deployed model."""

from __future__ import annotations

from typing import Any

from crucible_core.ir.frozen import FrozenDict
from crucible_core.ir.model import IRModel
from crucible_core.ir.scalars import Flag, FrozenValue, Name, NonNegative, PositiveInt, Rate, Text, Timestamp


class FeedbackConfig(IRModel):
    """What feedback is gathered and what follows from it."""

    enabled: Flag = False
    """Whether feedback is gathered."""
    sampling_rate: Rate = 1.0
    """Share of the interactions asked about."""
    feedback_types: tuple[Name, ...] = ("thumbs", "correction")
    """Such as 'thumbs', 'rating', 'correction', 'label' or 'flag'; the collector checks them."""
    storage: Name = "postgres"
    """Such as 'postgres', 's3', 'bigquery' or 'local'; the collector checks it."""
    retention_days: PositiveInt | None = None
    """Days after which feedback is deleted."""
    anonymize_pii: Flag = True
    """Whether personal data is removed before storing."""
    drift_detection: FrozenDict[str, Any] | None = None
    """How drift is found; the detector checks it."""
    retraining_trigger: FrozenDict[str, Any] | None = None
    """When to train again; the trigger checks it."""
    options: FrozenDict[str, Any] | None = None
    """Options that the collector checks."""


class FeedbackEvent(IRModel):
    """One piece of feedback."""

    id: Name
    """Id of the event."""
    deployment_id: Text | None = None
    """The deployment it is about."""
    model_version: Text | None = None
    """The model version it is about."""
    input: FrozenDict[str, Any] | None = None
    """What the model was given."""
    output: FrozenDict[str, Any] | None = None
    """What the model answered."""
    feedback_type: Name = "thumbs"
    """Such as 'thumbs', 'rating', 'correction', 'label' or 'flag'."""
    feedback_value: FrozenValue = None
    """The verdict itself, of whatever type the kind of feedback has."""
    user_id: Text | None = None
    """Who gave it."""
    session_id: Text | None = None
    """In which session."""
    latency_ms: NonNegative | None = None
    """How long the answer took, in milliseconds."""
    timestamp: Timestamp | None = None
    """When it was given."""
    metadata: FrozenDict[str, Any] | None = None
    """Free notes."""
