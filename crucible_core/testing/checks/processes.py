"""Checks of the group: processes."""
