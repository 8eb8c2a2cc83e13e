"""The checkpoints of a loop: some kept, some only until the next, each whole or not there."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crucible_train.errors import TrainingError
from crucible_train.loops.state import FILE, LoopState

if TYPE_CHECKING:
    from crucible_core.ports import TrainingClient
    from crucible_train.loops.observer import Observer

CLIENT = "client"
"""Where in a checkpoint the client's own part lies, beside the state of the loop."""


class Checkpoints:
    """A directory of checkpoints, each named after its kind and step.

    Args:
        folder: The directory; made when something is written.
        client: Who writes and reads weights, optimizer and random states.
        session: The client's session.
        observer: Who hears of each.
    """

    def __init__(self, folder: Path, client: TrainingClient, session: Any, observer: Observer) -> None:
        self._folder, self._client, self._session, self._observer = folder, client, session, observer

    def write(self, kind: str, state: LoopState, *, replace: bool = False) -> Path:
        """Write one, and remove those of its kind that were there, if it replaces them.

        One that is there already, of the same training and step, is left as it is.

        Raises:
            TrainingError: ``checkpoint_not_written``.
        """
        name = f"{kind}-{state.step:06d}"
        path = self._folder / name
        if not path.exists():
            self._write(path, state)
            self._observer.checkpoint(name, path)
        if replace:
            for old in self._folder.glob(f"{kind}-*"):
                if old != path:
                    shutil.rmtree(old)
        return path

    def _write(self, path: Path, state: LoopState) -> None:
        part = path.with_name(f".{path.name}.{os.getpid()}.part")
        try:
            part.mkdir(parents=True)
            self._client.save_checkpoint(self._session, part / CLIENT)
            state.write(part)
            part.rename(path)
        except OSError as error:
            shutil.rmtree(part, ignore_errors=True)
            message = f"cannot write the checkpoint {path}: {error.strerror}"
            raise TrainingError("checkpoint_not_written", message) from error
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            raise

    def load(self, path: Path, fingerprint: str) -> LoopState:
        """Go on from a checkpoint.

        Raises:
            TrainingError: ``invalid_checkpoint``.
        """
        state = LoopState.read(path, fingerprint)
        self._client.load_checkpoint(self._session, path / CLIENT)
        return state


def last_checkpoint(folder: Path) -> Path | None:
    """Return the checkpoint of a directory that has come farthest, whatever its kind; None where there is none."""
    found = [path.parent for path in folder.glob(f"[!.]*/{FILE}") if not path.parent.name.startswith("best-")]
    return max(found, key=lambda path: int(path.name.rpartition("-")[2]), default=None)
