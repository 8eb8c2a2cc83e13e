"""Read the two metadata files of a distribution that discovery needs.

importlib_metadata reads them too, but through the e-mail package, whole descriptions included; that is half of what
``crucible plugins list`` would cost.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["EntryPoint", "Headers", "MalformedMetadataError", "parse_entry_points", "parse_headers"]


class MalformedMetadataError(ValueError):
    """A metadata file does not have the form it must have; the message says at which line."""


class EntryPoint(NamedTuple):
    """One line of ``entry_points.txt``."""

    group: str
    name: str
    value: str


class Headers(NamedTuple):
    """What METADATA says of name, version and requirements; empty where it says nothing."""

    name: str
    version: str
    requires: tuple[str, ...]


def parse_entry_points(text: str) -> tuple[EntryPoint, ...]:
    r"""Return the entry points in the text of an ``entry_points.txt``, in its order.

    >>> parse_entry_points("[crucible.stages]\nbench = crucible_bench.stage:Bench")
    (EntryPoint(group='crucible.stages', name='bench', value='crucible_bench.stage:Bench'),)

    Raises:
        MalformedMetadataError: A line is none of section, comment and ``name = value``.
    """
    group, found = "", []
    for number, line in enumerate(map(str.strip, text.splitlines()), 1):
        if not line or line.startswith(("#", ";")):
            continue
        if line.startswith("[") and line.endswith("]"):
            group = line[1:-1].strip()
            continue
        name, separator, value = (part.strip() for part in line.partition("="))
        if not (separator and name and value and group):
            raise MalformedMetadataError(f"line {number}: {line!r} is not of the form name = module:Name in a [group]")
        found.append(EntryPoint(group, name, value))
    return tuple(found)


def parse_headers(text: str) -> Headers:
    r"""Return the headers of a METADATA or PKG-INFO file; the description after the first empty line is not read.

    >>> parse_headers("Name: acme\nVersion: 1.0\nRequires-Dist: crucible-core>=0.1\n\nVersion: of the text")
    Headers(name='acme', version='1.0', requires=('crucible-core>=0.1',))
    """
    values: dict[str, list[str]] = {"name": [], "version": [], "requires-dist": []}
    current: list[str] | None = None
    for line in text.partition("\n\n")[0].splitlines():  # a description may have thousands of lines
        if not line.strip():
            break
        if line[0].isspace():  # a header folded over several lines
            if current:
                current[-1] += f" {line.strip()}"
            continue
        key, _, value = line.partition(":")
        current = values.get(key.strip().lower())
        if current is not None:
            current.append(value.strip())
    name, version = values["name"] or [""], values["version"] or [""]
    return Headers(name[0], version[0], tuple(values["requires-dist"]))
