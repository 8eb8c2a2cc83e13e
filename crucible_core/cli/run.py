"""``crucible run``."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from crucible_core.cli.arguments import assigned_files, parse_assigns, parse_overrides
from crucible_core.cli.interrupts import INTERRUPTED, TERMINATED
from crucible_core.cli.json_errors import JsonErrorsCommand
from crucible_core.cli.own_modules import find_modules_beside
from crucible_core.cli.pydantic_plugins import spare_its_imports
from crucible_core.cli.session import registry_for
from crucible_core.garbage import collection_paused
from crucible_core.pipeline.termination import GRACE_S, MAX_GRACE_S

if TYPE_CHECKING:
    from crucible_core.pipeline.result import RunResult

FAILED, GATE = 1, 4


@click.command("run", cls=JsonErrorsCommand, no_args_is_help=True)
@click.argument("spec", type=click.Path(path_type=Path), required=False)
@click.option("-o", "--option", "options", multiple=True, metavar="STAGE.OPTION=VALUE", help="Override an option.")
@click.option("--assign", "assigns", multiple=True, metavar="NAME=@FILE", help="Put a value into the context first.")
@click.option("--seed", type=click.IntRange(min=0), help="Seed from which each stage gets its own.  [default: 0]")
@click.option("--run-id", help="Id of the run.  [default: made from the time]")
@click.option("--output-dir", type=click.Path(path_type=Path), help="Where runs go.  [default: artifacts/crucible]")
@click.option("--dry-run", is_flag=True, help="Check and show the plan; run nothing.")
@click.option(
    "--validate-options",
    type=click.Choice(["error", "warn", "off"]),
    default="error",
    show_default=True,
    help="How strictly options are checked.",
)
@click.option(
    "--no-record", is_flag=True, help="Leave no run directory; the files of stages, reports too, are not kept."
)
@click.option("--index", metavar="URL", help="Push the run to this shared index, postgresql://...")
@click.option(
    "--grace",
    type=click.FloatRange(0, MAX_GRACE_S),
    default=GRACE_S,
    show_default=True,
    metavar="SECONDS",
    help="What the running stage has to end by itself after Ctrl-C or SIGTERM.",
)
@click.option(
    "--durability",
    type=click.Choice(["process", "power"]),
    default="process",
    show_default=True,
    help="What a completed stage survives: the end of the process, or a power cut as well (waits for the disk).",
)
@click.option("--no-cache", is_flag=True, help="Run every stage, also one whose result is known, and keep none.")
@click.option("--resume", metavar="RUN", help="Go on with a run that did not come to its end.")
@click.option("--from-changed", is_flag=True, help="With --resume: run again from the first stage that changed.")
@click.option("--take-over", is_flag=True, help="With --resume: even if a process on another host may be at it.")
@click.option("--json", "as_json", is_flag=True, help="Print events as JSON lines instead of progress.")
@click.pass_context
def run_command(ctx: click.Context, /, spec: Path | None, **given: Any) -> NoReturn:
    """Run the experiment in the file SPEC (YAML, JSON or TOML), or go on with a RUN of it.

    With --resume SPEC may be left out. What the run was given need not be given again.
    Modules that SPEC names may lie in the working directory or beside SPEC. The exit code is 0 when the run succeeds,
    1 when it fails, 2 when SPEC cannot run, 4 when a verdict says no, 130 after Ctrl-C and 143 after SIGTERM.
    """
    registry = registry_for(ctx)
    _check_combination(ctx, spec, given)
    beside = spec or _recorded_spec(given["resume"], given["output_dir"])
    if beside is not None:
        find_modules_beside(beside)
    asked = {
        "registry": registry,
        "overrides": parse_overrides(given["options"]),
        "assigns": parse_assigns(given["assigns"]),
        "validate_options": given["validate_options"],
    }
    if given["dry_run"]:
        assert spec is not None
        from crucible_core.cli.validate import show_plan

        show_plan(spec, **asked, as_json=given["as_json"])
        ctx.exit(0)
    given["files"] = assigned_files(given["assigns"])
    result = _shown_run(spec, asked, given, debug=ctx.find_root().params["debug"])
    ctx.exit(exit_code(result))


def _recorded_spec(resume: str, output_dir: Path | None) -> Path | None:
    from crucible_core.runs.resuming.earlier_run import recorded_spec_file

    return recorded_spec_file(resume, output_dir)


def _check_combination(ctx: click.Context, spec: Path | None, given: Mapping[str, Any]) -> None:
    """Refuse options that say nothing without each other, or that contradict each other."""
    if given["resume"] is None:
        if spec is None:
            raise click.UsageError("give SPEC, or --resume RUN", ctx)
        for name in ("from_changed", "take_over"):
            if given[name]:
                raise click.UsageError(f"--{name.replace('_', '-')} goes with --resume RUN", ctx)
        return
    for name, option in (("run_id", "--run-id"), ("no_record", "--no-record"), ("dry_run", "--dry-run")):
        if given[name]:
            raise click.UsageError(f"{option} does not go with --resume: the run keeps its id and its record", ctx)


def _shown_run(spec: Path | None, asked: Mapping[str, Any], given: Mapping[str, Any], *, debug: bool) -> RunResult:
    """Run the experiment while showing how it goes and then how it ended."""
    with collection_paused():
        spare_its_imports()
        from crucible_core.cli.run_display import display_for
        from crucible_core.cli.trace_parent import trace_parent
        from crucible_core.composition import run
        from crucible_core.runs.origin import RunOrigin

    display = display_for(as_json=given["as_json"])
    with display:
        result = run(
            spec,
            **asked,
            run_id=given["run_id"],
            output_dir=given["output_dir"],
            seed=given["seed"],
            persist=not given["no_record"],
            observers=(display.event,),
            progress=display.progress,
            index=given["index"],
            durability=given["durability"],
            resume=given["resume"],
            from_changed=given["from_changed"],
            take_over=given["take_over"],
            grace_s=given["grace"],
            telemetry_context=trace_parent(),
            cache=not given["no_cache"],
            origin=RunOrigin(["crucible", *sys.argv[1:]], given["files"]),
        )
    display.result(result, debug=debug)
    return result


def exit_code(result: RunResult) -> int:
    """Return the exit code that says how a run ended."""
    if result.ok:
        return 0
    failure = result.failure
    if result.status == "cancelled":
        details = failure.details if failure else {}
        if "exit_code" not in details:
            return INTERRUPTED
        return TERMINATED if details["exit_code"] == TERMINATED else FAILED
    return GATE if failure is not None and failure.code == "gate_failed" else FAILED
