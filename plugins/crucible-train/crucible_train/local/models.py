"""Find a model and its tokenizer: on the hub, in a directory, or made from a configuration without any file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crucible_train.errors import TrainingError
from crucible_train.local.memory import is_out_of_memory

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

BYTES, PLAIN_BYTES = "bytes", "plain_bytes"
"""Names of the tokenizers that need no file: every byte is a token. The second one has no chat template."""


@dataclass(frozen=True)
class LoadedModel:
    """A model and its tokenizer.

    Attributes:
        model: A causal language model, in evaluation mode, on the cpu.
        tokenizer: What turns texts into its tokens.
        name: What to call it in messages.
    """

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    name: str

    @property
    def context_length(self) -> int | None:
        """Tokens that the model reads at most; None where its configuration does not say."""
        found = getattr(self.model.config, "max_position_embeddings", None)
        return found if isinstance(found, int) else None

    def check_tokens(self, ids: NDArray[Any], row: int | None = None) -> None:
        """Make sure that the model has all of these token ids, at least one.

        Raises:
            TrainingError: ``token_out_of_range``: it has not; on a GPU that would end the process.
        """
        size = self.model.get_input_embeddings().weight.shape[0]
        smallest, largest = int(ids.min()), int(ids.max())
        if smallest >= 0 and largest < size:
            return
        found = smallest if smallest < 0 else largest
        where = "there is" if row is None else f"row {row} has"
        message = f"{where} the token id {found}; {self.name} has the ids 0 to {size - 1}"
        raise TrainingError("token_out_of_range", message, token=found, row=row)


def load_model(
    name: str, *, config: Mapping[str, Any] | None = None, tokenizer: str | None = None, seed: int = 0
) -> LoadedModel:
    """Return a causal language model.

    Args:
        name: A directory, or a name on the hub; with ``config`` only what to call it.
        config: Makes a model with random weights: ``{"model_type": "qwen2", "hidden_size": 64, ...}``.
        tokenizer: A directory, a name on the hub, ``bytes`` or ``plain_bytes``; that of the model when not given.
        seed: What random weights are drawn from; the global generator is left as it was.

    Raises:
        TrainingError: ``model_not_found``, ``unsupported_training_config``, or ``out_of_memory``.
    """
    words = load_tokenizer(tokenizer or (BYTES if config is not None else name))
    model = _loaded(name) if config is None else _made(config, len(words), seed)
    size = model.get_input_embeddings().weight.shape[0]
    if len(words) > size:
        raise TrainingError(
            "unsupported_training_config",
            f"the tokenizer has {len(words)} tokens and {name} embeddings for {size}; "
            "use its own tokenizer, or another vocab_size",
            field="tokenizer",
        )
    return LoadedModel(model, words, name)


def load_tokenizer(name: str) -> PreTrainedTokenizerBase:
    """Return a tokenizer.

    Raises:
        TrainingError: ``model_not_found``.
    """
    if name in (BYTES, PLAIN_BYTES):
        from crucible_train.local.byte_tokenizer import byte_tokenizer

        return byte_tokenizer(chat=name == BYTES)
    from transformers import AutoTokenizer, PreTrainedTokenizerFast

    kind = PreTrainedTokenizerFast if _is_all_in_its_file(Path(name)) else AutoTokenizer
    try:
        found: PreTrainedTokenizerBase = kind.from_pretrained(name)
    except (OSError, ValueError) as error:
        raise _not_found("tokenizer", name, error) from error
    return found


def _is_all_in_its_file(folder: Path) -> bool:
    """Tell whether a directory says that its ``tokenizer.json`` is the whole tokenizer.

    For some kinds of models, qwen2 among them, AutoTokenizer does not believe it, and makes of the file a tokenizer
    that cuts otherwise and has another token.
    """
    try:
        said = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    whole = isinstance(said, dict) and said.get("tokenizer_class") in ("TokenizersBackend", "PreTrainedTokenizerFast")
    return whole and (folder / "tokenizer.json").exists()


def _loaded(name: str) -> PreTrainedModel:
    from transformers import AutoModelForCausalLM

    try:
        model: PreTrainedModel = AutoModelForCausalLM.from_pretrained(name, dtype="float32")
    except (OSError, ValueError) as error:
        raise _not_found("model", name, error) from error
    return model.eval()


def _made(config: Mapping[str, Any], n_tokens: int, seed: int) -> PreTrainedModel:
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    given = {"vocab_size": n_tokens, **config}
    kind = given.pop("model_type", None)
    if not isinstance(kind, str):
        raise TrainingError(
            "unsupported_training_config",
            "a model made from a configuration needs model_type, e.g. qwen2",
            field="config",
        )
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            model: PreTrainedModel = AutoModelForCausalLM.from_config(AutoConfig.for_model(kind, **given))
    except (ValueError, TypeError, KeyError) as error:
        message = f"no model can be made of this configuration: {error}"
        raise TrainingError("unsupported_training_config", message, field="config") from error
    except (MemoryError, RuntimeError) as error:
        if not is_out_of_memory(error):
            raise
        message = (
            f"the weights of this configuration do not fit into memory ({str(error).splitlines()[0]}); make it smaller"
        )
        raise TrainingError("out_of_memory", message) from error
    return model.eval()


def _not_found(what: str, name: str, error: Exception) -> TrainingError:
    near = Path(name)
    place = f"there is no directory {near.absolute()}" if not near.exists() else f"{near} holds none"
    reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    return TrainingError("model_not_found", f"no {what} {name!r}: {place}, and the hub gave none ({reason})", name=name)
