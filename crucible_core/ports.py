"""The protocols by which stages use trainers, samplers, language models, embedders and stores; typing only.

An implementation inherits from none of these: any object with the methods will do. A stage takes it through its option
``ports: {name: "module:factory"}`` and gets it from `crucible_core.resolve_ports`.

Token ids are integers of the tokenizer that belongs to the model; log-probabilities are natural logarithms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Protocol

Row = Mapping[str, Any]


class TrainingClient(Protocol):
    """Trains one model in a session; gradients add up until the next optimizer step."""

    def start_session(self, model: str, config: Mapping[str, Any]) -> Any:
        """Load a model and return a session, to be given to the other methods."""
        ...

    def forward_backward(
        self, session: Any, batch: Sequence[Any], loss: str, loss_config: Mapping[str, Any] | None = None
    ) -> Mapping[str, float]:
        """Add the gradients of a named loss on a batch; return the loss and other metrics."""
        ...

    def forward_backward_custom(
        self, session: Any, batch: Sequence[Any], loss: Callable[[Sequence[Any], Any], tuple[Any, Mapping[str, float]]]
    ) -> Mapping[str, float]:
        """Add the gradients of a loss made from the batch and its log-probabilities."""
        ...

    def optim_step(self, session: Any, learning_rate: float) -> Mapping[str, float]:
        """Take one optimizer step and clear the gradients; return metrics such as the gradient norm."""
        ...

    def compute_logprobs(self, session: Any, batch: Sequence[Any]) -> Sequence[Sequence[float]]:
        """Return the log-probability of every target of a batch under the current weights; learn nothing."""
        ...

    def save_checkpoint(self, session: Any, path: Path) -> Path:
        """Write everything needed to go on exactly; return where."""
        ...

    def load_checkpoint(self, session: Any, path: Path) -> None:
        """Go on from a checkpoint."""
        ...

    def export_model(self, session: Any, path: Path) -> Path:
        """Write the current weights in a form that other programs load; return where."""
        ...

    def close_session(self, session: Any) -> None:
        """Let go of the model."""
        ...


class SamplingClient(Protocol):
    """Samples from a model and scores tokens with it."""

    def start_session(self, model: str, config: Mapping[str, Any]) -> Any:
        """Load a model and return a session."""
        ...

    def sample(self, session: Any, prompts: Sequence[Any], config: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        """Return, for each prompt, the sampled sequences."""
        ...

    def sample_stream(self, session: Any, prompt: Any, config: Mapping[str, Any]) -> Iterator[Any]:
        """Yield the tokens of one sample as they come."""
        ...

    def compute_logprobs(self, session: Any, sequences: Sequence[Any]) -> Sequence[Sequence[float]]:
        """Return the log-probability of every token of every sequence."""
        ...

    def close_session(self, session: Any) -> None:
        """Let go of the model."""
        ...


class DatasetStore(Protocol):
    """Loads datasets and takes parts of them."""

    def load_dataset(self, name: str, options: Mapping[str, Any]) -> Any:
        """Return a dataset by name."""
        ...

    def get_split(self, dataset: Any, split: str) -> Any:
        """Return one split of a dataset."""
        ...

    def shuffle(self, dataset: Any, seed: int) -> Any:
        """Return the dataset in an order that follows from the seed."""
        ...

    def take(self, dataset: Any, count: int) -> Any:
        """Return the first rows."""
        ...

    def skip(self, dataset: Any, count: int) -> Any:
        """Return all but the first rows."""
        ...

    def select(self, dataset: Any, indices: Iterable[int]) -> Any:
        """Return the rows at these indices."""
        ...

    def to_list(self, dataset: Any) -> Sequence[Row]:
        """Return the rows."""
        ...


class EmbeddingClient(Protocol):
    """Turns texts into vectors."""

    def embed_texts(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        """Return one vector a text, all of one length."""
        ...


class LLMClient(Protocol):
    """Talks to a language model."""

    def chat(self, messages: Sequence[Mapping[str, Any]], options: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the completion of a conversation."""
        ...


class HubClient(Protocol):
    """Fetches files from a model or dataset hub."""

    def download(self, repository: str, file: str, revision: str | None = None) -> Path:
        """Fetch one file; return where it lies."""
        ...

    def snapshot(self, repository: str, revision: str | None = None) -> Path:
        """Fetch a whole repository; return where it lies."""
        ...

    def list_files(self, repository: str, revision: str | None = None) -> Sequence[str]:
        """Name the files of a repository."""
        ...


class BlobStore(Protocol):
    """Keeps bytes under names."""

    def read(self, name: str) -> bytes:
        """Return what is kept under a name."""
        ...

    def stream(self, name: str) -> Iterator[bytes]:
        """Yield what is kept under a name in pieces."""
        ...

    def write(self, name: str, data: bytes) -> None:
        """Keep bytes under a name, whole or not at all."""
        ...

    def exists(self, name: str) -> bool:
        """Tell whether anything is kept under a name."""
        ...


class VectorStore(Protocol):
    """Keeps vectors in collections and finds the nearest."""

    def create_collection(self, name: str, dimension: int) -> Any:
        """Make a collection."""
        ...

    def get_collection(self, name: str) -> Any:
        """Return a collection that is there."""
        ...

    def get_or_create_collection(self, name: str, dimension: int) -> Any:
        """Return a collection, made now if it is not there."""
        ...

    def delete_collection(self, name: str) -> None:
        """Drop a collection with all it holds."""
        ...

    def add(self, collection: Any, ids: Sequence[str], vectors: Sequence[Sequence[float]], rows: Sequence[Row]) -> None:
        """Keep vectors with what belongs to them."""
        ...

    def query(self, collection: Any, vector: Sequence[float], count: int) -> Sequence[tuple[str, float, Row]]:
        """Return id, distance and row of the nearest vectors, nearest first."""
        ...


PORTS: Mapping[str, type] = {
    "training_client": TrainingClient,
    "sampling_client": SamplingClient,
    "dataset_store": DatasetStore,
    "embedding_client": EmbeddingClient,
    "llm_client": LLMClient,
    "hub_client": HubClient,
    "blob_store": BlobStore,
    "vector_store": VectorStore,
}
"""Name of a port in the option ``ports`` to its protocol."""


class Codec(Protocol):
    """Writes values of some types so that they come back as they were; offered by ``crucible_register_codecs``.

    The same value gives the same bytes. A value that cannot be kept exactly is refused with a ``TypeError`` or a
    ``ValueError`` that says why; what was written by then does not count.

    A codec may have two more methods. ``verify(value, stream)`` gets what was written and raises where that is not the
    value. ``write_plain(value, stream)``, of a codec that compresses, writes what is to be searched for secrets.

    Attributes:
        name: As in its `CodecRef`.
        suffix: How the names of its files end: ``.npy``.
    """

    name: str
    suffix: str

    def write(self, value: Any, stream: BinaryIO) -> None:
        """Write a value; the stream cannot seek."""
        ...

    def read(self, stream: BinaryIO) -> Any:
        """Return the value; the stream can seek."""
        ...
