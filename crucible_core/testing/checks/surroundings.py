"""Checks of the group: surroundings."""
