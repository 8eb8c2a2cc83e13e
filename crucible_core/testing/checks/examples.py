"""Checks of the group: examples."""
