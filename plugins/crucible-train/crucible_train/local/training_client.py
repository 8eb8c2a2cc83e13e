"""The training client of this machine: gradients, steps and checkpoints of one model, with torch and transformers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crucible_train.errors import TrainingError
from crucible_train.local.batches import collate
from crucible_train.local.devices import Place, place
from crucible_train.local.lora import with_adapter
from crucible_train.local.named_losses import named_loss
from crucible_train.local.optimizers import OptimizerConfig, make_optimizer
from crucible_train.local.packed_attention import check_packing, packed_logits
from crucible_train.losses.token import token_logprobs

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray
    from torch import Tensor
    from torch.optim import Optimizer

    from crucible_train.data.datum import Datum
    from crucible_train.local.batches import Batch
    from crucible_train.local.models import LoadedModel

    CustomLoss = Callable[[Sequence[Datum], list[Tensor]], tuple[Tensor, Mapping[str, Any]]]


@dataclass
class TrainingSession:
    """One model in training.

    Attributes:
        loaded: The model and its tokenizer.
        optimizer: What takes the steps.
        place: Where it is computed.
        gradient_clipping: Largest norm of the gradient; None for any.
        steps: Steps taken so far.
        weights: The weights that are trained.
        packs: Whether the model was seen to keep packed examples apart.
    """

    loaded: LoadedModel
    optimizer: Optimizer
    place: Place
    gradient_clipping: float | None = None
    steps: int = 0
    weights: list[Tensor] = field(init=False)
    packs: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        """Note which weights are trained."""
        self.weights = [weight for group in self.optimizer.param_groups for weight in group["params"]]

    @property
    def context_length(self) -> int | None:
        """Tokens that the model reads at most; None where its configuration does not say."""
        return self.loaded.context_length

    def logprobs(self, batch: Batch) -> Tensor:
        """Return the log-probability of every target, of the shape of ``targets``.

        Raises:
            TrainingError: ``unsupported_training_config``: examples are packed, and the model cannot keep them apart.
        """
        return token_logprobs(self._logits(batch), batch.loss_inputs["targets"])

    def _logits(self, batch: Batch) -> Tensor:
        model = self.loaded.model
        if batch.segments is None or batch.positions is None:
            with self.place.autocast():
                logits: Tensor = model(input_ids=batch.tokens, attention_mask=batch.mask, use_cache=False).logits
            return logits
        if not self.packs:
            check_packing(model, self.place.device)
            self.packs = True
        with self.place.autocast():
            return packed_logits(model, batch.tokens, batch.segments, batch.positions)


class LocalTrainingClient:
    """Trains models in this process; see `crucible_core.ports.TrainingClient`."""

    def start_session(self, model: str, config: Mapping[str, Any]) -> TrainingSession:
        """Load a model and make its optimizer.

        Args:
            model: A directory, a name on the hub, or what to call a model that ``config["config"]`` makes.
            config: ``config``, ``tokenizer``, ``seed``, ``device``, ``precision``, ``gradient_clipping``,
                ``gradient_checkpointing``, ``lora`` (see `with_adapter`), and the fields of `OptimizerConfig`, with
                ``optimizer`` for its name.

        Raises:
            TrainingError: See `load_model`, `with_adapter`, `place` and `make_optimizer`.
        """
        from crucible_train.local.models import load_model

        where = place(config.get("device", "auto"), config.get("precision", "fp32"))
        loaded = load_model(
            model, config=config.get("config"), tokenizer=config.get("tokenizer"), seed=config.get("seed", 0)
        )
        if config.get("lora") is not None:
            loaded = with_adapter(loaded, config["lora"], config.get("seed", 0))
        loaded.model.to(where.device).train()
        if config.get("gradient_checkpointing"):
            # transformers calls it otherwise since 5.23
            enable = getattr(loaded.model, "activation_checkpointing_enable", None)
            (enable or loaded.model.gradient_checkpointing_enable)()
            if config.get("lora") is not None:  # else nothing before the first adapter has a gradient
                loaded.model.enable_input_require_grads()
        how = {name: config[name] for name in ("beta1", "beta2", "eps", "weight_decay") if name in config}
        optimizer = make_optimizer(OptimizerConfig(config.get("optimizer", "adam"), **how), loaded.model)
        return TrainingSession(loaded, optimizer, where, config.get("gradient_clipping"))

    def forward_backward(
        self,
        session: TrainingSession,
        batch: Sequence[Datum],
        loss: str,
        loss_config: Mapping[str, Any] | None = None,
    ) -> Mapping[str, Any]:
        """Add the gradients of a named loss, summed over the tokens of a batch and multiplied by ``scale``.

        Args:
            session: The model.
            batch: Examples with the inputs that the loss needs.
            loss: One of `crucible_train.local.named_losses.LOSSES`.
            loss_config: Its options, and ``scale``: 1 divided by the weight of a whole optimizer step makes gradients
                that were added up over several batches those of one.

        Returns:
            ``loss``, as scaled, and metrics of the loss; numbers that may still be computed on the device.

        Raises:
            TrainingError: ``unsupported_training_config``, ``token_out_of_range`` or ``out_of_memory``.
        """
        options = dict(loss_config or {})
        scale = options.pop("scale", 1.0)
        chosen = named_loss(loss, options, batch[0].loss_inputs)
        with _memory(session, batch):
            tensors = _tensors(session, batch)
            total, metrics = chosen.compute(session.logprobs(tensors), tensors.loss_inputs, options)
            total = total * scale
            total.backward()
        return {"loss": total.detach(), **metrics}

    def forward_backward_custom(
        self, session: TrainingSession, batch: Sequence[Datum], loss: CustomLoss
    ) -> Mapping[str, Any]:
        """Add the gradients of a loss that is made of the batch and the log-probabilities of its targets.

        Args:
            session: The model.
            batch: Examples with ``targets``.
            loss: From the batch and one tensor of log-probabilities for each example to a scalar and metrics.
        """
        with _memory(session, batch):
            tensors = _tensors(session, batch)
            rows = session.logprobs(tensors)
            total, metrics = loss(batch, [row[: len(datum)] for row, datum in zip(rows, batch, strict=True)])
            total.backward()
        return {"loss": total.detach(), **metrics}

    def optim_step(self, session: TrainingSession, learning_rate: float) -> Mapping[str, Any]:
        """Clip the gradient, take one step and clear it.

        Returns:
            ``gradient_norm`` before it was clipped.

        Raises:
            TrainingError: ``not_finite``: the gradient is not; no step is taken, and the gradient is cleared.
        """
        import torch

        norm = torch.nn.utils.get_total_norm([weight.grad for weight in session.weights if weight.grad is not None])
        if not torch.isfinite(norm):
            session.optimizer.zero_grad(set_to_none=True)
            raise TrainingError("not_finite", f"the gradient of step {session.steps + 1} is {norm.item()}")
        if session.gradient_clipping is not None:
            torch.nn.utils.clip_grads_with_norm_(session.weights, session.gradient_clipping, norm)
        for group in session.optimizer.param_groups:
            group["lr"] = learning_rate
        session.optimizer.step()
        session.optimizer.zero_grad(set_to_none=True)
        session.steps += 1
        return {"gradient_norm": norm}

    def compute_logprobs(self, session: TrainingSession, batch: Sequence[Datum]) -> list[NDArray[Any]]:
        """Return the log-probability of every target under the current weights, in nats; nothing is learned.

        Dropout is off meanwhile.

        Args:
            session: The model.
            batch: Examples with ``targets``.

        Returns:
            One float32 array for each example, of the shape of its ``targets``.

        Raises:
            TrainingError: ``token_out_of_range`` or ``out_of_memory``.
        """
        import torch

        model = session.loaded.model
        was_training = model.training
        model.eval()
        try:
            with torch.no_grad(), _memory(session, batch):
                rows = session.logprobs(_tensors(session, batch)).float().cpu().numpy()
        finally:
            model.train(was_training)
        return [row[: len(datum)] for row, datum in zip(rows, batch, strict=True)]

    def save_checkpoint(self, session: TrainingSession, path: Path) -> Path:
        """Write weights, optimizer, random states and step; whole or not at all."""
        from crucible_train.local.checkpoints import save

        return save(session, path)

    def load_checkpoint(self, session: TrainingSession, path: Path) -> None:
        """Go on from a checkpoint, bit for bit on the cpu."""
        from crucible_train.local.checkpoints import load

        load(session, path)

    def export_model(self, session: TrainingSession, path: Path) -> Path:
        """Write a directory that ``AutoModelForCausalLM.from_pretrained`` loads, tokenizer included.

        Adapters are added to the weights, and written by themselves below ``adapter``.
        """
        from crucible_train.local.checkpoints import export

        return export(session, path)

    def close_session(self, session: TrainingSession) -> None:
        """Let go of the model."""
        session.optimizer.zero_grad(set_to_none=True)
        session.weights = []


def _tensors(session: TrainingSession, batch: Sequence[Datum]) -> Batch:
    """Return the tensors of a batch whose token ids the model has.

    Raises:
        TrainingError: ``token_out_of_range``: it has not; on a GPU that would end the process.
    """
    for datum in batch:
        session.loaded.check_tokens(datum.tokens, datum.row)
        session.loaded.check_tokens(datum.loss_inputs.get("targets", datum.tokens), datum.row)
    return collate(batch, session.place.device)


def _memory(session: TrainingSession, batch: Sequence[Datum]) -> Any:
    from crucible_train.local.memory import explained

    return explained(session, batch)
