"""A fork that comes back from a stage ends there: one run is recorded once."""

import json
import os
import subprocess
import sys

import pytest

SCRIPT = """
import os, sys
import crucible_core
from crucible_core import Stage

class Forks(Stage):
    "Forks, and waits for its child."
    name = "forks"
    writes = ("metrics.{id}",)
    def run(self, context, options):
        child = os.fork()
        if child == 0:
            ENDS
            return context
        _, status = os.waitpid(child, 0)
        return context.put_metric(context.runtime.stage_id, {"child": os.waitstatus_to_exitcode(status)})

spec = {"id": "e", "pipeline": [{"name": "forks", "module": "__main__:Forks"}, {"name": "forks", "id": "b", "module": "__main__:Forks"}]}
result = crucible_core.run(spec, run_id="r", output_dir=sys.argv[1])
print(result.status, result.context.metrics["forks"]["child"])
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks here")
@pytest.mark.parametrize(
    ("ends", "code", "said"),
    [
        ("pass", 1, "returned from run()"),
        ("raise ValueError('no')", 1, "raised ValueError out of run()"),
        ("sys.exit(3)", 3, ""),
        ("sys.exit()", 0, ""),
        ("os._exit(4)", 4, ""),
    ],
)
def test_a_fork_that_comes_back_from_a_stage_ends_there(tmp_path, ends, code, said):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT.replace("ENDS", ends))
    done = subprocess.run([sys.executable, script, tmp_path / "runs"], capture_output=True, text=True, check=True)
    assert done.stdout == f"succeeded {code}\n"
    assert said in done.stderr
    events = [json.loads(line) for line in (tmp_path / "runs/e/r/telemetry.jsonl").read_text().splitlines()]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert [event["event_name"] for event in events].count("run_stop") == 1
