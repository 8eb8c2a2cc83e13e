"""Interrupting a command while it waits for plugins that do not answer."""

from __future__ import annotations

import os
import signal

import pytest

SILENT = """
import threading
with open("{fifo}", "w") as pipe:
    pipe.write("waiting\\n")
    pipe.flush()
    threading.Event().wait()
"""


@pytest.fixture
def silent(site):
    """Install two plugins that say that they wait, and do; return the pipes they say it through."""
    fifos = []
    for name in ("mute", "numb"):
        fifos.append(site.root / f"{name}.fifo")
        os.mkfifo(fifos[-1])
        site.add(name, stages={name: f"{name}:X"}, modules={f"{name}.py": SILENT.format(fifo=fifos[-1])})
    return fifos


@pytest.mark.parametrize(
    ("number", "code", "said"), [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")]
)
@pytest.mark.parametrize("command", ["plugins doctor", "plugins show mute --load", "stages list", "schema"])
def test_a_signal_ends_the_command_and_the_plugin_it_waits_for_at_once(site, silent, command, number, code, said):
    waits = ["--timeout", "600"]
    process = site.start(*command.split(), *waits)
    with silent[0].open() as pipe:
        assert pipe.readline() == "waiting\n"
        process.send_signal(number)
        _, err = process.communicate(timeout=60)
        assert pipe.read() == ""  # its other end is closed: the plugin's process is gone
    assert process.returncode == code
    assert err.endswith(f"crucible: {said}\n")


@pytest.mark.parametrize("command", ["plugins doctor", "--strict validate nothing.yaml"])
def test_a_command_that_is_killed_leaves_no_plugin_behind(site, silent, command):
    process = site.start(*command.split())
    with silent[0].open() as pipe:
        assert pipe.readline() == "waiting\n"
        process.kill()
        process.communicate(timeout=60)
        assert pipe.read() == ""  # likewise
