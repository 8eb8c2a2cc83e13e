"""The paths of a run's own directory in values: the next run has another directory, with the same in it."""

from __future__ import annotations

import re
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

    @property
    def texts(self) -> tuple[str, ...]:
        """The ways in which the directory may be called in a value."""
        return tuple(self._patterns)

    def hidden(self, encoded: Any, contents: FileContents | None = None) -> Any:
        """Return encoded values without the path of the directory.

        Args:
            encoded: JSON values; returned as they are where the path is in none of their texts.
            contents: Where given, a text that leads to something in the directory says what that holds, too.
        """
        text = as_text(encoded)
        if not any(as_text(form)[1:-1] in text for form in self._patterns):
            return encoded
        return self._walked(encoded, lambda said: self._hide(said, contents))

    def shown(self, encoded: Any) -> Any:
        """Return encoded values with the path of this run's directory in the place of another's."""
        if "\\u0000run:" not in as_text(encoded):
            return encoded
        return self._walked(encoded, self._show)

    def _walked(self, encoded: Any, change: Any) -> Any:
        if isinstance(encoded, str):
            return change(encoded)
        if isinstance(encoded, list):
            return [self._walked(each, change) for each in encoded]
        if isinstance(encoded, dict):
            return {change(key): self._walked(each, change) for key, each in encoded.items()}
        return encoded

    def _hide(self, said: str, contents: FileContents | None) -> str:
        hidden = said
        for token, pattern in sorted(self._patterns.values(), key=lambda each: -len(each[1].pattern)):
            hidden = pattern.sub(token, hidden)
        if contents is None or hidden == said:
            return hidden
        return f"{hidden}\0{contents.whatever(said)}"

    def _show(self, said: str) -> str:
        for token, form in self._forms.items():
            said = said.replace(_STAND_IN.format(token), form)
        return said
