"""Values of a run as JSON, and as objects where JSON is not the place for them."""

from __future__ import annotations

import contextlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from crucible_core.contract.errors import CrucibleError, named
from crucible_core.runs.codecs.codec_kinds import TREE, CodecKinds
from crucible_core.runs.codecs.codec_table import CodecTable
from crucible_core.runs.codecs.decoder import Decoder
from crucible_core.runs.codecs.encoder import Encoder
from crucible_core.runs.codecs.errors import NoCodecError, SecretValueError, UnreadableValueError
from crucible_core.runs.codecs.json_lines import JsonLinesWriter, are_plain_rows
from crucible_core.runs.codecs.object_ref import ObjectRef, needed_objects
from crucible_core.runs.codecs.pickles import PICKLED, Pickle
from crucible_core.runs.codecs.plain import as_text, is_plain
from crucible_core.runs.codecs.refusal import Refusal, named_type
from crucible_core.runs.codecs.secret_search import SecretFound, SecretSearch

if TYPE_CHECKING:
    from crucible_core.plugins.codec_ref import CodecRef
    from crucible_core.runs.codecs.object_writer import ObjectWriter
    from crucible_core.runs.codecs.protocols import Writer
    from crucible_core.runs.codecs.store import ObjectStore

__all__ = ["INLINE", "Values"]

INLINE = 4096
"""Characters; a value whose JSON text is longer becomes an object."""
_INLINE_BYTES = INLINE * 3 // 4  # what Base64 makes of them is as long


class Values(CodecKinds):
    """Encode values of a run and decode them; make one for each run.

    Args:
        store: Where objects go.
        codecs: Returns references to all codecs there are; called when a value first needs one.
        secrets: Texts that must not be written.

    Example:
        >>> from pathlib import Path
        >>> from crucible_core.runs.codecs.store import ObjectStore
        >>> values = Values(ObjectStore(Path("checkpoints")), tuple)
        >>> values.encode({"scores": (0.5, float("inf"))})
        {'scores': {'$': 'tuple', 'items': [0.5, {'$': 'float', 'value': 'inf'}]}}
    """

    def __init__(
        self, store: ObjectStore, codecs: Callable[[], Iterable[CodecRef]], *, secrets: Iterable[str] = ()
    ) -> None:
        super().__init__(CodecTable(codecs))
        self._store = store
        self._secrets = SecretSearch(secrets)

    def encode(self, value: Any, *, pickled: bool = False, where: str = "value") -> Any:
        """Return JSON values from which `decode` makes the same value, of the same types.

        What is large, or no text, is written into the store. The result shares nothing with the value.

        Args:
            value: The value.
            pickled: Whether what has no codec may be pickled.
            where: What messages call the value.

        Raises:
            NoCodecError: Something in it cannot be written so that it comes back as it is.
            SecretValueError: It holds a secret; nothing of it was written.
            StoreError: The disk did not take it.
        """
        if not self._secrets and is_plain(value, INLINE):
            return value.copy()
        encoder = Encoder(self, PICKLED if pickled else None)
        try:
            encoded = self._whole(encoder, value)
            if encoder.size <= INLINE and not self._secrets:
                return encoded
            text = as_text(encoded)
            self.forbid_secrets(text, encoded)
        except Refusal as refusal:
            if not pickled:
                raise refusal.as_error(where) from refusal.__cause__
            return self._pickled(value, refusal, where)
        except SecretFound:
            raise SecretValueError(where) from None
        except RecursionError:
            reason = "it is nested deeper than Python can go from where it is being kept"
            raise NoCodecError(where, named_type(type(value)), reason) from None
        if len(text) <= INLINE:
            return encoded
        data = text.encode("utf-8", "backslashreplace")  # half of a surrogate pair, as in the journal
        ref = self._store.put(lambda stream: stream.write(data), ".json")
        needed = needed_objects(encoder.objects)
        return {"$": "object", "codec": TREE, **ref.to_dict(), **({"objects": needed} if needed else {})}

    @staticmethod
    def _whole(encoder: Encoder, value: Any) -> Any:
        if type(value) is list and are_plain_rows(value):
            return encoder.written(JsonLinesWriter(encoder, 0), value)
        return encoder.whole(value)

    def _pickled(self, value: Any, refusal: Refusal, where: str) -> Any:
        """Return a pickle of a value that is refused as a whole: it contains itself, or a codec cannot write it."""
        try:
            return self.write(Pickle(), value)
        except Refusal:
            raise refusal.as_error(where) from refusal.__cause__
        except SecretFound:
            raise SecretValueError(where) from None

    def decode(self, encoded: Any, *, pickled: bool = False) -> Any:
        """Return the value that was encoded.

        Args:
            encoded: What `encode` returned.
            pickled: Whether pickles in it may be read; reading one can run any code.

        Raises:
            DamagedObjectError: An object that it needs is missing, or not what was written.
            UnreadableValueError: A codec, or a class, is not there any more; or it holds a pickle and ``pickled`` is
                not set.
        """
        try:
            return Decoder(self, pickled=pickled).decode(encoded)
        except (CrucibleError, MemoryError):
            raise
        except Exception as error:
            raise UnreadableValueError(f"a value that was kept cannot be read: {named(error)}") from error

    def write(self, codec: Writer, value: Any) -> dict[str, Any]:
        """Have a codec write a value and return what stands for it; see `Kinds`."""
        if self._secrets:
            self._search(codec, value)
        with self._store.writer() as writer:
            with _refusing(codec, value):
                self._write(codec, value, writer)
            small = writer.small(_INLINE_BYTES)
            if small is not None:
                made = {"$": "coded", "codec": codec.name, "base64": b64encode(small).decode()}
            else:
                made = {"$": "object", "codec": codec.name, **writer.commit(codec.suffix).to_dict()}
        needed = needed_objects(getattr(codec, "objects", ()))
        return {**made, "objects": needed} if needed else made

    def _write(self, codec: Writer, value: Any, writer: ObjectWriter) -> None:
        try:
            codec.write(value, cast("BinaryIO", writer))
        finally:
            writer.raise_failure()  # which a library may have turned into an error of its own
        verify = getattr(codec, "verify", None)
        if verify is not None:
            with writer.reader() as reader:
                verify(value, reader)

    def _search(self, codec: Writer, value: Any) -> None:
        """Look for secrets in what a codec writes, before it is compressed if the codec can say that."""
        from crucible_core.runs.codecs.secret_sink import SecretSink

        sink = SecretSink(self._secrets)
        write = getattr(codec, "write_plain", codec.write)
        with _refusing(codec, value):
            write(value, cast("BinaryIO", sink))
        if sink.found:
            raise SecretFound

    def forbid_secrets(self, text: str, encoded: Any) -> None:
        """Raise where encoded values hold a secret; their text says quickly whether they may."""
        if self._secrets and self._secrets.may_be_in(text) and self._secrets.in_encoded(encoded):
            raise SecretFound

    def read(self, encoded: dict[str, Any], *, pickled: bool) -> Any:
        """Return what a codec wrote; see `Tags`."""
        name = encoded["codec"]
        if name == Pickle.name and not pickled:
            message = "a value that was kept is a pickle, and the stage does not declare it as pickled"
            raise UnreadableValueError(message, hint="declare it again, or run again without --resume")
        if "base64" in encoded:
            return self.read_stream(name, BytesIO(b64decode(encoded["base64"], validate=True)), pickled=pickled)
        with self._store.open(ObjectRef.from_dict(encoded)) as stream:
            return self.read_stream(name, stream, pickled=pickled)


@contextlib.contextmanager
def _refusing(codec: Writer, value: Any) -> Iterator[None]:
    """Make a refusal of whatever a codec raises."""
    try:
        yield
    except (CrucibleError, MemoryError, RecursionError, Refusal, SecretFound):
        raise
    except Exception as error:
        said = str(error) if isinstance(error, (TypeError, ValueError)) else named(error)
        raise Refusal(value, f"the codec {codec.name!r} refuses it: {said}") from error
