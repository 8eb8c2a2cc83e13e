"""The sampling client of this machine: answers of a model token by token, and the log-probabilities of tokens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crucible_train.errors import TrainingError
from crucible_train.local.devices import Place, place

if TYPE_CHECKING:
    from torch import Generator, Tensor

    from crucible_train.local.models import LoadedModel


@dataclass(frozen=True)
class Sampling:
    """How answers are drawn.

    Attributes:
        max_tokens: Tokens of an answer at most.
        samples: Answers for each prompt.
        temperature: What the scores are divided by; 0 takes the likeliest token.
        top_p: Draw among the likeliest tokens that have this much probability together; 1 for all.
        stop: Token ids that end an answer; they belong to it.
        seed: What the draws follow from; None for the global generator.
    """

    max_tokens: int = 64
    samples: int = 1
    temperature: float = 1.0
    top_p: float = 1.0
    stop: tuple[int, ...] = ()
    seed: int | None = None

    def __post_init__(self) -> None:
        """Check the numbers.

        Raises:
            TrainingError: ``unsupported_training_config``, naming the field.
        """
        checks = {
            "max_tokens": self.max_tokens >= 1,
            "samples": self.samples >= 1,
            "temperature": self.temperature >= 0,
            "top_p": 0 < self.top_p <= 1,
        }
        for name, fits in checks.items():
            if not fits:
                message = f"{name} is {getattr(self, name)}, which is out of range"
                raise TrainingError("unsupported_training_config", message, field=name)


@dataclass(frozen=True, slots=True)
class Sample:
    """One answer.

    Attributes:
        tokens: Its token ids, the one that ended it included.
        logprobs: Their natural log-probabilities under the distribution they were drawn from, temperature included.
        stopped: Whether a stop token ended it, and not its length.
    """

    tokens: tuple[int, ...]
    logprobs: tuple[float, ...]
    stopped: bool


@dataclass
class SamplingSession:
    """A model to sample from; sharing the model of a training, it samples from the current weights."""

    loaded: LoadedModel
    place: Place

    @property
    def context_length(self) -> int | None:
        """Tokens that the model reads at most; None where its configuration does not say."""
        return self.loaded.context_length


class LocalSamplingClient:
    """Samples from models in this process; see `crucible_core.ports.SamplingClient`."""

    def start_session(self, model: str, config: Mapping[str, Any]) -> SamplingSession:
        """Load a model, or share one: ``{"loaded": LoadedModel}``.

        Else ``config`` is as for `LocalTrainingClient.start_session`.

        Raises:
            TrainingError: See `load_model` and `place`.
        """
        from crucible_train.local.models import load_model

        where = place(config.get("device", "auto"), config.get("precision", "fp32"))
        loaded = config.get("loaded") or load_model(
            model, config=config.get("config"), tokenizer=config.get("tokenizer"), seed=config.get("seed", 0)
        )
        loaded.model.to(where.device)
        return SamplingSession(loaded, where)

    def sample(
        self, session: SamplingSession, prompts: Sequence[Sequence[int]], config: Mapping[str, Any]
    ) -> list[list[Sample]]:
        """Return, for each prompt, its answers; rows that have ended are not computed any more.

        Args:
            session: The model.
            prompts: Token ids, at least one for each prompt.
            config: Fields of `Sampling`.

        Raises:
            TrainingError: ``unsupported_training_config``: an empty prompt, or a field out of range.
        """
        import torch

        how = Sampling(**config)
        if not all(map(len, prompts)):
            raise TrainingError("unsupported_training_config", "a prompt needs at least one token", field="prompts")
        rows = [prompt for prompt in prompts for _ in range(how.samples)]
        generator = None if how.seed is None else torch.Generator(session.place.device).manual_seed(how.seed)
        answers = _Rows(rows, how)
        model = session.loaded.model
        was_training = model.training
        model.eval()
        try:
            with torch.no_grad(), session.place.autocast():
                _generate(session, rows, answers, how, generator)
        finally:
            model.train(was_training)
        made = [Sample(*each) for each in answers.made()]
        return [made[start : start + how.samples] for start in range(0, len(made), how.samples)]

    def sample_stream(
        self, session: SamplingSession, prompt: Sequence[int], config: Mapping[str, Any]
    ) -> Iterator[int]:
        """Yield the tokens of one answer as they come."""
        so_far = list(prompt)
        seed = config.get("seed")
        for step in range(config.get("max_tokens", Sampling.max_tokens)):
            one = {**config, "max_tokens": 1, "samples": 1, "seed": None if seed is None else seed + step}
            ((answer,),) = self.sample(session, [so_far], one)
            yield answer.tokens[0]
            if answer.stopped:
                return
            so_far.append(answer.tokens[0])

    def compute_logprobs(self, session: SamplingSession, sequences: Sequence[Sequence[int]]) -> list[list[float]]:
        """Return the log-probability of every token after the first of every sequence, at temperature 1.

        Raises:
            TrainingError: ``token_out_of_range``.
        """
        import torch

        from crucible_train.data.datum import next_token_datum
        from crucible_train.local.batches import collate
        from crucible_train.losses.token import token_logprobs

        datums = [next_token_datum(each, [1.0] * len(each)) for each in sequences]
        for datum in datums:
            session.loaded.check_tokens(datum.tokens)
            session.loaded.check_tokens(datum.loss_inputs["targets"])
        batch = collate(datums, session.place.device)
        model = session.loaded.model
        was_training = model.training
        model.eval()
        try:
            with torch.no_grad(), session.place.autocast():
                logits = model(input_ids=batch.tokens, attention_mask=batch.mask, use_cache=False).logits
        finally:
            model.train(was_training)
        rows = token_logprobs(logits, batch.loss_inputs["targets"])
        return [row[: len(datum)].tolist() for row, datum in zip(rows, datums, strict=True)]

    def close_session(self, session: SamplingSession) -> None:
        """Let go of the model."""
        del session


class _Rows:
    """The answers while they are drawn."""

    def __init__(self, prompts: Sequence[Sequence[int]], how: Sampling) -> None:
        self._tokens: list[list[int]] = [[] for _ in prompts]
        self._logprobs: list[list[float]] = [[] for _ in prompts]
        self._stop = frozenset(how.stop)
        self._stopped = [False] * len(prompts)
        self.going = list(range(len(prompts)))

    def add(self, tokens: Tensor, logprobs: Tensor) -> list[int]:
        """Add one token to every answer that goes on; return which of those rows go on, by their place among them."""
        keep = []
        for at, (row, token, logprob) in enumerate(zip(self.going, tokens.tolist(), logprobs.tolist(), strict=True)):
            self._tokens[row].append(token)
            self._logprobs[row].append(logprob)
            self._stopped[row] = token in self._stop
            if not self._stopped[row]:
                keep.append(at)
        self.going = [self.going[at] for at in keep]
        return keep

    def made(self) -> list[tuple[tuple[int, ...], tuple[float, ...], bool]]:
        """Return tokens, log-probabilities and whether it was stopped, of every answer."""
        return [(tuple(t), tuple(p), s) for t, p, s in zip(self._tokens, self._logprobs, self._stopped, strict=True)]


def _generate(
    session: SamplingSession,
    prompts: Sequence[Sequence[int]],
    answers: _Rows,
    how: Sampling,
    generator: Generator | None,
) -> None:
    import torch
    from transformers import DynamicCache

    model, device = session.loaded.model, session.place.device
    longest = max(map(len, prompts))
    tokens = torch.tensor([[0] * (longest - len(each)) + list(each) for each in prompts], device=device)
    mask = torch.tensor([[0] * (longest - len(each)) + [1] * len(each) for each in prompts], device=device)
    positions = (mask.cumsum(-1) - 1).clamp(min=0)
    cache = DynamicCache(config=model.config)
    for _ in range(how.max_tokens):
        found = model(
            input_ids=tokens,
            attention_mask=mask,
            position_ids=positions,
            past_key_values=cache,
            use_cache=True,
            logits_to_keep=1,
        )
        drawn, logprobs = _draw(found.logits[:, -1], how, generator)
        keep = answers.add(drawn, logprobs)
        if not keep:
            return
        if len(keep) < len(drawn):
            index = torch.tensor(keep, device=device)
            cache.batch_select_indices(index)
            drawn, mask, positions = drawn[index], mask[index], positions[index]
        tokens = drawn[:, None]
        mask = torch.cat([mask, mask.new_ones(len(keep), 1)], -1)
        positions = positions[:, -1:] + 1


def _draw(logits: Tensor, how: Sampling, generator: Generator | None) -> tuple[Tensor, Tensor]:
    """Return one token for each row and its log-probability under the distribution it was drawn from."""
    import torch

    scores = logits.float()
    if how.temperature == 0:
        logprobs = torch.log_softmax(scores, -1)
        tokens = scores.argmax(-1)
    else:
        logprobs = torch.log_softmax(scores / how.temperature, -1)
        if how.top_p < 1:
            logprobs = _nucleus(logprobs, how.top_p)
        tokens = torch.multinomial(logprobs.exp(), 1, generator=generator)[:, 0]
    return tokens, logprobs.gather(-1, tokens[:, None])[:, 0]


def _nucleus(logprobs: Tensor, top_p: float) -> Tensor:
    """Keep the likeliest tokens that have this much probability together, one at least (Holtzman et al. 2020)."""
    import torch

    ordered, order = logprobs.sort(-1, descending=True)
    before = ordered.exp().cumsum(-1) - ordered.exp()
    kept = ordered.masked_fill(before >= top_p, -torch.inf)
    return torch.log_softmax(torch.full_like(logprobs, -torch.inf).scatter(-1, order, kept), -1)
