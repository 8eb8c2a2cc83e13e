"""Where a model is computed, and in which precision."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crucible_train.errors import TrainingError

if TYPE_CHECKING:
    import torch

DEVICES = ("auto", "cpu", "cuda", "mps")
PRECISIONS = ("fp32", "bf16", "fp16")


@dataclass(frozen=True)
class Place:
    """A device, and the precision of what is computed there; weights stay in float32.

    Attributes:
        device: The device.
        precision: One of `PRECISIONS`.
    """

    device: torch.device
    precision: str = "fp32"

    def autocast(self) -> AbstractContextManager[Any]:
        """Return what has matrix products computed in the precision."""
        import torch

        if self.precision == "fp32":
            return nullcontext()
        kind = torch.bfloat16 if self.precision == "bf16" else torch.float16
        context: AbstractContextManager[Any] = torch.autocast(self.device.type, dtype=kind)
        return context


def place(device: str = "auto", precision: str = "fp32") -> Place:
    """Return a device by name; ``auto`` is the first there is of cuda, mps and cpu.

    Raises:
        TrainingError: ``unsupported_training_config``: an unknown name, a device that is not here, or a precision that
            it does not compute.
    """
    import torch

    if precision not in PRECISIONS:
        raise _unsupported("precision", f"there is no precision {precision!r}; there are {', '.join(PRECISIONS)}")
    kind, _, number = device.partition(":")
    if kind not in DEVICES or (number and not number.isdigit()):
        raise _unsupported("device", f"there is no device {device!r}; there are {', '.join(DEVICES)}, and cuda:1")
    here = {"cuda": torch.cuda.is_available, "mps": torch.backends.mps.is_available, "cpu": lambda: True}
    if kind == "auto":
        device = next(name for name, there in here.items() if there())
    elif not here[kind]():
        raise _unsupported(
            "device", f"this machine has no {kind} that torch {torch.__version__} can use; use cpu, or auto"
        )
    found = torch.device(device)
    if precision == "fp16" and found.type == "cpu":
        raise _unsupported("precision", "fp16 needs cuda or mps; on the cpu use bf16 or fp32")
    return Place(found, precision)


def _unsupported(field: str, message: str) -> TrainingError:
    return TrainingError("unsupported_training_config", message, field=field)
