"""The model that a stage asks: from its options, or as a stage before it left it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crucible_core import resolve_ports
from crucible_core.ir import ModelRef
from crucible_train.errors import TrainingError
from crucible_train.isolation import isolated
from crucible_train.local.models import BYTES, load_tokenizer

if TYPE_CHECKING:
    from crucible_core import Context
    from crucible_core.ports import SamplingClient

DEFAULT_PORTS = {"sampling_client": "crucible_train.local.sampling_client:LocalSamplingClient"}


@dataclass(frozen=True)
class AskedModel:
    """A model that can be asked.

    Attributes:
        client: Who asks it.
        session: The client's session.
        tokenizer: What turns texts into its tokens.
        name: What results call it.
        seed: What answers are drawn from.
    """

    client: SamplingClient
    session: Any
    tokenizer: Any
    name: str
    seed: int

    @property
    def context_length(self) -> int | None:
        """Tokens that it reads at most; None where the client does not say."""
        found: int | None = getattr(self.session, "context_length", None)
        return found


@contextmanager
def asked_model(context: Context, options: Any) -> Iterator[AskedModel]:
    """Yield the model of a stage; the process is left as it was.

    Raises:
        TrainingError: ``missing_model``, or what the client raises.
        StageError: ``missing_ports``.
    """
    name, place = _named(context, options)
    client = resolve_ports(["sampling_client"], options.ports, DEFAULT_PORTS)["sampling_client"]
    seed = context.runtime.seed if options.seed is None else options.seed
    told = {name: getattr(options, name) for name in ("config", "tokenizer", "device", "precision")}
    tokenizer = load_tokenizer(options.tokenizer or (place if options.config is None else BYTES))
    with isolated(seed):
        session = client.start_session(place, {**told, "seed": seed})
        try:
            yield AskedModel(client, session, tokenizer, name, seed)
        finally:
            client.close_session(session)


def _named(context: Context, options: Any) -> tuple[str, str]:
    """Return what results call the model, and where it is."""
    if options.model is not None or options.config is not None:
        name = options.model or "model"
        return name, name
    try:
        found = context.read(options.model_from)
    except KeyError:
        found = None
    if isinstance(found, ModelRef):
        return found.name or found.id, found.artifact_uri or found.name or found.id
    if isinstance(found, str) and found:
        return found, found
    what = "nothing" if found is None else f"a {type(found).__name__}"
    message = f"{options.model_from} holds {what}, and neither model nor config is given; say which model to ask"
    raise TrainingError("missing_model", message, field="model_from")
