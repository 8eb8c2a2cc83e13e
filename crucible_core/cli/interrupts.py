"""What ends the command from outside, and its exit codes."""

from __future__ import annotations

from crucible_core.pipeline.termination import INTERRUPTED, TERMINATED, Terminated, interrupt_on_sigterm

__all__ = ["INTERRUPTED", "TERMINATED", "Terminated", "interrupt_on_sigterm"]
