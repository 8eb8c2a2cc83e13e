"""How to make the results again."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from crucible_core.contract.json_values import REDACTED
from crucible_core.stages.report.model import Reproduction
from crucible_core.stages.report.quantities import count


def reproduction_of(record: Mapping[str, Any]) -> Reproduction:
    """Return the commands that make the run again, and what they do not bring back; nothing outside a run."""
    if record.get("seed") is None:
        return Reproduction()
    run = record.get("command") or _built(record)
    if run is None and not _from_python(record):
        return Reproduction()
    revision = (record.get("git") or {}).get("revision")
    commands = [["git", "checkout", str(revision)]] if revision else []
    commands += [[str(word) for word in run]] if run else []
    return Reproduction(tuple(map(shlex.join, commands)), tuple(_notes(record, run or ())))


def spec_of_run(record: Mapping[str, Any]) -> str | None:
    """Return where the run's directory holds the experiment as it was run."""
    directory = record.get("output_dir")
    return f"{str(directory).rstrip('/')}/spec.json" if directory else None


def _built(record: Mapping[str, Any]) -> list[str] | None:
    """Return a command line for a run that was started from Python; None where no command line can start it."""
    spec = record.get("spec_file") or spec_of_run(record)
    if spec is None or _from_python(record):
        return None
    words = ["crucible", "run", str(spec)]
    for stage, options in (record.get("overrides") or {}).items() if record.get("spec_file") else ():
        for option, value in options.items():
            words += ["-o", f"{stage}.{option}={json.dumps(value, ensure_ascii=False)}"]
    for name, given in _assigns(record).items():
        words += ["--assign", f"{name}=@{given['source']}"]
    return [*words, "--seed", str(record["seed"])]


def _assigns(record: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    return (record.get("inputs") or {}).get("assigns") or {}


def _from_python(record: Mapping[str, Any]) -> tuple[str, ...]:
    """Say what a run was given that is in no file; a command line holds what it gave."""
    if record.get("command"):
        return ()
    words = [
        f"assigns.{name} ({given.get('type') or 'a value'})"
        for name, given in _assigns(record).items()
        if not given.get("source")
    ]
    rows = (record.get("inputs") or {}).get("outputs") or 0
    return (*words, *([f"outputs ({count(rows, 'row')})"] if rows else []))


def _notes(record: Mapping[str, Any], run: Iterable[str]) -> Iterator[str]:
    yield from _python_notes(record)
    if any(str(word).startswith("--run-id") for word in run):
        yield "The id after --run-id is taken by this run; give another, or none."
    if any(REDACTED in str(word) for word in run):
        yield f"{REDACTED} stands for a secret, which is not recorded."
    yield from _git_notes(record.get("git"))
    spec, given = spec_of_run(record), record.get("inputs") or {}
    if record.get("spec_file") and spec and not (given.get("assigns") or given.get("outputs")):
        yield (
            f"The experiment as it was run, with whatever was changed beside its file, is in {spec}; "
            "it can be run in place of the file."
        )


def _python_notes(record: Mapping[str, Any]) -> Iterator[str]:
    values = _from_python(record)
    if not values:
        return
    listed = f"{', '.join(values[:-1])} and {values[-1]}" if len(values) > 1 else values[0]
    yield (
        f"The run was started from Python with {listed}, of which no file is known; "
        "it cannot be repeated from the command line alone."
    )
    spec = record.get("spec_file") or spec_of_run(record)
    if spec:
        call = f"crucible_core.run({str(spec)!r}, seed={record['seed']}, …)"
        yield f"From Python, {call} with the same values repeats it."


def _git_notes(git: Mapping[str, Any] | None) -> Iterator[str]:
    if git is None:
        yield "No git revision was recorded; the code is known by the package versions alone."
    elif not git.get("revision"):
        yield "The repository had no commit yet; the code is known by the package versions alone."
    elif git.get("dirty"):
        yield "The working tree held changes that were not committed; the revision alone does not bring them back."
