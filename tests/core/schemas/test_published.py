"""The schemas under docs/schemas are current and valid."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from crucible_core.schemas.published import published_schemas, schema_document

DOCS = Path(__file__).parents[3] / "docs"


def test_the_published_schemas_are_current():
    done = subprocess.run(
        [sys.executable, DOCS / "generate_schemas.py", "--check"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_no_schema_is_published_that_nobody_makes():
    assert sorted(path.name for path in (DOCS / "schemas").iterdir()) == [
        f"{name}.schema.json" for name in published_schemas()
    ]


@pytest.mark.parametrize("name", published_schemas())
def test_a_schema_is_valid_and_names_its_dialect(name):
    document = schema_document(published_schemas()[name])
    Draft202012Validator.check_schema(document)
    assert document["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
    assert document["description"]


def _references(value):
    if isinstance(value, dict):
        yield from [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        for each in value.values():
            yield from _references(each)
    elif isinstance(value, list):
        for each in value:
            yield from _references(each)


@pytest.mark.parametrize("name", published_schemas())
def test_every_reference_leads_somewhere(name):
    document = json.loads(json.dumps(schema_document(published_schemas()[name])))
    for reference in _references(document):
        place = document
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]
