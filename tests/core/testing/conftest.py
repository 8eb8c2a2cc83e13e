"""Stages to try the kit on; the processes that check them import them by name, as this one does."""

from __future__ import annotations

import sys
from pathlib import Path

STAGES = str(Path(__file__).parent / "stages")
if STAGES not in sys.path:
    sys.path.append(STAGES)
