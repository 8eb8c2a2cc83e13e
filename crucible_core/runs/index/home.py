"""Where the runs of an index lie."""

from __future__ import annotations

from typing import NamedTuple


class Home(NamedTuple):
    """An output directory; all empty where the index lies beside the runs.

    Attributes:
        id: What tells it from every other, wherever it is mounted.
        host: The host it is seen from.
        directory: Its path there.
    """

    id: str = ""
    host: str = ""
    directory: str = ""
