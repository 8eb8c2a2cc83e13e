"""Objects are written whole or not at all, once, and are what their name says."""

from __future__ import annotations

import ctypes
import errno
import hashlib
import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

from crucible_core.pipeline.runner import RecordError
from crucible_core.runs.codecs import DamagedObjectError, ObjectRef, ObjectStore, StoreError, objects_in

SMALL, LARGE = b"abc", bytes(range(256)) * 20_000  # the second is larger than what is held in memory


def writing(data: bytes, piece: int = 1 << 16) -> Callable[[BytesIO], None]:
    def write(stream):
        for start in range(0, len(data), piece):
            stream.write(data[start : start + piece])

    return write


def files(store):
    return sorted(path.relative_to(store.directory).as_posix() for path in store.directory.rglob("*") if path.is_file())


@pytest.fixture(params=[False, True], ids=["process", "power"])
def store(tmp_path, request):
    return ObjectStore(tmp_path / "deep" / "checkpoints", sync=request.param)


@pytest.mark.parametrize("data", [b"", SMALL, LARGE], ids=["empty", "small", "large"])
class TestPut:
    def test_an_object_lies_under_the_name_of_its_content(self, store, data):
        ref = store.put(writing(data), ".bin")
        sha256 = hashlib.sha256(data).hexdigest()
        assert ref == ObjectRef(sha256, len(data), ".bin")
        assert store.path(ref) == store.directory / sha256[:2] / f"{sha256}.bin"
        assert store.path(ref).read_bytes() == data
        assert files(store) == [ref.path]
        with store.open(ref) as stream:
            assert stream.read() == data

    def test_one_that_is_there_is_not_written_again(self, store, data):
        path = store.path(store.put(writing(data)))
        before = path.stat()
        for other in (store, ObjectStore(store.directory)):
            other.put(writing(data))
        after = path.stat()
        assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)
        assert len(files(store)) == 1

    @pytest.mark.parametrize("damage", ["cut", "other", "gone"])
    def test_one_that_was_damaged_is_written_again(self, store, data, damage):
        path = store.path(store.put(writing(data)))
        harm(path, damage)
        ref = ObjectStore(store.directory).put(writing(data))
        store.verify(ref)
        assert path.read_bytes() == data

    def test_nothing_is_left_when_writing_fails(self, store, data):
        def fail(stream):
            stream.write(data)
            raise ValueError("no")

        with pytest.raises(ValueError, match="no"):
            store.put(fail)
        assert not store.directory.exists() or files(store) == []


def harm(path: Path, damage: str) -> None:
    data = path.read_bytes()
    if damage == "gone":
        path.unlink()
    elif damage == "cut":
        path.write_bytes(data[: len(data) // 2])
    else:
        path.write_bytes(b"\1" * len(data))


@pytest.mark.parametrize("data", [SMALL, LARGE], ids=["small", "large"])
@pytest.mark.parametrize(
    ("damage", "said"),
    [("cut", r"has \d+ bytes instead of \d+"), ("other", "does not hold what its name says"), ("gone", "No such file")],
)
def test_a_damaged_object_is_never_given(store, data, damage, said):
    ref = store.put(writing(data))
    harm(store.path(ref), damage)
    for look in (store.open, store.verify):
        with pytest.raises(DamagedObjectError, match=said) as caught:
            look(ref)
        assert str(store.path(ref)) in str(caught.value)


@pytest.mark.parametrize(
    "wrong",
    [
        {"sha256": "../../etc/passwd"},
        {"sha256": "a" * 63},
        {"sha256": "A" * 64},
        {"sha256": None},
        {"suffix": "/../../x"},
        {"suffix": ".a/b"},
        {"suffix": ".\n"},
        {"suffix": None},
        {"bytes": -1},
        {"bytes": 1.5},
        {"bytes": True},
        {"bytes": "3"},
    ],
    ids=str,
)
def test_what_leads_elsewhere_is_no_reference(wrong):
    """References are read from files, of an archive that somebody sent, perhaps."""
    good = {"sha256": "a" * 64, "bytes": 3, "suffix": ".npy"}
    assert ObjectRef.from_dict(good).to_dict() == good
    with pytest.raises(DamagedObjectError, match="names no object"):
        ObjectRef.from_dict({**good, **wrong})
    with pytest.raises(DamagedObjectError, match="names no object"):
        list(objects_in([{"$": "object", "codec": "x", **good, **wrong}]))


def test_the_objects_there_are(store):
    assert list(store.objects()) == []
    refs = {store.put(writing(data), suffix) for data, suffix in ((SMALL, ""), (LARGE, ".npy"), (b"x", ".tar.gz"))}
    (store.directory / ".0123456789abcdef.part").write_bytes(b"half")
    (store.directory / "aa").mkdir(exist_ok=True)
    (store.directory / "aa" / "README").write_text("not one")
    assert set(store.objects()) == refs


def test_the_objects_of_an_encoded_value(values, store):
    value = {"a": [b"x" * 5_000, (b"y" * 5_000,)], "b": {1: b"z" * 5_000}, "c": b"x" * 5_000}
    encoded = values.encode(value)
    assert len(set(objects_in(encoded))) == 3
    large = values.encode([value, "t" * 9_000])
    assert large["codec"] == "tree"
    assert len(set(objects_in(large))) == 4
    assert set(objects_in(encoded)) < set(objects_in(large))


def program(store, body):
    return (
        "import sys, os, signal\nfrom pathlib import Path\nfrom crucible_core.runs.codecs import ObjectStore, StoreError\n"
        f"store = ObjectStore(Path({str(store.directory)!r}), sync={store._sync})\n{body}"
    )


def start(code, **options):
    environment = {"PYTHONPATH": ":".join(sys.path), **options.pop("env", {})}
    return subprocess.Popen(
        [sys.executable, "-c", code],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


class TestManyWriters:
    def test_processes_that_write_the_same_objects_at_once(self, store):
        body = "for n in range(60):\n    store.put(lambda stream: stream.write(b'%d' % n * 40_000), '.bin')\n"
        running = [start(program(store, body)) for _ in range(4)]
        assert [(one.communicate(timeout=120)[1], one.returncode) for one in running] == [("", 0)] * 4
        refs = list(store.objects())
        assert len(refs) == len(files(store)) == 60
        for ref in refs:
            store.verify(ref)

    def test_threads_that_write_the_same_objects_at_once(self, store):
        found = []

        def work():
            found.extend([store.put(writing(b"%d" % number * 500)) for number in range(50)])

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(found) == 200
        assert len(set(found)) == len(files(store)) == 50


class TestKilled:
    @pytest.mark.parametrize("size", [10, 3_000_000], ids=["small", "large"])
    @pytest.mark.parametrize(("point", "there"), [("object.written", False), ("object.renamed", True)])
    def test_at_a_boundary(self, store, tmp_path, point, there, size):
        body = f"store.put(lambda stream: stream.write(b'x' * {size}))"
        log = tmp_path / "log"
        one = start(program(store, body), env={"CRUCIBLE_FAULT_POINT": point, "CRUCIBLE_FAULT_LOG": str(log)})
        one.communicate(timeout=60)
        assert one.returncode == -signal.SIGKILL
        assert log.read_text().split()[-1] == point
        assert len(list(store.objects())) == there
        leftovers = [name for name in files(store) if name.endswith(".part")]
        assert len(leftovers) == (not there)
        ref = store.put(writing(b"x" * size))
        store.verify(ref)
        assert list(store.objects()) == [ref]

    def test_while_it_is_written(self, store):
        body = (
            "def write(stream):\n    for n in range(100):\n        stream.write(b'x' * 100_000)\n"
            "        if n == 50:\n            os.kill(os.getpid(), signal.SIGKILL)\nstore.put(write)"
        )
        one = start(program(store, body))
        one.communicate(timeout=60)
        assert one.returncode == -signal.SIGKILL
        assert list(store.objects()) == []
        assert [name.endswith(".part") for name in files(store)] == [True]


class TestDisk:
    BODY = (
        "try:\n    store.put(lambda stream: [stream.write(b'x' * 100_000) for _ in range(100)])\n"
        "except StoreError as error:\n    print(error, '|', error.hint)\n"
    )

    def test_a_store_error_ends_a_run_as_any_record_that_cannot_be_written(self):
        assert issubclass(StoreError, RecordError)

    def test_no_room(self, store):
        limit = (1_500_000, 1_500_000)
        one = start(program(store, self.BODY), preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limit))
        said, errors = one.communicate(timeout=60)
        assert errors == ""
        assert said.startswith(f"cannot write into {store.directory}: {os.strerror(errno.EFBIG)}; what was recorded")
        assert "| free space, or choose another --output-dir" in said
        assert files(store) == []

    def test_a_codec_that_swallows_the_error_of_the_disk(self, store):
        body = (
            "def write(stream):\n    try:\n        [stream.write(b'x' * 100_000) for _ in range(100)]\n"
            "    except Exception:\n        pass\n"
            "try:\n    print(store.put(write))\nexcept StoreError as error:\n    print(error)\n"
        )
        limit = (1_500_000, 1_500_000)
        one = start(program(store, body), preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limit))
        assert one.communicate(timeout=60)[0].startswith("cannot write into ")
        assert files(store) == []

    def test_a_directory_that_may_not_be_written_to(self, store):
        store.put(writing(SMALL))
        store.directory.chmod(0o500)
        try:
            one = start(program(store, self.BODY), preexec_fn=heed_permissions if os.geteuid() == 0 else None)
            said, errors = one.communicate(timeout=60)
        finally:
            store.directory.chmod(0o700)
        assert errors == ""
        assert said.startswith(f"cannot write into {store.directory}: {os.strerror(errno.EACCES)}; ")
        assert len(files(store)) == 1

    def test_a_file_in_the_place_of_the_directory(self, store):
        store.directory.parent.mkdir(parents=True)
        store.directory.write_text("here")
        with pytest.raises(StoreError, match=os.strerror(errno.ENOTDIR)):
            store.put(writing(SMALL))
        assert store.directory.read_text() == "here"


def heed_permissions():
    """Take from this process, once it executes a program, what lets root pass over permissions."""
    library = ctypes.CDLL(None, use_errno=True)
    for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
        if library.prctl(24, capability, 0, 0, 0):  # PR_CAPBSET_DROP
            raise OSError(ctypes.get_errno(), "cannot drop a capability")


SYNCS = """
synced = []
fsync = os.fsync
def noting(descriptor):
    synced.append(os.readlink(f'/proc/self/fd/{descriptor}'))
    fsync(descriptor)
os.fsync = noting
store.put(lambda stream: stream.write(b'abc'))
store.put(lambda stream: stream.write(b'abc'))
print(*(Path(path).name for path in synced))
"""


def test_only_power_waits_for_the_disk(store):
    """The file first, and then every directory that got a new entry."""
    name = hashlib.sha256(b"abc").hexdigest()
    said, errors = start(program(store, SYNCS)).communicate(timeout=60)
    assert errors == ""
    if not store._sync:
        assert said.split() == []
        return
    made, temporary, above, inside = said.split()
    assert (made, above, inside) == ("deep", "checkpoints", name[:2])
    assert temporary.endswith(".part")
    again = start(program(store, SYNCS)).communicate(timeout=60)[0].split()
    assert again == [name, name[:2], "checkpoints"]
