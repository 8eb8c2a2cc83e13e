"""What of the core is imported before anybody looks at what a stage imports."""

from __future__ import annotations

__all__ = ["import_the_core"]


def import_the_core() -> None:
    """Import what the kit itself and nearly every stage need, so that it does not count as the stage's."""
    import crucible_core
    from crucible_core.testing import case

    del case
    for name in crucible_core.__all__:
        getattr(crucible_core, name)
