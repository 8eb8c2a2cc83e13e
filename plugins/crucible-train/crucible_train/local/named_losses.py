"""The losses of a training client by name: what each needs of an example, and what it makes of log-probabilities."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crucible_train.errors import TrainingError
from crucible_train.losses import policy
from crucible_train.losses.token import cross_entropy

if TYPE_CHECKING:
    from torch import Tensor

    Loss = Callable[["Tensor", Mapping[str, "Tensor"], Mapping[str, Any]], "tuple[Tensor, dict[str, Tensor]]"]


@dataclass(frozen=True)
class NamedLoss:
    """A loss that is summed over tokens.

    Attributes:
        needs: The loss inputs that every example has to have, besides ``targets``.
        options: The options it knows.
        compute: From log-probabilities of the targets, loss inputs and options to the sum and to metrics.
    """

    needs: tuple[str, ...]
    options: tuple[str, ...]
    compute: Loss


def _cross_entropy(p: Tensor, inputs: Mapping[str, Tensor], _: Mapping[str, Any]) -> tuple[Tensor, dict[str, Tensor]]:
    return cross_entropy(p, inputs["weights"]), {}


def _policy_loss(name: str) -> Loss:
    def compute(
        p: Tensor, inputs: Mapping[str, Tensor], options: Mapping[str, Any]
    ) -> tuple[Tensor, dict[str, Tensor]]:
        q, advantages, mask = (inputs[each] for each in ("logprobs", "advantages", "mask"))
        total = getattr(policy, name)(p, q, advantages, mask, **options).sum()
        return total, {"clip_fraction": policy.clip_fraction(p.detach(), q, mask, **_band(options))}

    return compute


def _band(options: Mapping[str, Any]) -> dict[str, float]:
    return {name: value for name, value in options.items() if name in ("low", "high")}


_POLICY = ("logprobs", "advantages", "mask")
LOSSES: Mapping[str, NamedLoss] = {
    "cross_entropy": NamedLoss(("weights",), (), _cross_entropy),
    "importance_sampling": NamedLoss(_POLICY, (), _policy_loss("importance_sampling")),
    "ppo": NamedLoss(_POLICY, ("low", "high"), _policy_loss("ppo")),
    "cispo": NamedLoss(_POLICY, ("low", "high"), _policy_loss("cispo")),
    "dro": NamedLoss(_POLICY, ("beta",), _policy_loss("dro")),
}


def named_loss(name: str, options: Mapping[str, Any], inputs: Mapping[str, Any]) -> NamedLoss:
    """Return a loss by name, fit for these options and the inputs of these examples.

    Raises:
        TrainingError: ``unsupported_training_config``: there is none of that name, it does not know an option, or the
            examples lack something.
    """
    found = LOSSES.get(name)
    if found is None:
        raise _unsupported(f"there is no loss {name!r}; there are {', '.join(LOSSES)}")
    unknown = [option for option in options if option not in found.options]
    if unknown:
        raise _unsupported(f"the loss {name} has no option {unknown[0]!r}; it has {', '.join(found.options) or 'none'}")
    lacking = [need for need in ("targets", *found.needs) if need not in inputs]
    if lacking:
        raise _unsupported(f"the loss {name} needs {', '.join(lacking)} in every example")
    return found


def _unsupported(message: str) -> TrainingError:
    return TrainingError("unsupported_training_config", message, field="loss_function")
