import os

import pytest


@pytest.fixture
def syncs(monkeypatch):
    """Count how often somebody waits for the disk."""
    calls, fsync = [], os.fsync
    monkeypatch.setattr(os, "fsync", lambda descriptor: (calls.append(descriptor), fsync(descriptor)))
    return calls


def syncs_of(record, syncs, *stages):
    syncs.clear()
    assert record(*stages, run_id=f"run-of-{len(stages)}", durability="power").status == "succeeded"
    return len(syncs)


def test_a_stage_waits_for_the_disk_once_however_much_it_tells(record, syncs):
    fewer = syncs_of(record, syncs, "Everything")
    assert syncs_of(record, syncs, "Everything", "Everything") - fewer == 1


def test_nobody_waits_unless_told_to(record, syncs):
    record("Everything")
    assert syncs == []
