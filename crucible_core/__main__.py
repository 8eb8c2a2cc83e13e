"""``python -m crucible_core``: the ``crucible`` command."""

from __future__ import annotations

from crucible_core.cli.entry import main

if __name__ == "__main__":
    main()
