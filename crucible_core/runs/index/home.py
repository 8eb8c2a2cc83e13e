"""Where the runs of an index lie."""

from __future__ import annotations

from typing import NamedTuple


class Home(NamedTuple):
    """A host and an output directory there; both empty where the index lies beside the runs."""

    host: str = ""
    directory: str = ""
