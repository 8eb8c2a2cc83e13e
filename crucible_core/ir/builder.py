"""Build an experiment step by step; every step returns a new builder."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from crucible_core.ir.experiments import Experiment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from crucible_core.ir.retry_policy import RetryPolicy


def experiment(id: str) -> Builder:  # noqa: A002  # the field has this name
    """Begin an experiment.

    >>> experiment("demo").add_stage("compare", options={"alpha": 0.01}).build().pipeline[0].id
    'compare'
    """
    return Builder({"id": id})


@dataclass(frozen=True, slots=True)
class Builder:
    """An experiment in the making. Each method returns a new builder that has its own part replaced, the rest kept.

    Keyword arguments are fields of the part's type; they are checked by `build`.
    """

    _parts: Mapping[str, Any]

    def build(self) -> Experiment:
        """Return the experiment.

        Raises:
            SpecError: It is not valid; every problem is listed.
        """
        return Experiment.from_dict(self._parts)

    def _with(self, **parts: Any) -> Builder:
        return replace(self, _parts={**self._parts, **parts})

    def _append(self, part: str, item: Any) -> Builder:
        return self._with(**{part: [*self._parts.get(part, ()), item]})

    def _with_reliability(self, part: str, fields: dict[str, Any]) -> Builder:
        return self._with(reliability={**self._parts.get("reliability", {}), part: fields})

    def with_description(self, description: str) -> Builder:
        """Say what the experiment is for."""
        return self._with(description=description)

    def with_owner(self, owner: str) -> Builder:
        """Say who answers for it."""
        return self._with(owner=owner)

    def with_tags(self, *tags: str) -> Builder:
        """Give words to find it by."""
        return self._with(tags=tags)

    def with_metadata(self, metadata: Mapping[str, Any]) -> Builder:
        """Add free notes."""
        return self._with(metadata=metadata)

    def with_experiment_type(self, experiment_type: str) -> Builder:
        """Say what kind it is, such as 'evaluation' or 'comparison'."""
        return self._with(experiment_type=experiment_type)

    def with_params(self, **params: Any) -> Builder:
        """Set the free parameters."""
        return self._with(params=params)

    def with_quality_target(self, metric: str, bound: str | None = None, **bounds: float) -> Builder:
        """Hold a metric to a bound, as text ('>= 0.9') or as min, max, above, below; other targets are kept."""
        targets = self._parts.get("quality_targets", {})
        return self._with(quality_targets={**targets, metric: bounds if bound is None else bound})

    def with_backend(self, id: str, profile: str | None = None, **fields: Any) -> Builder:  # noqa: A002  # as the field
        """Name the language-model backend; fields of `BackendRef`."""
        chosen = {} if profile is None else {"profile": profile}
        return self._with(backend={"id": id, **chosen, **fields})

    def with_dataset(self, name: str, **fields: Any) -> Builder:
        """Name the dataset; fields of `DatasetRef`."""
        return self._with(dataset={"name": name, **fields})

    def add_stage(
        self,
        name: str | None = None,
        *,
        id: str | None = None,  # noqa: A002  # the field has this name
        module: str | None = None,
        options: Mapping[str, Any] | None = None,
        enabled: bool = True,
        retry: Mapping[str, Any] | RetryPolicy | None = None,
        timeout_s: float | None = None,
        isolation: str | None = None,
        on_failure: str | None = None,
        when: str | None = None,
    ) -> Builder:
        """Append a stage; `name` may be left out when `module` is given, and what is None is not given."""
        given: dict[str, Any] = {"name": name, "id": id, "module": module, "options": options}
        given |= {"retry": retry, "timeout_s": timeout_s, "isolation": isolation, "on_failure": on_failure}
        given |= {"when": when}
        stage = {key: value for key, value in given.items() if value is not None}
        return self._append("pipeline", stage if enabled else {**stage, "enabled": False})

    def with_ensemble(self, strategy: str, **fields: Any) -> Builder:
        """Ask several models; fields of `ReliabilityEnsemble`."""
        return self._with_reliability("ensemble", {"strategy": strategy, **fields})

    def with_hedging(self, strategy: str, **fields: Any) -> Builder:
        """Send a second request when the first is slow; fields of `ReliabilityHedging`."""
        return self._with_reliability("hedging", {"strategy": strategy, **fields})

    def with_stats(self, tests: Iterable[str] | None = None, **fields: Any) -> Builder:
        """Test the results; fields of `ReliabilityStats`."""
        chosen = {} if tests is None else {"tests": list(tests)}
        return self._with_reliability("stats", {**chosen, **fields})

    def with_fairness(self, *, enabled: bool = True, **fields: Any) -> Builder:
        """Audit how groups are treated; fields of `ReliabilityFairness`."""
        return self._with_reliability("fairness", {"enabled": enabled, **fields})

    def with_guardrails(self, profiles: Iterable[str] | None = None, **fields: Any) -> Builder:
        """Scan inputs and outputs; fields of `ReliabilityGuardrail`."""
        chosen = {} if profiles is None else {"profiles": list(profiles)}
        return self._with_reliability("guardrails", {**chosen, **fields})

    def with_feedback(self, *, enabled: bool = True, **fields: Any) -> Builder:
        """Gather feedback; fields of `FeedbackConfig`."""
        return self._with_reliability("feedback", {"enabled": enabled, **fields})

    def with_model_version(self, model_id: str, version: str, **fields: Any) -> Builder:
        """Name the model version; its id is made of both when not given. Fields of `ModelVersion`."""
        made = {"id": f"{model_id}_{version.replace('.', '_')}", "model_id": model_id, "version": version}
        return self._with(model_version={**made, **fields})

    def with_baseline(self, id: str, **fields: Any) -> Builder:  # noqa: A002  # the field has this name
        """Name the model to compare with; fields of `ModelRef`."""
        return self._with(baseline={"id": id, **fields})

    def with_training_config(self, model_ref: Any, dataset_ref: Any, **fields: Any) -> Builder:
        """Say how a model is trained; fields of `TrainingConfig`.

        Args:
            model_ref: A `ModelRef`, its fields, or its id.
            dataset_ref: A `DatasetRef`, its fields, or its name.
            fields: The other fields; `id` is 'train_' and the experiment's id when not given.
        """
        config = {
            "id": f"train_{self._parts['id']}",
            "model_ref": {"id": model_ref} if isinstance(model_ref, str) else model_ref,
            "dataset_ref": {"name": dataset_ref} if isinstance(dataset_ref, str) else dataset_ref,
        }
        return self._with(training_config={**config, **fields})

    def add_output(self, name: str, **fields: Any) -> Builder:
        """Append an output; fields of `OutputSpec`."""
        return self._append("outputs", {"name": name, **fields})
