"""Stages that write where they may not."""

from __future__ import annotations

import ctypes
import os
import sqlite3
import time
from pathlib import Path

from disturbing import Disturbing


class WritesHere(Disturbing):
    """A file is written to the working directory."""

    def disturb(self, context):
        Path("scores.txt").write_text("1")


class WritesAndRemovesHere(Disturbing):
    """It is gone afterwards, but might have been somebody else's."""

    def disturb(self, context):
        Path("scores.txt").write_text("1")
        Path("scores.txt").unlink()


class WritesBesideArtifacts(Disturbing):
    """A file is written to the run's directory, outside of the stage's own."""

    def disturb(self, context):
        (context.runtime.artifact_path("x").parent.parent / "other.txt").write_text("1")


class WritesPastItsDirectory(Disturbing):
    """A link leads out of the stage's own directory."""

    def disturb(self, context):
        link = context.runtime.artifact_path("link")
        if not link.is_symlink():
            link.symlink_to(Path.cwd())
        (link / "scores.txt").write_text("1")


class MakesDirectoryHere(Disturbing):
    """A directory is made in the working directory, and removed."""

    def disturb(self, context):
        Path("scores").mkdir()
        Path("scores").rmdir()


class RemovesWhatIsNotItsOwn(Disturbing):
    """A file that lies in the working directory is removed; here it makes it itself, or there would be none."""

    def disturb(self, context):
        os.close(os.open("yesterday.old", os.O_CREAT | os.O_WRONLY))
        Path("yesterday.old").unlink()


class WritesNatively(Disturbing):
    """A file is written by C code, in the working directory."""

    def disturb(self, context):
        library = ctypes.CDLL(None)
        descriptor = library.open(b"native.txt", os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        library.write(descriptor, b"1", 1)
        library.close(descriptor)


class KeepsDatabaseHere(Disturbing):
    """A database is kept in the working directory."""

    def disturb(self, context):
        connection = sqlite3.connect("sound.db")
        connection.execute("create table if not exists scores (score real)")
        connection.execute("insert into scores values (?)", (time.monotonic(),))
        connection.commit()
        connection.close()


FAULTS = {
    "CRU-F06": [
        *(WritesHere, WritesAndRemovesHere, WritesBesideArtifacts, WritesPastItsDirectory, MakesDirectoryHere),
        *(WritesNatively, KeepsDatabaseHere, RemovesWhatIsNotItsOwn),
    ],
}
