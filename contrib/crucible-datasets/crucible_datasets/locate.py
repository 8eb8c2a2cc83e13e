"""Find the file a source names, or say where it was looked for and what is there instead."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from itertools import islice
from pathlib import Path

from crucible_datasets.errors import DatasetError, did_you_mean

_MOST_ENTRIES = 10_000  # of a directory that are looked at to suggest one


def find_file(path: str | Path, next_to: Path | None = None) -> Path:
    """Find a file: in the current directory first, then in ``next_to``.

    Args:
        path: Absolute, relative, or beginning with ``~``.
        next_to: A second directory for relative paths: the spec file's.

    Raises:
        DatasetError: ``file_not_found``, naming every place looked at, or ``unreadable_file``.
    """
    try:
        given = Path(path).expanduser()
    except RuntimeError:  # a user without a home: the tilde is part of the name
        given = Path(path)
    return _first_file(str(path), [given] if next_to is None or given.is_absolute() else [given, next_to / given])


def find_package_file(name: str) -> Path:
    """Find a file that lies inside an installed package, ``package/folder/file.csv``; the package is not imported.

    Raises:
        DatasetError: ``missing_package``, ``file_not_found`` or ``unreadable_file``.
    """
    package, _, inside = name.partition("/")
    roots = _package_directories(package)
    if not roots:
        raise DatasetError(
            "missing_package",
            f"package:{name} needs the package {package!r}, which is not installed; "
            "install the distribution that holds it into this environment",
            package=package,
        )
    return _first_file(f"package:{name}", [root / inside for root in roots])


def _package_directories(package: str) -> list[Path]:
    try:
        spec = find_spec(package) if package.isidentifier() else None
    except ValueError:  # a module without a specification, such as __main__
        return []
    return [Path(each) for each in (spec.submodule_search_locations if spec else None) or ()]


def _first_file(name: str, candidates: Sequence[Path]) -> Path:
    for candidate in candidates:
        if _exists(candidate):
            return _readable(candidate)
    places = " and ".join(dict.fromkeys(str(each.absolute().parent) for each in candidates))
    hint = next((found for each in candidates if (found := _hint(each))), "")
    if not hint and ":" in name:
        hint = " (A source that is no path begins with package:, sklearn:, statsmodels: or hub:.)"
    raise DatasetError(
        "file_not_found",
        f"there is no file {name!r}; looked for {candidates[0].name!r} in {places}.{hint}",
        looked_in=[str(each.absolute().parent) for each in candidates],
    )


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError as error:  # a directory on the way that may not be entered, a name that is too long
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError) -> DatasetError:
    return DatasetError(
        "unreadable_file",
        f"{path} cannot be read: {error.strerror}; check the name and its permissions",
        path=str(path),
    )


def _readable(path: Path) -> Path:
    if not path.is_file():
        kind = "a directory" if path.is_dir() else "not a regular file"
        files = ", ".join(_names(path)[:5]) if path.is_dir() else ""
        inside = f"; give one of its files ({files})" if files else "; give a file"
        raise DatasetError("unreadable_file", f"{path} is {kind}{inside}", path=str(path))
    try:
        path.open("rb").close()
    except OSError as error:
        raise _unreadable(path, error) from error
    return path


def _hint(path: Path) -> str:
    return did_you_mean(path.name, _names(path.parent))


def _names(directory: Path) -> list[str]:
    return sorted(each.name for each in islice(_files(directory), _MOST_ENTRIES))


def _files(directory: Path) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(directory) as entries:
            yield from (each for each in entries if each.is_file())
    except OSError:  # the directory is missing as well: nothing to suggest
        return
