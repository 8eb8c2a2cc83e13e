"""Write the pages of the conformance kit's checks into docs/conformance; with --check, say whether they are current."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from crucible_core.testing import all_checks
from crucible_core.testing.documentation import index, page

FOLDER = Path(__file__).parent / "conformance"


def pages() -> dict[str, str]:
    """Return file name to text."""
    return {"README.md": index(), **{f"{check.id}.md": page(check) for check in all_checks().values()}}


def stale() -> Iterator[str]:
    """Yield the files that are not what they should be, or should not be."""
    there = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")}
    wanted = pages()
    yield from (name for name in sorted(there.keys() | wanted.keys()) if there.get(name) != wanted.get(name))


def main() -> int:
    """Write or check every page."""
    if "--check" in sys.argv:
        found = list(stale())
        if found:
            print(f"not current: {', '.join(found)}; run python docs/generate_conformance.py")
        return 1 if found else 0
    FOLDER.mkdir(exist_ok=True)
    for name in stale():
        if name in pages():
            (FOLDER / name).write_text(pages()[name], encoding="utf-8")
        else:
            (FOLDER / name).unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
