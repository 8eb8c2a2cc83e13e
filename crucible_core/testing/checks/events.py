"""Checks of the group: events."""
