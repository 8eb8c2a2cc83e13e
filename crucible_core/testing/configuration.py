"""What a plugin's ``pyproject.toml`` says to the kit: the suite it pins, time limits, and waivers."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from crucible_core.contract.errors import CrucibleError
from crucible_core.testing.check import SUITE_VERSION, SUITES, all_checks

DEFAULT_TIMEOUT = 30.0
"""Seconds that one check of one stage may take."""

_KEYS = frozenset({"suite", "timeout_s", "heavy", "light", "waive"})
_WAIVER_KEYS = frozenset({"reason", "until"})


class ConfigurationError(CrucibleError):
    """``[tool.crucible.conformance]`` cannot be used; the text says where and why."""

    exit_code = 2


@dataclass(frozen=True)
class Waiver:
    """A check that a stage is allowed to fail for the time being.

    Args:
        stage: Name of the stage.
        check_id: The check.
        reason: Why.
        until: A date, the last day on which it holds; or a version of the plugin, the first in which it does not.
    """

    stage: str
    check_id: str
    reason: str
    until: date | str

    @property
    def key(self) -> str:
        """How the configuration calls it."""
        return f"{self.stage}:{self.check_id}"

    def expired(self, version: str | None, today: date) -> bool:
        """Tell whether its time is over for this version of the plugin."""
        if isinstance(self.until, date):
            return today > self.until
        return version is not None and _release(version) >= _release(self.until)


@dataclass(frozen=True)
class Configuration:
    """What ``[tool.crucible.conformance]`` of a plugin says.

    Args:
        suite: The version of the table of checks that the plugin pins; newer checks are advisory.
        timeout_s: Seconds that one check of one stage may take.
        heavy: Packages, besides the kit's own list, that importing the plugin must not load.
        light: Packages of the kit's list that importing the plugin may load, with the reason.
        waivers: Accepted failures, by ``stage:check``.
        source: The file it was read from.
        today: The date, for waivers that end.
    """

    suite: str = SUITE_VERSION
    timeout_s: float = DEFAULT_TIMEOUT
    heavy: tuple[str, ...] = ()
    light: Mapping[str, str] = field(default_factory=dict)
    waivers: Mapping[str, Waiver] = field(default_factory=dict)
    source: str = ""
    today: date = field(default_factory=lambda: datetime.now(UTC).date())

    def waiver(self, stage: str, check_id: str, version: str | None) -> Waiver | None:
        """Return the waiver that holds for a check of a stage, or None."""
        found = self.waivers.get(f"{stage}:{check_id}")
        return None if found is None or found.expired(version, self.today) else found

    def newer(self, since: str) -> bool:
        """Tell whether a check is newer than the suite the plugin pins."""
        return _release(since) > _release(self.suite)

    def complaints(self, stages: Collection[str], version: str | None) -> Iterator[str]:
        """Yield what is out of date in the waivers: their time is over, or their stage is not there."""
        for key, waiver in self.waivers.items():
            where = f"{self.source}: [tool.crucible.conformance.waive.{key!r}]"
            if waiver.stage not in stages:
                yield f"{where}: there is no stage {waiver.stage!r}; there are: {', '.join(sorted(stages)) or 'none'}"
            elif waiver.expired(version, self.today):
                yield f"{where}: it expired ({waiver.until}); mend the stage, or say anew until when it holds"


def read_configuration(pyproject: Path) -> Configuration:
    """Read the configuration from a ``pyproject.toml``; the defaults where it says nothing.

    Raises:
        ConfigurationError: The file or what it says cannot be used.
    """
    try:
        document = tomllib.loads(pyproject.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"{pyproject}: {error}") from error
    return parse_configuration(_table_in(document), str(pyproject))


def _table_in(document: Any) -> Any:
    """Return ``[tool.crucible.conformance]``; empty where there is none."""
    for key in ("tool", "crucible", "conformance"):
        if not isinstance(document, Mapping):
            return {}
        document = document.get(key, {})
    return document


def parse_configuration(table: Any, source: str) -> Configuration:
    """Return the configuration that a table says.

    Raises:
        ConfigurationError: It says something that cannot be meant.
    """
    where = f"{source}: [tool.crucible.conformance]"
    _known(table, _KEYS, where)
    suite = _typed(table, "suite", str, SUITE_VERSION, where)
    if not re.fullmatch(r"\d+(\.\d+)*", suite) or _release(suite) not in map(_release, SUITES):
        raise ConfigurationError(f"{where}: suite {suite!r}: give a version that there is: {', '.join(SUITES)}")
    timeout = _typed(table, "timeout_s", (int, float), DEFAULT_TIMEOUT, where)
    if isinstance(timeout, bool) or timeout <= 0:
        raise ConfigurationError(f"{where}: timeout_s {timeout!r}: give seconds above 0")
    heavy, light = _typed(table, "heavy", list, [], where), _typed(table, "light", dict, {}, where)
    for package, reason in light.items():
        if not (isinstance(reason, str) and reason.strip()):
            raise ConfigurationError(f"{where}: light.{package}: say why importing the plugin has to load it")
    waivers = _waivers(_typed(table, "waive", dict, {}, where), source)
    return Configuration(suite, float(timeout), tuple(map(str, heavy)), light, waivers, source)


def _waivers(table: Mapping[str, Any], source: str) -> dict[str, Waiver]:
    made = {}
    for key, given in table.items():
        waiver = _waiver(key, given, f"{source}: [tool.crucible.conformance.waive.{key!r}]")
        made[waiver.key] = waiver
    return made


def _waiver(key: str, given: Any, where: str) -> Waiver:
    stage, _, check_id = key.rpartition(":")
    if not stage:
        raise ConfigurationError(f"{where}: name it 'stage:CRU-E03'")
    if check_id not in all_checks():
        raise ConfigurationError(f"{where}: there is no check {check_id!r}; crucible conformance --list shows all")
    _known(given, _WAIVER_KEYS, where)
    reason, until = given.get("reason"), given.get("until")
    if not (isinstance(reason, str) and reason.strip()):
        raise ConfigurationError(f"{where}: it needs a reason")
    return Waiver(stage, check_id, reason, _until(until, where))


def _until(given: Any, where: str) -> date | str:
    if isinstance(given, datetime):
        return given.date()
    if isinstance(given, date):
        return given
    if isinstance(given, str):
        for read in _READERS:
            found = read(given)
            if found is not None:
                return found
    raise ConfigurationError(
        f"{where}: until {given!r}: give the last day (2030-01-31) or the version that mends it ('1.2')"
    )


def _as_date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _as_version(text: str) -> str | None:
    return text if re.fullmatch(r"\d+(\.\d+)*", text) else None


_READERS: tuple[Callable[[str], date | str | None], ...] = (_as_date, _as_version)


def _known(table: Any, keys: Collection[str], where: str) -> None:
    if not isinstance(table, Mapping):
        raise ConfigurationError(f"{where} must be a table")
    for key in table:
        if key not in keys:
            raise ConfigurationError(f"{where}: unknown key {key!r}; it takes {', '.join(sorted(keys))}")


def _typed(table: Mapping[str, Any], key: str, kind: Any, default: Any, where: str) -> Any:
    value = table.get(key, default)
    if not isinstance(value, kind):
        raise ConfigurationError(f"{where}: {key} {value!r} is of the wrong type")
    return value


def _release(version: str) -> tuple[int, ...]:
    """Return the numbers of a version, trailing zeros left out."""
    numbers = [int(part) for part in re.findall(r"\d+", version.partition("+")[0])[:4]]
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)
