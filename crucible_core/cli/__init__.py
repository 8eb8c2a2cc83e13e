"""The ``crucible`` command."""
