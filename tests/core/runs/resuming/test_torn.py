"""What a power cut leaves: files cut off anywhere, and garbage at their ends."""

import json
import random
import shutil

import pytest

from crucible_core import CrucibleError, run

from .conftest import plain

GARBAGE = (b"", b"\0" * 4096, b'{"schema_version":"1.0","seq":', b"\xff\xfe\n\0\0\n{}", b'{"seq": 1}\n'[:-1])


@pytest.fixture
def killed(spec, place, crucible):
    """The directory of a run of four stages that was killed in the last."""
    (place / "kill-d").touch()
    crucible("run", str(spec("a", "b", "c", "d")), "--run-id", "r")
    (place / "kill-d").unlink()
    return place / "artifacts/crucible/exp/r"


def done_by(journal):
    """Return which stages the whole lines of a journal say are done."""
    events = [json.loads(line) for line in journal.split(b"\n")[:-1]]
    return [event["stage"] for event in events if event["event_name"] == "stage_stop"]


@pytest.mark.parametrize("seed", range(4))
def test_a_journal_cut_off_anywhere(killed, spec, place, ran, seed):
    whole = plain(run(place / "spec.json", run_id="whole").unwrap())
    journal = (killed / "telemetry.jsonl").read_bytes()
    draw = random.Random(seed)
    backup = shutil.copytree(killed, place / "backup")
    for _ in range(12):
        shutil.rmtree(killed)
        shutil.copytree(backup, killed)
        left = journal[: draw.randrange(len(journal))]
        (killed / "telemetry.jsonl").write_bytes(left + draw.choice(GARBAGE))
        ran()
        result = run(resume=str(killed))
        assert ran() == [name for name in "abcd" if name not in done_by(left)]
        assert plain(result.context) == whole


@pytest.mark.parametrize("content", [None, b"", b'{"schema_version"', b"\0" * 100])
@pytest.mark.parametrize("name", ["manifest.json", "spec.json", "lock"])
def test_any_other_file_that_is_torn_or_gone(killed, ran, name, content):
    ran()
    path = killed / name
    path.unlink() if content is None else path.write_bytes(content)
    assert run(resume="r").ok
    assert ran() == ["d"]


def test_damage_before_the_end_is_refused_and_left_as_it_is(killed, ran):
    journal = killed / "telemetry.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    for damaged in ([*lines[:2], b"garbage\n", *lines[3:]], [*lines[:2], *lines[3:]], [*lines[:3], *lines[2:]]):
        journal.write_bytes(b"".join(damaged))
        ran()
        with pytest.raises(CrucibleError, match=r"telemetry\.jsonl:[34]"):
            run(resume="r")
        assert ran() == []
        assert journal.read_bytes() == b"".join(damaged)


def test_a_run_whose_beginning_is_gone_says_so(killed):
    (killed / "telemetry.jsonl").write_bytes(b"")
    (killed / "manifest.json").unlink()
    with pytest.raises(CrucibleError, match="says how the run began"):
        run(resume=str(killed))


def test_a_record_that_kept_nothing_says_so(killed):
    journal = killed / "telemetry.jsonl"
    first, *others = journal.read_text().splitlines()
    event = json.loads(first)
    del event["payload"]["spec"]
    journal.write_text("\n".join([json.dumps(event), *others]) + "\n")
    with pytest.raises(CrucibleError, match="by a version that kept nothing"):
        run(resume="r")
