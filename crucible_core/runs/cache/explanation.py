"""Why a stage of a run was found in the cache, or not."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from crucible_core.contract.errors import CrucibleError
from crucible_core.runs.cache.entry import DamagedEntryError, Entry
from crucible_core.runs.cache.package_files import PackageFile
from crucible_core.runs.codecs import DamagedObjectError

if TYPE_CHECKING:
    from crucible_core.runs.cache.cache_directory import CacheDirectory
    from crucible_core.runs.codecs import ObjectRef

__all__ = ["CacheExplanation", "PartDifference", "UnknownStageError", "explain"]

_COMPARED = 200
"""Earlier entries of a stage that are compared, the newest."""
_HASH = 12


class UnknownStageError(CrucibleError):
    """A run has no such stage."""

    exit_code = 2


@dataclass(frozen=True)
class PartDifference:
    """One part of a key that is another than in an earlier entry.

    Args:
        part: Its name.
        before: What it was; None where it was not there.
        after: What it is; None where it is not there any more.
    """

    part: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class CacheExplanation:
    """What the cache did for a stage, and why.

    Args:
        experiment_id: The experiment.
        run_id: The run.
        stage: Id of the stage.
        outcome: ``hit``, ``miss`` (it ran), ``uncacheable`` (it has no key), ``not_cacheable`` (it does not promise to
            be repeatable), ``off`` (the run was told not to use the cache) or ``not_reached``.
        kept: Whether its result was kept; of a hit, None.
        reason: Why it was not kept or has no key.
        key: Its key.
        source: Of a hit, the run that computed it: experiment, run and time.
        nearest: Of a miss, the earlier entry of the stage that it differs least from: likewise.
        differences: In what they differ.
    """

    experiment_id: str
    run_id: str
    stage: str
    outcome: str
    kept: bool | None = None
    reason: str | None = None
    key: str | None = None
    source: Mapping[str, Any] | None = None
    nearest: Mapping[str, Any] | None = None
    differences: tuple[PartDifference, ...] = field(default=())


def explain(cache: CacheDirectory, manifest: Mapping[str, Any], stage_id: str) -> CacheExplanation:
    """Return what the cache did for a stage of a run.

    Args:
        cache: The cache beside the run.
        manifest: The run's manifest.
        stage_id: The stage.

    Raises:
        UnknownStageError: The run has no stage of this id.
    """
    stage = next((each for each in manifest["stages"] if each["id"] == stage_id), None)
    if stage is None:
        ids = ", ".join(each["id"] for each in manifest["stages"])
        raise UnknownStageError(f"run {manifest['run_id']} has no stage {stage_id!r}; it has: {ids}")
    told = stage.get("cache") or {}
    about = CacheExplanation(manifest["experiment_id"], manifest["run_id"], stage_id, "not_cacheable")
    outcome = told.get("outcome")
    if outcome == "hit":
        source = {name: told[name] for name in ("experiment_id", "run_id", "created_at")}
        return replace(about, outcome="hit", key=told["key"], source=source)
    if outcome == "uncacheable":
        return replace(about, outcome="uncacheable", kept=False, reason=told["reason"])
    if not told and not manifest.get("cache", True):
        return replace(about, outcome="off", reason="the run was told not to use the cache")
    entry = _entry_of(cache, about, told.get("key"))
    if entry is not None:
        return _missed(cache, about, entry, told)
    if told:
        kept, reason = told["outcome"] == "kept", told["reason"] or "its entry was cleared since"
        return replace(about, outcome="miss", kept=kept, key=told["key"], reason=reason)
    if stage["status"] in ("pending", "skipped"):
        return replace(about, outcome="not_reached", reason=stage.get("reason"))
    return replace(about, reason="its traits do not say that it is cacheable and bitwise or seeded")


def _missed(cache: CacheDirectory, about: CacheExplanation, entry: Entry, told: Mapping[str, Any]) -> CacheExplanation:
    found = replace(
        about,
        outcome="miss",
        kept=told.get("outcome") == "kept",
        key=entry.key,
        reason=told.get("reason") if told else entry.reason,
    )
    near = _nearest(cache, entry)
    if near is None:
        return found
    named = {"experiment_id": near.experiment_id, "run_id": near.run_id, "created_at": near.created_at}
    return replace(found, nearest=named, differences=tuple(_differences(cache, near, entry)))


def _entry_of(cache: CacheDirectory, about: CacheExplanation, key: str | None) -> Entry | None:
    """Return the entry that a stage of a run left, by its key or by who left it."""
    if key is not None:
        for path in (cache.path / "entries").glob(f"*/{key}.json"):
            try:
                return Entry.from_bytes(path.read_bytes())
            except (OSError, DamagedEntryError):
                return None
    mine = (about.experiment_id, about.run_id, about.stage)
    found = [entry for _, entry in cache.entries() if (entry.experiment_id, entry.run_id, entry.stage_id) == mine]
    return max(found, key=lambda entry: entry.created_at, default=None)


def _nearest(cache: CacheDirectory, entry: Entry) -> Entry | None:
    """Return the earlier entry of a stage that differs from this one in the fewest parts, the newest of those."""
    earlier = [
        each for _, each in cache.entries(entry.stage) if each.created_at < entry.created_at and each.key != entry.key
    ]
    newest = sorted(earlier, key=lambda each: (each.stage_id == entry.stage_id, each.created_at))[-_COMPARED:]
    return max(newest, key=lambda each: (-_distance(each, entry), each.created_at), default=None)


def _distance(one: Entry, other: Entry) -> int:
    return sum(one.parts.get(name) != other.parts.get(name) for name in one.parts.keys() | other.parts.keys())


def _differences(cache: CacheDirectory, before: Entry, after: Entry) -> Iterator[PartDifference]:
    for name in sorted(before.parts.keys() | after.parts.keys()):
        old, new = before.parts.get(name), after.parts.get(name)
        if old == new:
            continue
        if name in before.code and name in after.code:
            yield from _code_differences(cache, name, before.code[name], after.code[name])
        else:
            yield PartDifference(name, _shown(old), _shown(new))


def _code_differences(
    cache: CacheDirectory, name: str, before: ObjectRef, after: ObjectRef
) -> Iterator[PartDifference]:
    try:
        old, new = _listed(cache, before), _listed(cache, after)
    except (DamagedObjectError, ValueError):
        yield PartDifference(name, before.sha256[:_HASH], after.sha256[:_HASH])
        return
    for group, word in (("modules", name), ("distributions", "distribution")):
        mine, theirs = old.get(group, {}), new.get(group, {})
        for each in sorted(mine.keys() | theirs.keys()):
            as_module = PackageFile(each, "").module  # a whole package lists what was imported twice
            if mine.get(each) != theirs.get(each) and as_module not in mine and as_module not in theirs:
                yield PartDifference(f"{word} {each}", _short(mine.get(each)), _short(theirs.get(each)))


def _listed(cache: CacheDirectory, ref: ObjectRef) -> dict[str, Any]:
    with cache.objects.open(ref) as stream:
        found: dict[str, Any] = json.load(stream)
    return found


def _short(said: str | None) -> str | None:
    """Return a hash as people compare them: its beginning."""
    return said[:_HASH] if said is not None and len(said) == len("0" * 64) else said


def _shown(said: str | None) -> str | None:
    return said if said is None or not said.startswith("sha256:") else said[: len("sha256:") + _HASH]
