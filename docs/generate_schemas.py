"""Write the published JSON Schemas into docs/schemas; with --check, say whether they are current."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from crucible_core.schemas.published import published_schemas, schema_document

FOLDER = Path(__file__).parent / "schemas"


def main() -> int:
    """Write or check every schema."""
    stale = []
    for name, make in published_schemas().items():
        path = FOLDER / f"{name}.schema.json"
        text = json.dumps(schema_document(make), indent=2, ensure_ascii=False) + "\n"
        if "--check" in sys.argv:
            stale += [path.name] * (not path.exists() or path.read_text(encoding="utf-8") != text)
        else:
            path.write_text(text, encoding="utf-8")
    if stale:
        print(f"not current: {', '.join(stale)}; run python docs/generate_schemas.py")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
