"""A report as JSON, for programs: everything, unabridged."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from crucible_core.contract.json_values import as_record

if TYPE_CHECKING:
    from crucible_core.stages.report.model import ReportModel

SCHEMA_VERSION = "1.0"


def render_json(model: ReportModel) -> str:
    """Return a report as strict JSON: NaN and the infinities are strings, foreign values their repr.

    Keys: schema_version, title, experiment_id, run_id, outcome, verdicts, quality_targets, metrics, outputs, parts
    (figures with their SVG as the stage gave it, not sanitised), record (the run's manifest as it was when the report
    was made).
    """
    source = model.source
    document = {
        "schema_version": SCHEMA_VERSION,
        "title": model.title,
        "experiment_id": model.experiment_id,
        "run_id": model.run_id,
        "outcome": {"tone": str(model.outcome.tone), "headline": model.outcome.headline},
        "verdicts": [verdict.to_dict() for verdict in source.verdicts],
        "quality_targets": [
            {"path": each.path, "target": each.bound, "value": each.value, "reached": each.reached}
            for each in model.targets
        ],
        "metrics": source.metrics,
        "outputs": [dict(row) for row in source.outputs],
        "parts": {key: [part.to_dict() for part in parts] for key, parts in source.parts.items()},
        "record": source.record,
    }
    return json.dumps(as_record(document), ensure_ascii=False, allow_nan=False, indent=2) + "\n"
