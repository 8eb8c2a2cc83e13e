"""The JSON Schema of one line of ``telemetry.jsonl``."""

from __future__ import annotations

from typing import Any

from crucible_core.contract.event_names import PLUGIN_EVENT
from crucible_core.trace.event import SCHEMA_VERSION
from crucible_core.trace.payloads import PAYLOADS

_PLUGIN_EVENT = f"^{PLUGIN_EVENT.pattern}$"


def event_schema() -> dict[str, Any]:
    """Return the schema: the envelope, and for each event name what its payload holds."""
    from pydantic.json_schema import models_json_schema

    models = {model.__name__: model for model in PAYLOADS.values()}
    _, definitions = models_json_schema(
        [(model, "validation") for model in models.values()], ref_template="#/$defs/{model}"
    )
    envelope = {
        "schema_version": {"const": SCHEMA_VERSION},
        "seq": {"type": "integer", "minimum": 1, "description": "Position in the run; the line number."},
        "timestamp": {"type": "string", "format": "date-time"},
        "event_name": {"anyOf": [{"enum": list(PAYLOADS)}, {"type": "string", "pattern": _PLUGIN_EVENT}]},
        "run_id": {"type": "string", "minLength": 1},
        "experiment_id": {"type": "string", "minLength": 1},
        "stage": {"type": ["string", "null"], "description": "Id of the stage; null for events of the run."},
        "attempt": {"type": ["integer", "null"], "minimum": 1},
        "payload": {"type": "object"},
    }
    return {
        "title": "TelemetryEvent",
        "description": "One line of telemetry.jsonl.",
        "type": "object",
        "properties": envelope,
        "required": list(envelope),
        "additionalProperties": False,
        "allOf": [
            {
                "if": {"properties": {"event_name": {"const": name}}},
                "then": {"properties": {"payload": {"$ref": f"#/$defs/{model.__name__}"}}},
            }
            for name, model in PAYLOADS.items()
        ],
        "$defs": definitions["$defs"],
    }
