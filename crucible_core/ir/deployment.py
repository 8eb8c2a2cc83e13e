"""Deployment: what is wanted and what is there."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from crucible_core.ir.frozen import FrozenDict
from crucible_core.ir.model import IRModel
from crucible_core.ir.scalars import Count, Name, Percentage, PositiveInt, Text, Timestamp


class DeploymentConfig(IRModel):
    """How a model version is to be served."""

    id: Name
    """Id of the deployment."""
    model_version_id: Name
    """The model version to serve."""
    target: FrozenDict[str, Any] | None = None
    """Where to serve it; the deployer checks it."""
    replicas: PositiveInt = 1
    """How many copies."""
    resources: FrozenDict[str, Any] | None = None
    """What each copy needs."""
    scaling: FrozenDict[str, Any] | None = None
    """How the number of copies follows the load."""
    environment: Name = "development"
    """Such as 'development', 'staging' or 'production'."""
    strategy: Name = "rolling"
    """Such as 'rolling', 'blue_green', 'canary' or 'recreate'; the deployer checks it."""
    health_check: FrozenDict[str, Any] | None = None
    """How health is asked for."""
    endpoint: FrozenDict[str, Any] | None = None
    """Where requests arrive; the deployer checks it."""
    metadata: FrozenDict[str, Any] | None = None
    """Free notes."""
    options: FrozenDict[str, Any] | None = None
    """Options that the deployer checks."""


class DeploymentState(StrEnum):
    """Where a deployment stands."""

    PENDING = "pending"
    DEPLOYING = "deploying"
    ACTIVE = "active"
    DEGRADED = "degraded"
    FAILED = "failed"
    TERMINATED = "terminated"


class DeploymentHealth(StrEnum):
    """What the last health check said."""

    UNKNOWN = "unknown"
    HEALTHY = "healthy"
    UNHEALTHY = "unhealthy"
    DEGRADED = "degraded"


class DeploymentStatus(IRModel):
    """What is known of a deployment."""

    id: Name
    """Id of this status."""
    deployment_id: Name
    """The deployment it speaks of."""
    state: DeploymentState = DeploymentState.PENDING
    """Where it stands."""
    ready_replicas: Count | None = None
    """Copies that serve."""
    total_replicas: Count | None = None
    """Copies there are."""
    endpoint_url: Text | None = None
    """Where requests arrive."""
    traffic_percent: Percentage | None = None
    """Share of the traffic it gets, in percent."""
    health: DeploymentHealth = DeploymentHealth.UNKNOWN
    """What the last health check said."""
    last_health_check: Timestamp | None = None
    """When that was."""
    error_message: Text | None = None
    """Why it failed."""
    created_at: Timestamp | None = None
    """When it was made."""
    updated_at: Timestamp | None = None
    """When this was last true."""
