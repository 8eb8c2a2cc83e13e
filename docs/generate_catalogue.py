"""Write ``catalogue.json`` of the installed core from the packages in this repository.

Run ``python docs/generate_catalogue.py`` after adding a package or a stage; ``--check`` only compares.
"""

from __future__ import annotations

import json
import sys
import tomllib
from pathlib import Path
from typing import Any

import crucible_core.plugins

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = Path(crucible_core.plugins.__file__).with_name("catalogue.json")


def entry(pyproject: Path) -> dict[str, Any]:
    """Return what the catalogue says of one package."""
    project = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]
    return {
        "distribution": project["name"],
        "source": pyproject.parent.relative_to(ROOT).as_posix(),
        "summary": project.get("description", ""),
        "stages": sorted(project.get("entry-points", {}).get("crucible.stages", {})),
    }


def render() -> str:
    """Return the text of the catalogue."""
    files = [file for room in ("plugins", "contrib") for file in (ROOT / room).glob("*/pyproject.toml")]
    entries = sorted(map(entry, files), key=lambda one: str(one["distribution"]))
    return json.dumps({"schema_version": "1.0", "distributions": entries}, indent=2) + "\n"


def main() -> int:
    """Write the catalogue, or say that it is out of date (exit code 1)."""
    if "--check" not in sys.argv[1:]:
        CATALOGUE.write_text(render(), encoding="utf-8")
    elif CATALOGUE.read_text(encoding="utf-8") != render():
        print(f"{CATALOGUE.name} is out of date; run: python docs/generate_catalogue.py")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
