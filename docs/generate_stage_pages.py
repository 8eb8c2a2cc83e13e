"""Write a page for every first-party stage into docs/stages; with --check, say whether they are current.

A page says what ``crucible stages describe`` says, with the examples in full: all of it comes from the stage itself.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from crucible_core.contract.json_values import as_record, as_text
from crucible_core.contract.type_words import in_words
from crucible_core.pipeline.loading import inspected
from crucible_core.plugins.builtin import builtin_stages
from crucible_core.plugins.registry import default_registry

if TYPE_CHECKING:
    from crucible_core.plugins.record import StageRef

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "stages"
_ROOMS = ("outputs", "assigns", "metrics", "artifacts", "experiment")
_WIDE = 2_000


def pages() -> dict[str, str]:
    """Return the text of every page, by file name."""
    made = {f"{ref.name}.md": "\n".join(_page(ref)) + "\n" for ref in first_party()}
    return {"README.md": "\n".join(_index()) + "\n", **made}


def first_party() -> list[StageRef]:
    """Return the stages of the core and of the packages in this repository, sorted by name."""
    registry = default_registry()
    offered = [registry.resolve(f"{project['name']}:{stage}") for project in _projects() for stage in _stages(project)]
    return sorted([*builtin_stages(), *offered], key=lambda ref: ref.name)


def _projects() -> Iterator[Mapping[str, Any]]:
    for room in ("plugins", "contrib"):
        for file in sorted((ROOT / room).glob("*/pyproject.toml")):
            yield tomllib.loads(file.read_text(encoding="utf-8"))["project"]


def _stages(project: Mapping[str, Any]) -> list[str]:
    return sorted(project.get("entry-points", {}).get("crucible.stages", {}))


def _index() -> Iterator[str]:
    yield "# Stages in this repository\n"
    yield "Made by `python docs/generate_stage_pages.py` from what the stages say of themselves.\n"
    yield "| stage | distribution | what it does |\n|---|---|---|"
    for ref in first_party():
        about = default_registry().load(ref)().describe(None)
        yield f"| [{ref.name}]({ref.name}.md) | `{ref.distribution}` | {_cell(about.description)} |"


def _page(ref: StageRef) -> Iterator[str]:
    about = inspected(ref, default_registry().load(ref)).description
    document = about.to_dict()
    yield f"# {about.name}\n"
    yield f"{about.description}\n"
    yield f"Version {about.version}, from `{ref.distribution}`.\n"
    yield from _options(document)
    yield from _data_flow(document)
    yield from _errors(document["errors"])
    yield from _traits(document["traits"])
    yield from _examples(about)


def _options(document: Mapping[str, Any]) -> Iterator[str]:
    yield "## Options\n"
    if not document["types"]:
        yield "None.\n"
        return
    yield "| option | type | default | what it is |\n|---|---|---|---|"
    properties = document["options_schema"].get("properties", {})
    for name, spec in document["types"].items():
        default = "required" if name in document["required"] else f"`{as_text(document['defaults'].get(name))}`"
        meaning = properties.get(name, {}).get("description", "")
        yield f"| `{name}` | {_cell(in_words(spec))} | {_cell(default)} | {_cell(meaning)} |"
    if document["section"]:
        yield f"\nOptions that are not given are taken from `{document['section']}` of the experiment, where set."
    yield ""


def _data_flow(document: Mapping[str, Any]) -> Iterator[str]:
    yield "## What it reads and writes\n"
    lists = {"reads": "reads", "may_read": "may read", "writes": "writes", "may_write": "may write"}
    for key, words in lists.items():
        if document[key]:
            yield f"- {words}: {', '.join(f'`{path}`' for path in document[key])}"
    yield ""


def _errors(errors: Mapping[str, str]) -> Iterator[str]:
    yield "## How it fails\n"
    yield "| code | when |\n|---|---|"
    yield from (f"| `{code}` | {_cell(meaning)} |" for code, meaning in errors.items())
    yield ""


def _traits(traits: Mapping[str, Any]) -> Iterator[str]:
    yield "## How it runs\n"
    yield f"- determinism: {traits['determinism']}"
    if traits["network"]:
        yield f"- network: {', '.join(traits['network'])}"
    for name, words in (("subprocess", "starts processes"), ("cacheable", "its result may be reused")):
        yield from [f"- {words}"] * traits[name]
    if not traits["picklable"]:
        yield "- runs in the process of the run only"
    for name, reason in traits["reasons"].items():
        yield f"- {name}, because: {reason}"
    yield ""


def _examples(about: Any) -> Iterator[str]:
    yield "## Examples\n"
    yield "The conformance kit runs them.\n"
    for each in about.examples:
        yield f"### {each.summary.rstrip('.')}\n"
        if each.raises:
            yield f"Fails with `{each.raises}`.\n"
        yield "```yaml"
        yield yaml.safe_dump(
            _step(about.name, each), sort_keys=False, width=110, allow_unicode=True, default_flow_style=None
        ).rstrip()
        yield "```\n"


def _step(name: str, example: Any) -> dict[str, Any]:
    """Return an example as one would write it: the stage with its options, and the data it finds."""
    shown: dict[str, Any] = {"name": name}
    options = example.make("options")
    if options:
        shown["options"] = as_record(options)
    for room in _ROOMS:
        given = as_record(example.make(room))
        if given:
            text = as_text(given)
            shown[room] = given if len(text) <= _WIDE else f"{text[:_WIDE]} ..."
    return shown


def _cell(text: str) -> str:
    return " ".join(text.replace("``", "`").replace("|", "\\|").split())


def main() -> int:
    """Write or check every page; take away those of stages that are gone."""
    made = pages()
    there = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")}
    if "--check" in sys.argv:
        stale = sorted(name for name in made.keys() | there.keys() if made.get(name) != there.get(name))
        if stale:
            print(f"not current: {', '.join(stale)}; run python docs/generate_stage_pages.py")
        return 1 if stale else 0
    FOLDER.mkdir(exist_ok=True)
    for name in there.keys() - made.keys():
        (FOLDER / name).unlink()
    for name, text in made.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
