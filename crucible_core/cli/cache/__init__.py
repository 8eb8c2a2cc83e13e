"""The commands of ``crucible cache``, a module each."""
