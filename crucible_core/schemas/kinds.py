"""The published schemas by name, without what it takes to make them."""

from __future__ import annotations

KINDS = {
    "cache_clear": "crucible cache clear --json",
    "cache_explain": "crucible cache explain RUN STAGE --json",
    "cache_info": "crucible cache info --json",
    "conformance": "crucible conformance --json",
    "conformance_checks": "crucible conformance --list --json",
    "error": "an error of a command that was asked for JSON",
    "plugins_doctor": "crucible plugins doctor --json",
    "plugins_freeze": "crucible plugins freeze --json",
    "plugins_list": "crucible plugins list --json",
    "plugins_new": "crucible plugins new NAME --json",
    "plugins_show": "crucible plugins show NAME --json",
    "plugins_switch": "crucible plugins enable NAME --json, and disable",
    "run_archive": "archive.json in what crucible runs export writes",
    "run_manifest": "manifest.json of a run",
    "runs_compare": "crucible runs compare A B --json",
    "runs_delete": "crucible runs delete RUN --json",
    "runs_export": "crucible runs export RUN --json",
    "runs_gc": "crucible runs gc --json",
    "runs_import": "crucible runs import FILE --json",
    "runs_lineage": "crucible runs lineage RUN --json",
    "runs_list": "crucible runs list --json",
    "runs_reindex": "crucible runs reindex --json",
    "runs_show": "crucible runs show RUN --json",
    "runs_tag": "crucible runs tag RUN --json",
    "runs_verify": "crucible runs verify RUN --json",
    "spec": "spec files, with the options of the installed stages",
    "stage_description": "crucible stages describe NAME --json",
    "stages_list": "crucible stages list --json",
    "telemetry_event": "each line of telemetry.jsonl",
    "validation": "crucible validate --json",
}
"""Name to what it describes."""
