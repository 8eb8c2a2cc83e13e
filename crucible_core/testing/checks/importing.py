"""Checks of the group: importing."""
