"""Drawings, as SVG in the current text colour."""
