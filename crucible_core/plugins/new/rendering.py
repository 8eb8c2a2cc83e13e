"""Fill in the template of a plugin."""

from __future__ import annotations

import builtins
import keyword
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crucible_core.plugins.new.naming import PluginNames

__all__ = ["SUITE", "admitted_versions", "render"]

SUITE = "0.1"
"""The version of the conformance kit whose checks a new plugin has to pass."""

_TEMPLATE = Path(__file__).with_name("template")
_FILES = {
    ".github/workflows/ci.yml": "ci.yml",
    ".gitignore": "gitignore",
    "LICENSE": "LICENSE",
    "README.md": "README.md",
    "pyproject.toml": "pyproject.toml",
    "tests/test_stage.py": "test_stage.py",
    "{package}/__init__.py": "init.py",
    "{package}/py.typed": "py.typed",
    "{package}/stages.py": "stages.py",
}
"""File of a plugin to the template it is made from."""


def render(names: PluginNames, core_version: str) -> Mapping[str, str]:
    """Return path to text for every file of a plugin, sorted.

    Args:
        names: How its parts are called.
        core_version: The version of the core it is written for.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATE),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - what is written is code, never a page
        keep_trailing_newline=True,
        trim_blocks=True,
    )
    values = {
        "distribution": names.distribution,
        "package": names.package,
        "stage": names.stage,
        "class_name": _free_class_name(names.class_name),
        "core_versions": admitted_versions(core_version),
        "suite": SUITE,
    }
    files = {path.format(package=names.package): template for path, template in _FILES.items()}
    return {path: environment.get_template(f"{files[path]}.jinja").render(values) for path in sorted(files)}


def _free_class_name(name: str) -> str:
    """Return a name for the class that means nothing else in the files it occurs in."""
    words = {word for file in ("stages.py", "test_stage.py") for word in re.findall(r"\w+", _source(file))}
    while name in words or keyword.iskeyword(name) or hasattr(builtins, name):
        name += "Stage"
    return name


def _source(template: str) -> str:
    return (_TEMPLATE / f"{template}.jinja").read_text(encoding="utf-8")


def admitted_versions(core_version: str) -> str:
    """Return the versions of the core that a plugin written for this one admits.

    >>> admitted_versions("1.4.2"), admitted_versions("2.0.0rc1")
    ('>=1.4,<2', '>=2.0.0rc1,<3')
    """
    from packaging.version import Version

    version = Version(core_version)
    lowest = version.public if version.is_prerelease else f"{version.major}.{version.minor}"
    return f">={lowest},<{version.major + 1}"
