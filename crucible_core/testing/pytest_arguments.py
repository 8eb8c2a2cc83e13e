"""Whether the arguments of pytest ask for the checks of a distribution's stages, and of which."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import pytest

ROOT = "crucible"
"""The first part of the node ids of checks: ``crucible::bench::CRU-D01``."""

_TESTS = ("tests", "test")


class Asked(NamedTuple):
    """What is to be checked.

    Attributes:
        pyproject: The ``pyproject.toml`` of the distribution.
        named: Node ids of stages or checks; all are asked for where there are none.
    """

    pyproject: Path
    named: tuple[str, ...]


def asked_for(config: pytest.Config) -> Asked | None:
    """Return what is to be checked; None where no distribution's checks are asked for.

    The distribution is that of the root directory, or one between that and where tests are asked for: a repository may
    hold several. Its stages are checked when all of its tests are asked for, or checks by their node ids.
    """
    wanted: bool | None = config.getoption("crucible_conformance")
    if wanted is False:
        return None
    directories, named = list(_directories(config)), tuple(checks_named(config))
    if wanted or named or not directories:
        directories = [config.invocation_params.dir, *directories]
    for directory in directories:
        pyproject = _nearest(directory, config.rootpath)
        if pyproject is None or not (wanted or _declares_stages(pyproject)):
            continue
        if wanted or named or _all_tests_asked_for(config, pyproject.parent):
            return Asked(pyproject, named)
    return None


def checks_named(config: pytest.Config) -> list[str]:
    """Return the arguments that are node ids of checks."""
    found = [each for each in config.args if each == ROOT or each.startswith(f"{ROOT}::")]
    return [each for each in found if each != ROOT or not Path(config.invocation_params.dir, ROOT).exists()]


@contextmanager
def without_checks(config: pytest.Config) -> Iterator[None]:
    """Leave the node ids of checks out of the arguments meanwhile."""
    before, named = config.args, checks_named(config)
    config.args = [each for each in before if each not in named]
    try:
        yield
    finally:
        config.args = before


def _directories(config: pytest.Config) -> Iterator[Path]:
    """Yield the directories all tests of which are asked for."""
    for each in config.args:
        path = Path(config.invocation_params.dir, each)
        if path.is_dir():
            yield path.resolve()


def _nearest(directory: Path, root: Path) -> Path | None:
    """Return the ``pyproject.toml`` of a distribution in a directory or above it, up to the root directory."""
    for place in (directory, *directory.parents):
        if _project_of(place / "pyproject.toml"):
            return place / "pyproject.toml"
        if place == root or root not in place.parents:
            return None
    return None


def _project_of(pyproject: Path) -> dict[str, object]:
    try:
        project = tomllib.loads(pyproject.read_text(encoding="utf-8")).get("project")
    except (OSError, ValueError):
        return {}
    return project if isinstance(project, dict) else {}


def _declares_stages(pyproject: Path) -> bool:
    groups = _project_of(pyproject).get("entry-points")
    return isinstance(groups, dict) and "crucible.stages" in groups


def _all_tests_asked_for(config: pytest.Config, project: Path) -> bool:
    """Tell whether a directory that is asked for is, or is above, one that stands for all of a project's tests."""
    stand_for_all = {project, *(project / name for name in _TESTS)}
    stand_for_all.update(path for name in config.getini("testpaths") for path in config.rootpath.glob(name))
    stand_for_all = {path.resolve() for path in stand_for_all if path.is_dir() and path.is_relative_to(project)}
    return any(path.is_relative_to(asked) for asked in _directories(config) for path in stand_for_all)
