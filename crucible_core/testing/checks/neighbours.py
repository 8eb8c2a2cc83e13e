"""Checks of the group: neighbours."""
