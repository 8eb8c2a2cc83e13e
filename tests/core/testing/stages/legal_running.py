"""Odd but legal stages: how they work, and what they use for it."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import decimal
import functools
import http.server
import json
import logging
import multiprocessing
import os
import random
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import urllib.request
import uuid
import warnings
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path

import keeping
from adding import ERRORS, EXAMPLES, ROWS, Adding, because, numbers

from crucible_core import StageError, StageExample, Traits, Verdict

TOTAL = contextvars.ContextVar("total", default=0.0)
LOG = logging.getLogger("legal_running")


@functools.cache
def _squares(count):
    return tuple(index * index for index in range(count))


def _double(value):
    return 2 * value


class AsyncInside(Adding):
    """Waits for several things at once, one of them in a thread."""

    def total(self, values, context):
        async def later(value):
            await asyncio.sleep(0)
            return value

        async def everything():
            parts = await asyncio.gather(*map(later, values))
            return await asyncio.to_thread(sum, parts)

        return asyncio.run(everything())


class ThreadsJoined(Adding):
    """Adds up in threads, and waits for them."""

    def total(self, values, context):
        found, lock = [], threading.Lock()

        def add(part):
            with lock:
                found.append(part)

        threads = [threading.Thread(target=add, args=(each,)) for each in values]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sum(sorted(found))


class PoolOfThreads(Adding):
    """Adds up in a pool, which is shut down."""

    def total(self, values, context):
        with ThreadPoolExecutor(max_workers=3) as pool:
            return sum(pool.map(_double, values)) / 2


class ThreadOfALibrary(Adding):
    """Asks a library that keeps a thread for itself."""

    def total(self, values, context):
        return keeping.asked(sum, values)


class VariableOfALibrary(Adding):
    """Asks a library that sets a variable of the environment for itself."""

    def total(self, values, context):
        return keeping.added(values)


class Generates(Adding):
    """Yields numbers from generators, and rows from another."""

    writes = ("metrics.{id}", "outputs")

    def run(self, context, options):
        doubled = (2 * each for each in numbers(context))
        rows = ({"id": f"row-{index}", "value": each} for index, each in enumerate(doubled))
        return context.add_outputs(rows).put_metric(context.runtime.stage_id, {"rows": len(context.outputs)})


class CachesLazily(Adding):
    """Keeps what it computed: on itself, in the module, and on the class."""

    kept = {}

    @functools.cached_property
    def table(self):
        return list(_squares(100))

    def total(self, values, context):
        self.kept[len(values)] = self.table[len(values)]
        self.last = sum(values)
        return self.last + self.kept[len(values)]


class Seeded(Adding):
    """Draws from the run's generator."""

    traits = Traits(determinism="seeded")

    def total(self, values, context):
        rng = context.runtime.rng()
        shuffled = random.Random(rng.getrandbits(32)).sample(values, len(values))
        return sum(value * rng.random() for value in shuffled)


class Unrepeatable(Adding):
    """Names each result anew, and says so."""

    traits = because(determinism="none")

    def run(self, context, options):
        said = {"total": sum(numbers(context)), "name": uuid.uuid4().hex}
        return context.put_metric(context.runtime.stage_id, said)


class NotPicklable(Adding):
    """Hands on a function that only this process has, and holds a lock."""

    traits = because(picklable=False)
    writes = ("metrics.{id}", "assigns.scale")
    ephemeral = ("assigns.scale",)

    def __init__(self):
        self.lock = threading.Lock()

    def run(self, context, options):
        with self.lock:
            total = sum(numbers(context))
        return context.put_metric(context.runtime.stage_id, total).assign(scale=lambda value: value * total)


class WritesFiles(Adding):
    """Writes files, one in a directory of its own, one by way of another that it replaces."""

    def run(self, context, options):
        values = numbers(context)
        runtime = context.runtime
        runtime.artifact_path("numbers.txt").write_text("\n".join(map(str, values)), encoding="utf-8")
        with runtime.artifact_path("deep/er/numbers.json").open("w", encoding="utf-8") as file:
            json.dump(values, file)
        whole = runtime.artifact_path("whole.txt")
        with tempfile.NamedTemporaryFile("w", dir=whole.parent, prefix=".whole-", delete=False) as file:
            file.write(str(sum(values)))
        Path(file.name).chmod(0o644)
        os.replace(file.name, whole)  # noqa: PTH105
        latest = runtime.artifact_path("latest")
        with contextlib.suppress(FileExistsError):
            latest.symlink_to(whole.name)
        scratch = runtime.artifact_path("scratch/part.txt")
        scratch.write_text("", encoding="utf-8")
        scratch.unlink()
        scratch.parent.rmdir()
        runtime.checkpoint("whole", whole)
        return context.put_metric(runtime.stage_id, {"total": sum(values)})


class WritesByDescriptor(Adding):
    """Writes a file relative to a directory that it has open, and keeps a database among its files."""

    def run(self, context, options):
        values = numbers(context)
        path = context.runtime.artifact_path("by-descriptor.bin")
        directory = os.open(path.parent, os.O_RDONLY)
        try:
            file = os.open(path.name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, dir_fd=directory)
            os.write(file, bytes(len(values)))
            os.close(file)
            os.rename(path.name, "renamed.bin", src_dir_fd=directory, dst_dir_fd=directory)
        finally:
            os.close(directory)
        with contextlib.closing(sqlite3.connect(context.runtime.artifact_path("work/numbers.db"))) as connection:
            connection.execute("drop table if exists numbers")
            connection.execute("create table numbers (value real)")
            connection.executemany("insert into numbers values (?)", [(each,) for each in values])
            (total,) = connection.execute("select total(value) from numbers").fetchone()
        context.runtime.artifact_path("work/numbers.db").unlink()
        return context.put_metric(context.runtime.stage_id, {"total": total})


class TemporaryFiles(Adding):
    """Works in temporary files and directories, and removes them."""

    def total(self, values, context):
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory, "sub", "numbers.txt")
            path.parent.mkdir()
            path.write_text(" ".join(map(str, values)), encoding="utf-8")
            with tempfile.TemporaryFile("w+") as file, tempfile.SpooledTemporaryFile() as spooled:
                file.write(path.read_text(encoding="utf-8"))
                spooled.write(b"1")
                file.seek(0)
                return sum(map(float, file.read().split()))


class DatabaseInMemory(Adding):
    """Adds up in a database that is nowhere."""

    def total(self, values, context):
        with contextlib.closing(sqlite3.connect(":memory:")) as connection:
            connection.execute("create table numbers (value real)")
            connection.executemany("insert into numbers values (?)", [(each,) for each in values])
            return connection.execute("select total(value) from numbers").fetchone()[0]


class LogsToItsOwn(Adding):
    """Logs to a logger of its own, with a handler and a level, and writes progress to standard error."""

    def total(self, values, context):
        if not LOG.handlers:
            LOG.addHandler(logging.StreamHandler(sys.stderr))
            LOG.setLevel(logging.INFO)
            LOG.propagate = False
        for index, value in enumerate(values):
            LOG.info("row %d: %s", index, value)
            print(f"{index + 1}/{len(values)}", end="\r", file=sys.stderr)  # noqa: T201
        return sum(values)


class CatchesWarnings(Adding):
    """Warns, and is silent about it within a block."""

    def total(self, values, context):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.warn("nobody sees this", UserWarning, stacklevel=1)
        with contextlib.redirect_stdout(sys.stderr):
            print("not on standard output")  # noqa: T201
        return sum(values)


class RestoresWhatItChanges(Adding):
    """Changes directory, environment, precision, recursion limit and a global generator, and puts all of it back."""

    def total(self, values, context):
        before, state, limit = Path.cwd(), random.getstate(), sys.getrecursionlimit()
        try:
            os.chdir(tempfile.gettempdir())
            os.environ["LEGAL_MODE"] = "fast"
            random.seed(context.runtime.run_seed * 0)
            sys.setrecursionlimit(limit + 100)
            drawn = random.random()
        finally:
            os.chdir(before)
            os.environ.pop("LEGAL_MODE", None)
            random.setstate(state)
            sys.setrecursionlimit(limit)
        with decimal.localcontext() as precise:
            precise.prec = 50
            third = decimal.Decimal(1) / decimal.Decimal(3)
        return sum(values) + float(third) + drawn


class UsesContextVariables(Adding):
    """Hands values on through context variables."""

    def total(self, values, context):
        def add():
            for value in values:
                TOTAL.set(TOTAL.get() + value)
            return TOTAL.get()

        return contextvars.copy_context().run(add)


class StartsProcesses(Adding):
    """Calls a program, and says so."""

    traits = because(subprocess=True)

    def total(self, values, context):
        code = "import json, sys; print(sum(json.load(sys.stdin)))"
        done = subprocess.run(
            [sys.executable, "-I", "-c", code], input=json.dumps(values), capture_output=True, text=True, check=True
        )
        return float(done.stdout)


class UsesPoolOfProcesses(Adding):
    """Computes in a pool of processes, with memory that they share, and says so."""

    traits = because(subprocess=True)

    def total(self, values, context):
        with multiprocessing.get_context("fork").Pool(2) as pool:
            doubled = pool.map(_double, values)
            pool.close()
            pool.join()
        block = SharedMemory(create=True, size=8)
        block.close()
        block.unlink()
        return sum(doubled) / 2


class TalksToItself(Adding):
    """Serves its numbers on this machine, asks for them, and stops the server."""

    traits = Traits(network=("localhost",), reasons={"network": "It asks a server that it starts itself."})

    def total(self, values, context):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.end_headers()
                self.wfile.write(json.dumps(values).encode())

            def log_message(self, *_): ...

        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
            thread.start()
            try:
                with urllib.request.urlopen(f"http://localhost:{server.server_port}/", timeout=5) as answer:
                    return sum(json.load(answer))
            finally:
                server.shutdown()
                thread.join()


class TalksWithinTheProcess(Adding):
    """Sends its numbers through a pair of sockets and a pipe."""

    def total(self, values, context):
        one, other = socket.socketpair()
        with one, other:
            one.sendall(json.dumps(values).encode() + b"\n")
            with other.makefile() as lines:
                return sum(json.loads(lines.readline()))


class Retries(Adding):
    """Tries again when something of its own fails, and gives up with an error that it foresees."""

    errors = {**ERRORS, "gave_up": "Three tries were not enough."}
    examples = (
        *EXAMPLES,
        StageExample("Too many rows for three tries.", outputs=[{"value": 1.0}] * 4, raises="gave_up"),
    )

    def total(self, values, context):
        for room in range(1, 4):
            try:
                return self.added(values, room)
            except BufferError:
                continue
        raise StageError("gave_up", f"{len(values)} rows do not fit after three tries", rows=len(values))

    def added(self, values, room):
        if len(values) > room:
            raise BufferError
        return sum(values)


class TellsEverything(Adding):
    """Emits events of every kind."""

    def run(self, context, options):
        values, runtime = numbers(context), context.runtime
        runtime.log("begin", level="debug", rows=len(values))
        runtime.emit("log", message="going on")
        runtime.decide("add", reasoning="it is asked for", alternatives=["count"], confidence=0.9)
        runtime.emit("hypothesis_formed", decision="the total is finite", reasoning="all numbers are")
        total = 0.0
        for step, value in enumerate(values):
            total += value
            runtime.log_metric("total", total, step=step)
            runtime.progress(step + 1, len(values))
            runtime.emit("legal_stages.added", value=value, when=runtime.clock().isoformat(), odd={1, 2})
        file = runtime.artifact_path("total.txt")
        file.write_text(str(total), encoding="utf-8")
        runtime.checkpoint("total", file)
        if runtime.cancelled:
            raise StageError("cancelled", "told to stop")
        return context.put_metric(runtime.stage_id, {"total": total})


class Judges(Adding):
    """Passes verdicts, one of which may close the gate."""

    def run(self, context, options):
        total = sum(numbers(context))
        return (
            context.put_metric(context.runtime.stage_id, {"total": total})
            .put_verdict(Verdict("Is the total above 100?", total > 100, f"it is {total:g}", (total - 1, total + 1)))
            .put_verdict(Verdict("Is there a total?", True, "there is"))
        )


class ReadsBroadly(Adding):
    """Lists whatever is there, and says why."""

    reads = ()
    may_read = ("metrics.*", "outputs")
    traits = Traits(reasons={"may_read": "It sums up whatever the stages before it left."})
    errors = {}
    examples = (
        StageExample("Two metrics.", metrics={"one": {"a": 1}, "two": 2}, outputs=ROWS),
        StageExample("Nothing at all."),
    )

    def run(self, context, options):
        found = sorted(key for key in context.metrics if key != context.runtime.stage_id)
        return context.put_metric(context.runtime.stage_id, {"metrics": found, "rows": len(context.outputs)})


class NamesItsRun(Adding):
    """Says in its metrics and its file of which run they are."""

    def run(self, context, options):
        total = sum(numbers(context))
        said = f"{context.run_id}: {total}"
        context.runtime.artifact_path("total.txt").write_text(said, encoding="utf-8")
        return context.put_metric(context.runtime.stage_id, {"total": total, "said": said})


class NamesItsFile(Adding):
    """Says in its metrics and in another file where its file is, as one does that makes a model."""

    def run(self, context, options):
        total = sum(numbers(context))
        path = context.runtime.artifact_path("parts/total.txt")
        path.write_text(str(total), encoding="utf-8")
        context.runtime.artifact_path("index.txt").write_text(str(path), encoding="utf-8")
        return context.put_metric(context.runtime.stage_id, {"total": total, "file": str(path)})


class ReadsBroadlyToo(ReadsBroadly):
    """Lists whatever is there, and says why under another key."""

    traits = Traits(reasons={"*": "It sums up whatever the stages before it left."})


LEGAL = [
    *(
        AsyncInside,
        ThreadsJoined,
        PoolOfThreads,
        ThreadOfALibrary,
        VariableOfALibrary,
        Generates,
        CachesLazily,
        Seeded,
        Unrepeatable,
    ),
    *(NotPicklable, WritesFiles, WritesByDescriptor, TemporaryFiles, DatabaseInMemory, LogsToItsOwn),
    *(CatchesWarnings, RestoresWhatItChanges, UsesContextVariables, StartsProcesses, UsesPoolOfProcesses),
    *(
        TalksToItself,
        TalksWithinTheProcess,
        Retries,
        TellsEverything,
        Judges,
        ReadsBroadly,
        ReadsBroadlyToo,
        NamesItsRun,
        NamesItsFile,
    ),
]
