"""Measure what ``crucible --help`` and ``crucible plugins list`` cost among 200 installed distributions.

The peer is an interpreter that imports click and asks importlib.metadata for one group of entry points, in the same
environment. The target is at most twice its CPU time. What was imported is read from ``sys.modules``.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from distributions import write_distributions
from measure import interleaved, median_ratio, options, report, run_child, summary, table
from peers import crucible_python

DISTRIBUTIONS, PLUGINS, STAGES = 200, 20, 2
COMMANDS = {"crucible --help": ["--help"], "crucible plugins list": ["plugins", "list"]}
PEER = "click and entry_points()"
PEER_CODE = "import click, importlib.metadata; importlib.metadata.entry_points(group='crucible.stages')"
MODULES_CODE = """
import sys
from crucible_core.cli.entry import exit_code_of
assert exit_code_of(sys.argv[1:]) == 0
print("MODULES", *(name for name in sys.modules if name.split(".")[0].startswith(("made_plugin", "pydantic"))))
"""


def main() -> None:
    given = options(__doc__).parse_args()
    python = crucible_python(given.cache)
    with tempfile.TemporaryDirectory() as folder:
        installed = len(list(python.parent.parent.glob("lib/*/site-packages/*.dist-info")))
        write_distributions(Path(folder), plugins=PLUGINS, stages=STAGES, others=DISTRIBUTIONS - PLUGINS - installed)
        env = {"PYTHONPATH": folder}
        commands: dict[str, list[str | Path]] = {
            PEER: [python, "-c", PEER_CODE],
            **{name: [python.parent / "crucible", *words] for name, words in COMMANDS.items()},
            "python -c pass": [python, "-c", "pass"],
        }
        cases = {name: (lambda command=command: run_child(command, env=env).cpu) for name, command in commands.items()}
        measured = interleaved(cases, 5 if given.quick else 41)
        imported = {
            name: run_child([python, "-c", MODULES_CODE, *words], env=env).output.partition("MODULES")[2].split()
            for name, words in COMMANDS.items()
        }
    cpu = {name: summary(values, 1e3) for name, values in measured.items()}
    ratio = {name: median_ratio(values, measured[PEER]) for name, values in measured.items()}
    rows = [(name, f"{cpu[name].median:.0f}", f"{cpu[name].minimum:.0f}", f"{ratio[name]:.2f}") for name in cpu]
    text = table(("command", "CPU ms, median", "minimum", "of the peer's, median"), rows)
    for name, found in imported.items():
        text += f"\nmodules of plugins and of pydantic that {name} imports: {', '.join(found) or 'none'}"
    report("start-up among 200 distributions", given, {"cpu_ms": cpu, "ratio": ratio, "imported": imported}, text)


if __name__ == "__main__":
    main()
