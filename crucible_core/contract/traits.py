"""What a stage promises about how it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Determinism = Literal["bitwise", "seeded", "none"]
DETERMINISMS: tuple[Determinism, ...] = ("bitwise", "seeded", "none")


@dataclass(frozen=True)
class Traits:
    """Promises that the conformance kit checks and the runner relies on; a weak one needs a reason.

    Args:
        determinism: ``bitwise`` (the same inputs give the same bytes), ``seeded`` (the same inputs and seed do) or
            ``none``.
        network: Hosts the stage talks to; ``("*",)`` for hosts that its options name.
        subprocess: Whether it starts processes.
        picklable: Whether the stage and its results pickle, so that it can run in another process.
        cacheable: Whether its result may be reused for the same inputs.
        resources: What it needs, e.g. ``{"memory_gb": 4, "packages": ["datasets>=2"]}``.
        reasons: Trait name to the reason why it is weaker than the default.
    """

    determinism: Determinism = "bitwise"
    network: tuple[str, ...] = ()
    subprocess: bool = False
    picklable: bool = True
    cacheable: bool = False
    resources: Mapping[str, Any] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what is no trait where it is written.

        Raises:
            ValueError: A determinism that is none of the three.
            TypeError: Hosts, resources or reasons of another kind.
        """
        if self.determinism not in DETERMINISMS:
            raise ValueError(f"determinism is one of {', '.join(DETERMINISMS)}; got {self.determinism!r}")
        for name, kind, words in (
            ("network", (tuple, list), "a list of hosts"),
            ("resources", Mapping, "a mapping"),
            ("reasons", Mapping, "a mapping"),
        ):
            value = getattr(self, name)
            if not isinstance(value, kind):
                raise TypeError(f"{name} is {words}; got {value!r}")

    def to_dict(self) -> dict[str, Any]:
        """Return the traits as JSON values."""
        return {
            "determinism": self.determinism,
            "network": list(self.network),
            "subprocess": self.subprocess,
            "picklable": self.picklable,
            "cacheable": self.cacheable,
            "resources": dict(self.resources),
            "reasons": dict(self.reasons),
        }

    @property
    def weak(self) -> tuple[str, ...]:
        """Name the traits that are weaker than the default, in a fixed order."""
        found = {
            "determinism": self.determinism == "none",
            "network": bool(self.network),
            "subprocess": self.subprocess,
            "picklable": not self.picklable,
        }
        return tuple(name for name, weak in found.items() if weak)
