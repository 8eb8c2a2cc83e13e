"""Ids of traces and spans that follow from the run, so that a resumed run finds the trace of what it continues."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from threading import local
from typing import Any

from opentelemetry.sdk.trace.id_generator import IdGenerator


@dataclass(frozen=True)
class RunIdentity:
    """What tells a run from every other; the same in each process that works on it.

    Args:
        experiment_id: Id of the experiment.
        run_id: Id of the run; one that was chosen may be chosen again elsewhere.
        created_at: When the run was made, as its manifest says it.

    Example:
        >>> RunIdentity("demo", "one", "2026-11-22T09:30:00+00:00").span_id(1) != 0
        True
    """

    experiment_id: str
    run_id: str
    created_at: str
    _digest: bytes = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        text = f"{self.experiment_id}\x1f{self.run_id}\x1f{self.created_at}"
        digest = blake2b(text.encode("utf-8", "backslashreplace"), digest_size=16, person=b"crucible run")
        object.__setattr__(self, "_digest", digest.digest())

    @classmethod
    def of(cls, experiment_id: str, run_id: str, manifest: Mapping[str, Any]) -> RunIdentity:
        """Return the identity of a run with this manifest."""
        return cls(experiment_id, run_id, str(manifest.get("created_at") or ""))

    @property
    def trace_id(self) -> int:
        """The id of the run's trace, where it is no part of somebody else's."""
        return int.from_bytes(self._digest) or 1

    def span_id(self, seq: int) -> int:
        """Return the id of the span that begins with the event of this number."""
        return int.from_bytes(blake2b(b"%d" % seq, key=self._digest, digest_size=8).digest()) or 1


class DerivedIds(IdGenerator):
    """Give out the ids that were asked for in this thread, and those of another generator otherwise."""

    def __init__(self, others: IdGenerator) -> None:
        self._others = others
        self._next = local()

    def will_be(self, trace_id: int, span_id: int) -> None:
        """Say what the next span that this thread starts is to be called; 0 for whatever the other generator says."""
        self._next.trace_id, self._next.span_id = trace_id, span_id

    def generate_trace_id(self) -> int:
        """Return the id of a trace that begins."""
        return getattr(self._next, "trace_id", 0) or self._others.generate_trace_id()

    def generate_span_id(self) -> int:
        """Return the id of a span."""
        return getattr(self._next, "span_id", 0) or self._others.generate_span_id()

    def is_trace_id_random(self) -> bool:
        """Tell whether samplers may take the ids for random: a hash of unlike things is as evenly spread."""
        return True
