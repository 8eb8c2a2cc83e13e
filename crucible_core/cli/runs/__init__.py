"""The commands of ``crucible runs``, a module each."""
