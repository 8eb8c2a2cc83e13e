"""Distributions to try the kit on, put into a directory as an installer would."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path

COMPLETE = (
    "Summary: Sum up scores.",
    "License-Expression: MIT",
    "Requires-Python: >=3.11",
    "Keywords: crucible,scores",
    "Description-Content-Type: text/markdown",
)
SOUND = """
from sound import Sound

class Sound(Sound):
    '''Sum up scores, weighted and shifted.'''

    name = {name!r}
"""


class Site:
    """A directory of installed packages on the module search path."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir()

    def module(self, file: str, source: str = "") -> str:
        """Write a module; return the path that RECORD has of it."""
        place = self.root / file
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(textwrap.dedent(source), encoding="utf-8")
        return file

    def sound(self, file: str, name: str = "sound", *, before: str = "", after: str = "") -> str:
        """Write a module with a sound stage ``Sound`` of this name, and further source before and after it."""
        source = SOUND.format(name=name)
        return self.module(file, f"{textwrap.dedent(before)}\n{source}\n{textwrap.dedent(after)}")

    def install(
        self,
        name: str = "acme-scores",
        *,
        version: str = "1.0",
        stages: dict[str, str] | None = None,
        groups: dict[str, dict[str, str]] | None = None,
        entry_points: str | None = None,
        requires: tuple[str, ...] = ("crucible-core>=0.1,<1",),
        headers: tuple[str, ...] = COMPLETE,
        description: str = "# Scores\n",
        files: tuple[str, ...] | None = None,
        metadata: bytes | None = None,
        editable: bool = False,
        suffix: str | None = None,
    ) -> Path:
        """Install a distribution whose modules are there already: its metadata directory, as a wheel's."""
        wheel_name = name.replace("-", "_").replace(".", "_").lower()
        info = self.root / f"{wheel_name}-{version}{suffix or '.dist-info'}"
        info.mkdir()
        lines = ["Metadata-Version: 2.4", f"Name: {name}", f"Version: {version}", *headers]
        lines += [f"Requires-Dist: {one}" for one in requires]
        text = metadata if metadata is not None else "\n".join([*lines, "", description]).encode()
        (info / ("PKG-INFO" if info.suffix == ".egg-info" else "METADATA")).write_bytes(text)
        offered = {"crucible.stages": stages or {}, **(groups or {})}
        (info / "entry_points.txt").write_text(entry_points or _entry_points(offered), encoding="utf-8")
        held = self.modules if files is None else files
        (info / "RECORD").write_text("".join(f"{file},,\n" for file in (*held, f"{info.name}/METADATA")), "utf-8")
        if editable:
            (info / "direct_url.json").write_text(json.dumps({"url": "file:///x", "dir_info": {"editable": True}}))
        return info

    @property
    def modules(self) -> tuple[str, ...]:
        """All modules that are there, and py.typed files."""
        found = (path for path in sorted(self.root.rglob("*")) if path.suffix in (".py", ".typed"))
        return tuple(path.relative_to(self.root).as_posix() for path in found)

    def install_sound(self, name: str = "acme-scores", **changes) -> Path:
        """Install a distribution with which nothing is wrong, but for what is given here."""
        package = name.replace("-", "_").replace(".", "_").lower()
        self.module(f"{package}/__init__.py")
        self.module(f"{package}/py.typed")
        self.sound(f"{package}/stages.py")
        return self.install(name, **{"stages": {"sound": f"{package}.stages:Sound"}, **changes})


def _entry_points(groups: dict[str, dict[str, str]]) -> str:
    return "\n".join(
        f"[{group}]\n" + "".join(f"{name} = {value}\n" for name, value in entries.items())
        for group, entries in groups.items()
        if entries
    )
