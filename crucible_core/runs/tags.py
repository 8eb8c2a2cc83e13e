"""The tags of a run: those its experiment gave it, and what was said about it afterwards."""

from __future__ import annotations

import fcntl
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from crucible_core.ir.errors import CrucibleError
from crucible_core.runs.atomic import atomic_write

FILE = "tags.json"
SCHEMA_VERSION = "1.0"

_TAG = re.compile(r"[^\s,\x00-\x1f\x7f-][^\s,\x00-\x1f\x7f]{0,99}")


class TagsError(CrucibleError):
    """Tags that cannot be read or written, or a tag that can be none."""

    exit_code = 2


class TagChanges(NamedTuple):
    """What ``tags.json`` says: tags added to those of the experiment, and tags of the experiment taken away."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


def tags_of(run_dir: Path, manifest: Mapping[str, Any]) -> list[str]:
    """Return the tags of a run, sorted.

    Args:
        run_dir: Its directory.
        manifest: Its manifest, with the tags of its experiment.

    Raises:
        TagsError: ``tags.json`` cannot be read.
    """
    changes = read_changes(run_dir)
    return sorted((set(spec_tags(manifest)) - set(changes.removed)) | set(changes.added))


def spec_tags(manifest: Mapping[str, Any]) -> list[str]:
    """Return the tags that a run has from its experiment."""
    tags = manifest.get("tags")
    return sorted({str(tag) for tag in tags}) if isinstance(tags, list) else []


def read_changes(run_dir: Path) -> TagChanges:
    """Return what was said about a run's tags afterwards.

    Raises:
        TagsError: ``tags.json`` cannot be read.
    """
    file = run_dir / FILE
    try:
        document = json.loads(file.read_bytes())
        parts = (document["added"], document["removed"])
        if all(isinstance(part, list) and all(isinstance(tag, str) for tag in part) for part in parts):
            return TagChanges(*map(tuple, parts))
    except FileNotFoundError:
        return TagChanges()
    except OSError as error:
        raise TagsError(f"{FILE} cannot be read: {error.strerror or error}") from None
    except (ValueError, KeyError, TypeError, RecursionError):
        pass
    raise TagsError(f"{FILE} is damaged", hint=f"correct {file} or delete it; it holds the tags given after the run")


def change_tags(
    run_dir: Path, manifest: Mapping[str, Any], *, add: Iterable[str] = (), remove: Iterable[str] = ()
) -> list[str]:
    """Add tags to a run and take others away, and return those it has now; all of it is done, or nothing.

    Raises:
        TagsError: A tag cannot be one, one to be taken away is not there, or ``tags.json`` cannot be read or written.
    """
    add, remove, given = [check_tag(tag) for tag in add], list(remove), set(spec_tags(manifest))
    with _alone(run_dir):
        changes = read_changes(run_dir)
        added, removed = set(changes.added), set(changes.removed)
        for tag in remove:
            if tag not in (given - removed) | added:
                there = ", ".join(sorted((given - removed) | added)) or "none"
                raise TagsError(f"{run_dir.parent.name}/{run_dir.name} has no tag {tag!r}; it has: {there}")
        removed = (removed - set(add)) | (given & set(remove))
        added = (added - set(remove)) | (set(add) - given)
        document = {"schema_version": SCHEMA_VERSION, "added": sorted(added), "removed": sorted(removed)}
        try:
            atomic_write(run_dir / FILE, (json.dumps(document, ensure_ascii=False) + "\n").encode())
        except OSError as error:
            raise TagsError(f"cannot write {run_dir / FILE}: {error.strerror or error}") from None
    return sorted((given - removed) | added)


def check_tag(tag: str) -> str:
    """Return a tag that may be one.

    Raises:
        TagsError: It may not.
    """
    if not _TAG.fullmatch(tag):
        raise TagsError(
            f"tag {tag!r:.120}: use up to 100 characters without spaces and commas, the first one not '-'",
        )
    return tag


@contextmanager
def _alone(run_dir: Path) -> Iterator[None]:
    """Wait until no other process changes the tags of this run."""
    try:
        descriptor = os.open(run_dir, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise TagsError(f"cannot open {run_dir}: {error.strerror or error}") from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
