"""What a shell completes beyond commands and options; nothing of a plugin is imported for it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    from collections.abc import Iterable

    import click

    from crucible_core.plugins.inventory import Inventory

__all__ = [
    "check_ids",
    "conformance_targets",
    "event_names",
    "known_names",
    "run_names",
    "schema_kinds",
    "stage_ids",
    "stage_names",
]


def stage_names(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the name of an installed stage; contested ones as ``distribution:stage``."""
    names = _inventory(ctx).names
    found = {name: f"from {ref.distribution}" for name, ref in names.plain.items()}
    found |= {ref.qualified: "contested" for clash in names.clashes.values() for ref in clash.offers}
    return _items(found.items(), incomplete)


def known_names(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the name of a plugin or of one of its stages."""
    found: dict[str, str] = {}
    for record in _inventory(ctx).records:
        found[record.name] = record.status.value
        for ref in record.stages:
            found.setdefault(ref.name, f"stage of {record.name}")
    return _items(found.items(), incomplete)


def conformance_targets(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the name of a stage or of the distribution that offers it."""
    inventory = _inventory(ctx)
    found = {record.name: "all of its stages" for record in inventory.records if record.stages}
    found |= {name: f"from {ref.distribution}" for name, ref in inventory.names.plain.items()}
    found |= {ref.qualified: "contested" for clash in inventory.names.clashes.values() for ref in clash.offers}
    return _items(found.items(), incomplete)


def check_ids(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the id of a check of the conformance kit."""
    from crucible_core.testing.check import all_checks

    return _items(((each.id, each.title) for each in all_checks().values()), incomplete.upper())


def _inventory(ctx: click.Context) -> Inventory:
    from crucible_core.plugins.inventory import take_inventory
    from crucible_core.plugins.settings import load_settings

    flags = ctx.find_root().params
    disable = flags.get("disable") or ()
    return take_inventory(load_settings(no_plugins=bool(flags.get("no_plugins")), disable=disable, tolerant=True))


def run_names(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the id of a run, ``experiment/run`` or ``latest``; paths where neither begins so."""
    from crucible_core.runs.directory import DEFAULT_OUTPUT_DIR, LATEST

    root = Path(ctx.params.get("output_dir") or DEFAULT_OUTPUT_DIR)
    runs = sorted(path.parent for path in root.glob("*/*/telemetry.jsonl"))
    found = {LATEST: "the run that began last"} if runs else {}
    found |= {run.name: run.parent.name for run in runs}
    if "/" in incomplete:
        found |= {f"{run.parent.name}/{run.name}": "" for run in runs}
    return _items(found.items(), incomplete) or [CompletionItem(incomplete, type="dir")]


def stage_ids(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the id of a stage of the run that the command line names."""
    from crucible_core.ir.errors import CrucibleError
    from crucible_core.runs import find_run
    from crucible_core.runs.directory import LATEST

    named = next(iter(ctx.args), LATEST)  # an option that has no value yet ends the parsing: arguments are left there
    try:
        run = find_run(ctx.params.get("run") or named, ctx.params.get("output_dir"))
        manifest = json.loads(run.manifest.read_bytes())
        return _items(((stage["id"], stage["name"]) for stage in manifest["stages"]), incomplete)
    except (CrucibleError, OSError, ValueError, KeyError, TypeError):
        return []  # there is no such run, or no manifest that can be read: nothing to propose


def event_names(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the name of an event."""
    from crucible_core.contract.event_names import EVENT_NAMES

    return _items(((name, "") for name in EVENT_NAMES), incomplete)


def schema_kinds(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the name of a published schema."""
    from crucible_core.schemas.kinds import KINDS

    return _items(KINDS.items(), incomplete)


def _items(found: Iterable[tuple[str, str]], incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(name, help=text or None) for name, text in found if name.startswith(incomplete)]
