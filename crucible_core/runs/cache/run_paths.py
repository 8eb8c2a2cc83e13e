"""The paths of a run's own directory in values: the next run has another directory, with the same in it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crucible_core.runs.codecs.plain import as_text

if TYPE_CHECKING:
    from crucible_core.runs.cache.file_content import FileContents

__all__ = ["RunPaths"]

_STAND_IN = "\0run:{}\0"


class RunPaths:
    """Exchange the path of a run's directory for something that every run says alike, and back.

    Args:
        directory: The run's directory, as stages see it.
    """

    def __init__(self, directory: Path) -> None:
        self._forms = {
            "given": str(directory),
            "absolute": str(directory.absolute()),
            "resolved": str(directory.resolve()),
        }
        self._patterns = {
            form: (_STAND_IN.format(token), re.compile(f"{re.escape(form)}(?=/|$)"))
            for token, form in reversed(self._forms.items())
        }
        self._longest_first = sorted(self._patterns.values(), key=lambda each: -len(each[1].pattern))
        self._escaped = [as_text(form)[1:-1] for form in self._patterns]

    @property
    def texts(self) -> tuple[str, ...]:
        """The ways in which the directory may be called in a value."""
        return tuple(self._patterns)

    def are_in(self, text: str) -> bool:
        """Tell whether a text names the directory."""
        return any(form in text for form in self._patterns)

    def key_text(self, encoded: Any, contents: FileContents) -> str:
        """Return the JSON text of encoded values without the path of the directory.

        A text that leads to something in the directory says what that holds, in the place of the path. Where the path
        is only a part of a text, nobody knows what it leads to: it stays, and is another in the next run.
        """
        text = as_text(encoded)
        if not self._may_be_in(text):
            return text
        return as_text(_walked(encoded, lambda said: self._hide_what_is_there(said, contents)))

    def hidden(self, encoded: Any) -> Any:
        """Return encoded values without the path of the directory; as they are where it is in none of their texts."""
        return _walked(encoded, self._hide) if self._may_be_in(as_text(encoded)) else encoded

    def shown(self, encoded: Any) -> Any:
        """Return encoded values with the path of this run's directory in the place of another's."""
        return _walked(encoded, self._show)

    def _may_be_in(self, text: str) -> bool:
        return any(form in text for form in self._escaped)

    def _hide_what_is_there(self, said: str, contents: FileContents) -> str:
        hidden = self._hide(said)
        if hidden == said or not os.path.lexists(said):
            return said
        return f"{hidden}\0{contents.whatever(said)}"

    def _hide(self, said: str) -> str:
        for token, pattern in self._longest_first:
            said = pattern.sub(token, said)
        return said

    def _show(self, said: str) -> str:
        for token, form in self._forms.items():
            said = said.replace(_STAND_IN.format(token), form)
        return said


def _walked(encoded: Any, change: Callable[[str], str]) -> Any:
    if isinstance(encoded, str):
        return change(encoded)
    if isinstance(encoded, list):
        return [_walked(each, change) for each in encoded]
    if isinstance(encoded, dict):
        return {change(key): _walked(each, change) for key, each in encoded.items()}
    return encoded
