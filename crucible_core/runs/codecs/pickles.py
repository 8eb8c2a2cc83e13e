"""Pickles, for stages that ask for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO

from crucible_core.runs.codecs.encoder import Kind

if TYPE_CHECKING:
    from crucible_core.runs.codecs.encoder import Encoder

__all__ = ["PICKLED", "Pickle"]

_PROTOCOL = 5  # the same in every version of Python that is supported


class Pickle:
    """Writes what can be pickled."""

    name = "pickle"
    suffix = ".pickle"

    def write(self, value: Any, stream: BinaryIO) -> None:
        """Pickle a value."""
        import pickle

        pickle.dump(value, stream, protocol=_PROTOCOL)

    def read(self, stream: BinaryIO) -> Any:
        """Read a value; only where the stage asked for pickles, since reading one can run any code."""
        import pickle

        return pickle.load(stream)  # noqa: S301


def _pickled(encoder: Encoder, value: Any, _depth: int) -> Any:
    return encoder.written(Pickle(), value)


PICKLED = Kind(_pickled)
