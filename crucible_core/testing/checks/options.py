"""Checks of the group: options."""
