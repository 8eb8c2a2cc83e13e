"""Write a directory whole or not at all, and never over something."""

from __future__ import annotations

import os
import secrets
import shutil
from contextlib import suppress
from shlex import quote
from typing import TYPE_CHECKING

from crucible_core.plugins.new.errors import NewPluginError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["write_whole"]


def write_whole(target: Path, files: Mapping[str, str]) -> None:
    """Write files into a new directory.

    They are written beside it and moved there in one step; what goes wrong leaves nothing behind.

    Args:
        target: The directory, whose parent is there.
        files: Path within the directory to text.

    Raises:
        NewPluginError: Something is there already, even an empty directory, or it cannot be written.
    """
    if os.path.lexists(target):
        raise _there_already(target)
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        draft.mkdir()
        for path, text in files.items():
            file = draft / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text.encode())
        _move(draft, target)
    except OSError as error:
        raise _unwritable(target, error) from None
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _move(draft: Path, target: Path) -> None:
    """Give a directory its name; one made by somebody else in the meantime is left alone."""
    try:
        target.mkdir()  # the claim: rename alone would replace an empty directory that is not ours
    except FileExistsError:
        raise _there_already(target) from None
    try:
        draft.rename(target)
    except BaseException:
        with suppress(OSError):
            target.rmdir()
        raise


def _there_already(target: Path) -> NewPluginError:
    return NewPluginError(f"{target} is there already, and nothing is written over it", hint="choose another place")


def _unwritable(target: Path, error: OSError) -> NewPluginError:
    parent = target.parent
    hint = "choose another place with --directory"
    if not parent.exists():
        return NewPluginError(
            f"cannot write {target}: there is no directory {str(parent)!r}", hint=f"mkdir -p {quote(str(parent))}"
        )
    why = error.strerror or str(error) if parent.is_dir() else f"{parent} is no directory"
    return NewPluginError(f"cannot write {target}: {why}", hint=hint)
