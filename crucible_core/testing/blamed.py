"""Which changes of a process's state a stage is blamed for, and which libraries are allowed."""

from __future__ import annotations

from collections.abc import Mapping

from crucible_core.testing.aspects import LOGGING, WARNINGS
from crucible_core.testing.aspects_of_libraries import LIBRARIES, RANDOM
from crucible_core.testing.loggers import LOGGERS
from crucible_core.testing.registries import AT_EXIT
from crucible_core.testing.surroundings import CODE, MODULES

_CHANGED_BY_IMPORTS = frozenset(
    {"environment", "sys.path", "recursion limit", "finders of modules", "interpreter", "error handlers of codecs"}
    | {CODE, MODULES, *WARNINGS, *LOGGING, *LIBRARIES, *RANDOM}
)
"""What importing a library may change; who imports one for the first time is not blamed for these."""
_EACH_TIME = frozenset({AT_EXIT, LOGGERS})
"""What libraries, also the standard one, may change when they are first used."""


def blamed(changes: Mapping[str, str], *, first: bool, imported: bool) -> dict[str, str]:
    """Return the changes, aspect to how, that count.

    Args:
        changes: All that there are.
        first: Whether it was done for the first time.
        imported: Whether libraries were loaded meanwhile.
    """
    forgiven = frozenset[str]()
    if first:
        forgiven = _EACH_TIME | (_CHANGED_BY_IMPORTS if imported else frozenset())
    return {aspect: how for aspect, how in changes.items() if aspect not in forgiven}
