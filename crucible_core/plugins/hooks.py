"""Load the hook modules of the enabled plugins; one that fails never stops the others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from inspect import isroutine
from typing import TYPE_CHECKING, Any, TypeVar

import pluggy

from crucible_core.plugins.containment import contained
from crucible_core.plugins.hookspecs import HOOK_PREFIX, HOOK_SPECS, PROJECT, marker_of
from crucible_core.plugins.loading import explain, load_object
from crucible_core.plugins.names import near_matches
from crucible_core.plugins.problems import LoadProblem, LoadProblemError, ProblemKind
from crucible_core.plugins.record import StageRef
from crucible_core.plugins.registrars import BuiltinCodecs, BuiltinStages, EntryPointStages
from crucible_core.plugins.time_limit import TimeLimit

if TYPE_CHECKING:
    from collections.abc import Callable

    from crucible_core.contract.item_pairs import ItemFinding, ItemPairs
    from crucible_core.ir import DatasetRef, ModelRef
    from crucible_core.plugins.codec_ref import CodecRef
    from crucible_core.plugins.record import PluginRecord

T = TypeVar("T")

__all__ = ["Hooks", "hook_names", "load_hook_module"]

BUILTIN, ENTRY_POINTS = "crucible built-in stages", "crucible entry points"
BUILTIN_CODECS = "crucible built-in codecs"
OWN = frozenset({BUILTIN, BUILTIN_CODECS, ENTRY_POINTS})
"""The core's own implementations."""


def hook_names() -> tuple[str, ...]:
    """Return the names of the hooks there are, sorted."""
    return tuple(sorted(name for specs in HOOK_SPECS for name in vars(specs) if _ours(name)))


def _ours(name: str) -> bool:
    return name.startswith(HOOK_PREFIX)


def load_hook_module(value: str, limit: TimeLimit | None = None) -> Any:
    """Import a hook module, within a time limit where one is given, and check every hook it means to implement.

    Raises:
        LoadProblemError: It did not import, implements a hook that does not exist, or forgot the marker.
    """
    module = load_object(value, limit)
    problem = next(filter(None, (_function_problem(module, name) for name in dir(module))), None)
    if problem is None and not any(marker_of(getattr(module, name, None)) for name in dir(module)):
        problem = f"it implements no hook; the hooks are {', '.join(hook_names())}"
    if problem:
        raise LoadProblemError(LoadProblem(ProblemKind.BAD_HOOKS, f"{value}: {problem}"))
    return module


def _function_problem(module: Any, name: str) -> str | None:
    function = getattr(module, name, None)
    marks = marker_of(function)
    if not isroutine(function) or (marks is None and not _ours(name)) or (marks and marks.get("optionalhook")):
        return None
    hook = (marks or {}).get("specname") or name
    if hook not in hook_names():
        meant = near_matches(hook, hook_names(), limit=1)
        return f"there is no hook {hook!r}{f'; did you mean {meant[0]!r}?' if meant else ''}"
    if marks is None:
        return f"{name} is not marked with @hookimpl (from crucible_core import hookimpl)"
    if marks.get("wrapper") or marks.get("hookwrapper"):
        return f"{name} is a wrapper; the hooks of Crucible are called one by one and cannot be wrapped"
    return None


class Hooks:
    """The hook implementations of the core and of the enabled plugins.

    Args:
        records: The plugins; hook modules of the usable ones are imported now.
        timeout: Seconds that one may take to be imported, and to answer; for ever when 0.

    Attributes:
        manager: The pluggy manager; plugins are registered under their distribution's name.
        problems: Why a plugin's hooks failed, by distribution; grows as hooks are called.
    """

    def __init__(self, records: Iterable[PluginRecord], timeout: float = 0) -> None:
        records = tuple(records)
        self._timeout = timeout
        self.manager = pluggy.PluginManager(PROJECT)
        self.problems: dict[str, LoadProblem] = {}
        self._versions = {record.distribution: record.version for record in records}
        for specs in HOOK_SPECS:
            self.manager.add_hookspecs(specs)
        self.manager.register(BuiltinStages(), BUILTIN)
        self.manager.register(EntryPointStages(records), ENTRY_POINTS)
        self.manager.register(BuiltinCodecs(), BUILTIN_CODECS)
        for record in records:
            if record.usable and record.hook_module:
                self._register(record.distribution, record.hook_module)

    def _register(self, distribution: str, value: str) -> None:
        try:
            self.manager.register(load_hook_module(value, self._limit(distribution)), distribution)
        except LoadProblemError as error:
            self._fail(distribution, error.problem)
        except pluggy.PluginValidationError as error:
            reason = " ".join(str(error).split())
            self._fail(distribution, LoadProblem(ProblemKind.BAD_HOOKS, reason))
        except ValueError as error:  # pluggy: the same object is registered already, under another name
            self._fail(distribution, LoadProblem(ProblemKind.BAD_HOOKS, f"{value}: {error}"))

    def _limit(self, name: str) -> TimeLimit | None:
        """Return how long the hook module of a plugin may take."""
        limited = self._timeout and name not in OWN
        return TimeLimit(self._timeout, f"the hook module of {name}", name) if limited else None

    def _fail(self, distribution: str, problem: LoadProblem) -> None:
        self.problems.setdefault(distribution, problem)
        if self.manager.has_plugin(distribution):  # leave no half-registered implementation behind
            self.manager.unregister(name=distribution)

    @property
    def loaded(self) -> tuple[str, ...]:
        """The distributions whose hook modules are in force."""
        names = (name for name, _ in self.manager.list_name_plugin() if name not in OWN)
        return tuple(sorted(names))

    def registered_stages(self) -> tuple[StageRef, ...]:
        """Return the stages that every implementation of ``crucible_register_stages`` offers."""
        return tuple(self._collected("crucible_register_stages", self._checked_stages))

    def registered_codecs(self) -> tuple[CodecRef, ...]:
        """Return the codecs that every implementation of ``crucible_register_codecs`` offers, the core's first."""
        from crucible_core.plugins.codec_offers import CodecOffers

        return tuple(self._collected("crucible_register_codecs", CodecOffers(OWN).checked))

    def _collected(self, hook: str, check: Callable[[str, object], list[T]]) -> list[T]:
        """Return what all implementations of a hook return; one that fails makes its plugin broken."""
        found: list[T] = []
        offered = self._implementations(hook, limited=False)
        for name, call in sorted(offered, key=lambda one: (one[0] not in OWN, one[0])):
            try:
                with contained(self._limit(name)):  # what is a generator runs while it is looked at
                    found += check(name, call())
            except LoadProblemError as error:
                self._fail(name, error.problem)
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # noqa: BLE001 - a plugin's code may raise anything, and must not end us
                self._fail(name, explain(error))
        return found

    def _checked_stages(self, name: str, returned: object) -> list[StageRef]:
        if not isinstance(returned, Iterable):
            raise LoadProblemError(_no_refs(returned))
        refs = []
        for ref in returned:
            if not isinstance(ref, StageRef) or not (ref.value or ref.target):
                raise LoadProblemError(_no_refs(ref))
            refs.append(ref if name in OWN else ref._replace(distribution=name, version=self._versions[name]))
        return refs

    def extensions(self, ref: StageRef, description: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
        """Return what plugins add to a stage's description, by distribution."""
        added: dict[str, Mapping[str, Any]] = {}
        asked = self._answers("crucible_describe_stage", lambda: {"ref": ref, "description": dict(description)})
        for name, facts in asked:
            if isinstance(facts, Mapping):
                added[name] = facts
            elif facts is not None:
                self._refuse(name, f"crucible_describe_stage must return a mapping or None, got {facts!r}")
        return added

    def observers(self) -> tuple[tuple[str, Callable[[Any], None]], ...]:
        """Return (plugin, callable) for each implementation of ``crucible_trace_event`` that is wanted now."""
        has_a_say = {name for name, _ in self._implementations("crucible_wants_trace")}
        wanting = {name for name, wants in self._answers("crucible_wants_trace", dict) if self._is_wish(name, wants)}
        found = reversed(self.manager.hook.crucible_trace_event.get_hookimpls())
        wanted = (one for one in found if one.plugin_name not in has_a_say - wanting)
        return tuple((one.plugin_name, _observer(one.function, one.argnames)) for one in wanted)

    def _is_wish(self, name: str, answer: object) -> bool:
        if not isinstance(answer, bool):
            self._refuse(name, f"crucible_wants_trace must return True or False, got {answer!r}")
        return answer is True

    def reference_problem(self, reference: DatasetRef | ModelRef) -> str | None:
        """Return what the first plugin that has something to say of a dataset or model says of it."""
        for name, said in self._answers("crucible_check_reference", lambda: {"reference": reference}):
            if isinstance(said, str):
                return said
            if said is not None:
                self._refuse(name, f"crucible_check_reference must return a text or None, got {said!r:.200}")
        return None

    def item_findings(self, pairs: Sequence[ItemPairs]) -> tuple[tuple[str, Sequence[ItemFinding | None]], ...]:
        """Return (plugin, a finding or None for each of the pairs) of every plugin that has something to say."""
        found = []
        asked = self._answers("crucible_compare_items", lambda: {"pairs": pairs}, limited=False)  # statistics take time
        for name, answer in asked:
            try:
                findings = _checked_findings(answer, len(pairs))
            except LoadProblemError as error:
                self._fail(name, error.problem)
            else:
                if any(findings):
                    found.append((name, findings))
        return tuple(found)

    def _answers(
        self, hook: str, arguments: Callable[[], dict[str, Any]], *, limited: bool = True
    ) -> Iterator[tuple[str, Any]]:
        """Yield (plugin, what it returns) of every implementation of a hook; one that raises is broken from then on."""
        for name, call in self._implementations(hook, limited=limited):
            try:
                answer = call(**arguments())
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # noqa: BLE001 - as above
                self._fail(name, explain(error))
            else:
                yield name, answer

    def _refuse(self, name: str, reason: str) -> None:
        self._fail(name, LoadProblem(ProblemKind.BAD_HOOKS, reason))

    def _implementations(self, hook: str, *, limited: bool = True) -> tuple[tuple[str, Callable[..., Any]], ...]:
        """Return (plugin, callable) for each implementation of a hook, in pluggy's calling order."""
        found = [
            (one.plugin_name, one.function, one.argnames)
            for one in reversed(getattr(self.manager.hook, hook).get_hookimpls())
        ]
        return tuple(
            (name, _fitted(function, accepted, self._limit(name) if limited else None))
            for name, function, accepted in found
        )


def _no_refs(returned: object) -> LoadProblem:
    reason = f"crucible_register_stages must return StageRefs with a value or a target, got {returned!r}"
    return LoadProblem(ProblemKind.BAD_HOOKS, reason)


def _checked_findings(returned: object, count: int) -> Sequence[ItemFinding | None]:
    from crucible_core.contract.item_pairs import ItemFinding

    findings = [] if returned is None else returned
    if not isinstance(findings, Sequence) or not all(
        each is None or isinstance(each, ItemFinding) for each in findings
    ):
        reason = f"crucible_compare_items must return ItemFindings, got {returned!r:.200}"
    elif findings and len(findings) != count:
        reason = f"crucible_compare_items must return one finding for each of {count} pairs, got {len(findings)}"
    else:
        return findings
    raise LoadProblemError(LoadProblem(ProblemKind.BAD_HOOKS, reason))


def _observer(function: Callable[..., Any], accepted: Iterable[str]) -> Callable[[Any], None]:
    """Return a function of the event; pluggy lets an implementation leave arguments out."""
    return function if tuple(accepted) else lambda _event: function()


def _fitted(function: Callable[..., Any], accepted: Iterable[str], limit: TimeLimit | None) -> Callable[..., Any]:
    """Return a function that takes every argument of its hook by keyword and passes on what it accepts, `contained`."""
    names = tuple(accepted)

    def fitted(**arguments: Any) -> Any:
        with contained(limit):
            return function(**{name: arguments[name] for name in names})

    return fitted
