"""Reliability: ensembles, hedging, statistics, fairness and guardrails."""

from __future__ import annotations

from typing import Any, Self

from pydantic import model_validator

from crucible_core.ir.errors import CrossFieldError
from crucible_core.ir.feedback import FeedbackConfig
from crucible_core.ir.frozen import FrozenDict
from crucible_core.ir.model import IRModel
from crucible_core.ir.scalars import (
    Count,
    Flag,
    Name,
    NonNegative,
    OpenPercentage,
    OpenRate,
    Percentage,
    PositiveInt,
    Rate,
    Text,
)


class ReliabilityEnsemble(IRModel):
    """Several models asked for one answer."""

    strategy: Name = "none"
    """Such as 'none', 'majority', 'weighted', 'best_confidence' or 'unanimous'; the stage checks it."""
    execution_mode: Name = "parallel"
    """Such as 'parallel', 'sequential', 'hedged' or 'cascade'; the stage checks it."""
    models: tuple[Name, ...] | None = None
    """Names of the models."""
    weights: FrozenDict[Name, NonNegative] | None = None
    """Model name -> weight of its vote; every name must be among `models` when those are given."""
    min_agreement: Rate | None = None
    """Share of the votes below which there is no answer."""
    timeout_ms: PositiveInt | None = None
    """How long to wait for a model, in milliseconds."""
    options: FrozenDict[str, Any] | None = None
    """Options that the stage checks."""

    @model_validator(mode="after")
    def _weights_name_models(self) -> Self:
        if self.models is not None and self.weights is not None:
            for name in self.weights:
                if name not in self.models:
                    listed = ", ".join(self.models) or "none"
                    raise CrossFieldError(f"no such model; models: {listed}", "weights", name)
        if self.models == () and self.strategy != "none":
            raise CrossFieldError(f"the strategy {self.strategy!r} needs at least one model", "models")
        return self


class ReliabilityHedging(IRModel):
    """A second request when the first is slow."""

    strategy: Name = "off"
    """Such as 'off', 'fixed', 'percentile', 'adaptive', 'workload_aware' or 'exponential_backoff'."""
    delay_ms: Count | None = None
    """How long to wait before the second request, in milliseconds."""
    percentile: OpenPercentage | None = None
    """Percentile of the latencies after which a request counts as slow."""
    max_hedges: Count | None = None
    """Largest number of extra requests."""
    budget_percent: Percentage | None = None
    """Largest share of extra requests, in percent."""
    options: FrozenDict[str, Any] | None = None
    """Options that the stage checks."""


class ReliabilityStats(IRModel):
    """Statistical tests of the results."""

    tests: tuple[Name, ...] = ("ttest", "bootstrap")
    """Such as 'ttest', 'bootstrap', 'anova', 'mannwhitney', 'wilcoxon' or 'kruskal'; the stage checks them."""
    alpha: OpenRate = 0.05
    """Significance level."""
    confidence_level: OpenRate | None = None
    """Coverage of the intervals."""
    effect_size_type: Text | None = None
    """Such as 'cohens_d', 'eta_squared' or 'omega_squared'; the stage checks it."""
    multiple_testing_correction: Text | None = None
    """Such as 'bonferroni', 'holm' or 'fdr'; the stage checks it."""
    bootstrap_iterations: PositiveInt | None = None
    """Resamples of a bootstrap."""
    options: FrozenDict[str, Any] | None = None
    """Options that the stage checks."""


class ReliabilityFairness(IRModel):
    """An audit of how groups are treated."""

    enabled: Flag = False
    """Whether the audit is wanted."""
    metrics: tuple[Name, ...] | None = None
    """Such as 'demographic_parity', 'equalized_odds', 'equal_opportunity' or 'predictive_parity'."""
    group_by: Name | None = None
    """Field that holds the group."""
    threshold: Rate | None = None
    """Bound of the metric."""
    fail_on_violation: Flag | None = None
    """Whether a violation fails the run."""
    options: FrozenDict[str, Any] | None = None
    """Options that the stage checks."""


class ReliabilityGuardrail(IRModel):
    """What inputs and outputs are scanned for."""

    profiles: tuple[Name, ...] = ("default",)
    """Such as 'default', 'strict', 'moderate' or 'permissive'; the stage checks them."""
    prompt_injection_detection: Flag | None = None
    """Look for attempts to override the instructions."""
    jailbreak_detection: Flag | None = None
    """Look for attempts to lift the limits."""
    pii_detection: Flag | None = None
    """Look for personal data."""
    pii_redaction: Flag | None = None
    """Replace personal data."""
    content_moderation: Flag | None = None
    """Look for content that is not wanted."""
    fail_on_detection: Flag | None = None
    """Whether a finding fails the run."""
    options: FrozenDict[str, Any] | None = None
    """Options that the stage checks."""


class ReliabilityConfig(IRModel):
    """Everything that makes the results of an experiment dependable."""

    ensemble: ReliabilityEnsemble | None = None
    """Several models asked for one answer."""
    hedging: ReliabilityHedging | None = None
    """A second request when the first is slow."""
    guardrails: ReliabilityGuardrail | None = None
    """What inputs and outputs are scanned for."""
    stats: ReliabilityStats | None = None
    """Statistical tests of the results."""
    fairness: ReliabilityFairness | None = None
    """An audit of how groups are treated."""
    monitoring: FrozenDict[str, Any] | None = None
    """What is watched; the stage checks it."""
    drift: FrozenDict[str, Any] | None = None
    """How drift is found; the stage checks it."""
    circuit_breaker: FrozenDict[str, Any] | None = None
    """When to stop asking; the stage checks it."""
    feedback: FeedbackConfig | None = None
    """What feedback is gathered."""
