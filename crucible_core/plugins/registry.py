"""Look stages up by name and load them on first use."""

from __future__ import annotations

import functools
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from crucible_core.plugins.advice import fix_for
from crucible_core.plugins.conflicts import mark_conflicts, resolve_names
from crucible_core.plugins.errors import (
    PluginProblemError,
    StageUnavailableError,
    StageUnloadableError,
    UnknownStageError,
)
from crucible_core.plugins.filter import own_names
from crucible_core.plugins.inventory import take_inventory
from crucible_core.plugins.loading import load_stage
from crucible_core.plugins.names import normalise
from crucible_core.plugins.problems import LoadProblem, LoadProblemError, ProblemKind
from crucible_core.plugins.record import BAD, CORE, Status
from crucible_core.plugins.settings import load_settings
from crucible_core.plugins.time_limit import TimeLimit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from crucible_core.contract.item_pairs import ItemFinding, ItemPairs
    from crucible_core.ir import DatasetRef, ModelRef
    from crucible_core.plugins.codec_ref import CodecRef
    from crucible_core.plugins.conflicts import StageNames
    from crucible_core.plugins.hooks import Hooks
    from crucible_core.plugins.inventory import Inventory
    from crucible_core.plugins.levels import Settings
    from crucible_core.plugins.record import PluginRecord, StageRef

__all__ = ["Registry", "bad_records", "build_registry", "default_registry", "hooks_note"]


class Registry:
    """The stages of one environment.

    Making one reads metadata only. The first look-up of a stage imports the enabled hook modules; loading a
    stage imports the one module it is in.

    Args:
        inventory: What is installed and what the settings make of it.
    """

    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory
        self._loaded: dict[StageRef, type] = {}
        self._failed: dict[StageRef, StageUnloadableError] = {}

    @functools.cached_property
    def hooks(self) -> Hooks:
        """The hook implementations; the enabled hook modules are imported on first use."""
        from crucible_core.plugins.hooks import Hooks

        return Hooks(self._inventory.records, self._inventory.settings.timeout)

    @functools.cached_property
    def _has_hook_modules(self) -> bool:
        """Whether a plugin may do more than its metadata tell; pluggy is not imported for the core alone."""
        return any(record.usable and record.hook_module for record in self._inventory.records)

    @functools.cached_property
    def _names(self) -> StageNames:
        if not self._has_hook_modules:
            return self._inventory.names
        return resolve_names(self.hooks.registered_stages(), self._inventory.settings)

    def resolve(self, name: str) -> StageRef:
        """Return the stage that ``name`` or ``distribution:name`` stands for.

        Raises:
            UnknownStageError: Nothing installed offers it.
            StageUnavailableError: It is installed, but disabled, incompatible, contested or in a broken plugin.
        """
        found = self._names.plain.get(name) or self._qualified(name)
        if found is None:
            raise self._unavailable(name) or self._unknown(name)
        return found

    def _qualified(self, name: str) -> StageRef | None:
        distribution, separator, stage = name.rpartition(":")
        return self._names.qualified.get(f"{normalise(distribution)}:{stage}") if separator else None

    def _unavailable(self, name: str) -> StageUnavailableError | None:
        clash = self._names.clashes.get(name)
        if clash is not None:
            return StageUnavailableError(name, Status.CONFLICT, clash.reason, clash.fix)
        distribution, _, stage = name.rpartition(":")
        for record in self.records:
            offered = any(ref.name == stage for ref in record.stages)
            if not offered or (distribution and normalise(distribution) != record.distribution):
                continue
            if not record.usable:
                why = f"{record.name} {record.version}: {record.reason}"
                return StageUnavailableError(name, record.status, why, record.fix)
            level = self._inventory.settings.block((*own_names(record), stage, f"{record.distribution}:{stage}"))
            fix = level.undo.format(name=name) if level else record.fix
            why = dict(record.blocked).get(stage, record.reason)
            return StageUnavailableError(name, Status.DISABLED, why, fix)
        return None

    def _unknown(self, name: str) -> UnknownStageError:
        from crucible_core.plugins.catalogue import install_hint, offered_stages
        from crucible_core.plugins.names import near_matches

        distribution, _, plain = name.rpartition(":")
        suggestions = self._near_of(distribution, plain) if distribution else ()
        suggestions = suggestions or near_matches(plain, [*self._names.plain, *self._names.clashes])
        hint = install_hint(plain)
        if hint is None and not suggestions:
            suggestions = near_matches(plain, offered_stages(), limit=1)
            hint = install_hint(suggestions[0]) if suggestions else None
        return UnknownStageError(name, suggestions, hint)

    def _near_of(self, distribution: str, stage: str) -> tuple[str, ...]:
        """Return the stages of a distribution, or of one that is called nearly the same, that may have been meant."""
        from crucible_core.plugins.names import near_matches

        known = {ref.distribution or "" for ref in self._names.qualified.values()}
        wanted = normalise(distribution)
        owner = wanted if wanted in known else next(iter(near_matches(wanted, known, limit=1)), "")
        offered = [ref.name for ref in self._names.qualified.values() if ref.distribution == owner]
        return tuple(f"{owner}:{near}" for near in near_matches(stage, offered))

    def load(self, ref: StageRef) -> type:
        """Import a stage's module and return its class; the outcome, good or bad, is kept.

        Raises:
            StageUnloadableError: The module is missing, raises (SystemExit included), has no such attribute,
                or what it names is not a stage.
        """
        if ref in self._loaded:
            return self._loaded[ref]
        if ref not in self._failed:
            try:
                return self._loaded.setdefault(ref, load_stage(ref, self.limit(ref)))
            except LoadProblemError as error:
                fix = fix_for(error.problem, self._record_of(ref))
                self._failed[ref] = StageUnloadableError(ref, error.problem.reason, fix)
        raise self._failed[ref].with_traceback(None)

    def limit(self, ref: StageRef) -> TimeLimit | None:
        """Return how long a stage may take to be imported, and to be made and described; None for as long as needed."""
        seconds = self._inventory.settings.stage_timeout
        if not seconds or ref.distribution in (None, CORE):
            return None
        return TimeLimit(seconds, f"the stage {ref.name!r} of {ref.distribution}", ref.distribution or "")

    def _record_of(self, ref: StageRef) -> PluginRecord | None:
        return next((one for one in self._inventory.records if one.distribution == ref.distribution), None)

    def stages(self) -> tuple[StageRef, ...]:
        """Return every stage that can be addressed, sorted by name; contested ones once per distribution."""
        return self._names.addressable()

    @property
    def records(self) -> tuple[PluginRecord, ...]:
        """A record for each plugin, with what became of it in this process."""
        records = self._inventory.records
        if "_names" in vars(self):
            records = mark_conflicts(records, self._names)
        return tuple(map(self._current, records))

    def _current(self, record: PluginRecord) -> PluginRecord:
        problem = self._hook_problem(record.distribution)
        if problem is not None:
            return record._replace(status=Status.BROKEN, reason=problem.reason, fix=fix_for(problem, record))
        failed = next((error for ref, error in self._failed.items() if ref.distribution == record.distribution), None)
        if failed is not None:
            return record._replace(status=Status.BROKEN, reason=f"{failed.ref.name}: {failed.reason}", fix=failed.fix)
        in_use = any(ref.distribution == record.distribution for ref in self._loaded)
        in_use = in_use or ("hooks" in vars(self) and record.distribution in self.hooks.loaded)
        return record._replace(status=Status.LOADED) if in_use and record.status is Status.AVAILABLE else record

    def _hook_problem(self, distribution: str) -> LoadProblem | None:
        return self.hooks.problems.get(distribution) if "hooks" in vars(self) else None

    def trace_observers(self) -> tuple[tuple[str, Callable[[Any], None]], ...]:
        """Return (plugin, callable) for each implementation of ``crucible_trace_event``; resolve once per run."""
        return self.hooks.observers() if self._has_hook_modules else ()

    def codecs(self) -> tuple[CodecRef, ...]:
        """Return the codecs of the core and of plugins, the core's first; resolve once per run, when one is needed."""
        return self.hooks.registered_codecs()

    def extensions(self, ref: StageRef, description: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
        """Return what plugins add to a stage's description, by distribution."""
        return self.hooks.extensions(ref, description)

    def check_reference(self, reference: DatasetRef | ModelRef) -> str | None:
        """Return what is missing of a dataset or model, nothing where it is there, None where no plugin can say."""
        return self.hooks.reference_problem(reference)

    def item_findings(self, pairs: Sequence[ItemPairs]) -> tuple[tuple[str, Sequence[ItemFinding | None]], ...]:
        """Return what plugins find of items measured in two runs: (plugin, a finding or None for each of the pairs)."""
        return self.hooks.item_findings(pairs)

    def commands(self) -> Mapping[str, str]:
        """Return the commands that usable plugins offer, name to ``module:command``, sorted; first plugin wins."""
        found: dict[str, str] = {}
        for record in self._inventory.records:
            off = {name for name, _ in record.blocked}
            for name, value in record.commands if record.usable else ():
                if name not in off:
                    found.setdefault(name, value)
        return MappingProxyType(dict(sorted(found.items())))

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know about the settings, such as names in them that nothing installed has."""
        return self._inventory.notes

    @property
    def hook_notes(self) -> tuple[str, ...]:
        """A note for each plugin whose hooks failed so far in this process; grows as hooks are called."""
        problems = self.hooks.problems if "hooks" in vars(self) else {}
        versions = {record.distribution: f"{record.name} {record.version}" for record in self._inventory.records}
        return tuple(hooks_note(versions[name], problem) for name, problem in problems.items())

    def require_healthy(self) -> None:
        """Enforce ``--strict``.

        Raises:
            PluginProblemError: The settings are strict and a plugin is incompatible, in conflict or broken.
        """
        bad = bad_records(self.records) if self._inventory.settings.strict else ()
        if bad:
            raise PluginProblemError(bad)


def hooks_note(plugin: str, problem: LoadProblem) -> str:
    """Say that a plugin's hooks are out of force, so that what they would offer is not there."""
    name = plugin.partition(" ")[0]
    then = "disable" if problem.kind is ProblemKind.HANGS else "doctor"  # or every command waits for it again
    return (
        f"the hooks of {plugin} are left out, and stages they offer: {problem.reason}; crucible plugins {then} {name}"
    )


def bad_records(records: Iterable[PluginRecord]) -> tuple[PluginRecord, ...]:
    """Return the records that ``--strict`` does not accept."""
    return tuple(record for record in records if record.status in BAD)


def build_registry(settings: Settings | None = None, *, path: Iterable[str] | None = None) -> Registry:
    """Make the registry of an environment.

    Args:
        settings: What the user says about plugins; read from environment and files when None.
        path: Directories to look for plugins in; ``sys.path`` when None.

    Raises:
        SettingsError: ``settings`` is None and a configuration file is malformed.
    """
    return Registry(take_inventory(load_settings() if settings is None else settings, path=path))


@functools.cache
def default_registry() -> Registry:
    """Return the registry of this process, made once; ``default_registry.cache_clear()`` forgets it."""
    return build_registry()
