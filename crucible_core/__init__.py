"""Run machine-learning experiment pipelines made of stages from installable plugins."""

from __future__ import annotations

__version__ = "0.1.0"
