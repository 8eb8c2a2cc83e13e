"""Checks of the catalogue that the kit does not make, and why; the documentation lists them."""

from __future__ import annotations

from collections.abc import Mapping

LEFT_OUT: Mapping[str, str] = {}
"""Id, which no check may take, to the reason."""
