"""Pickles are written and read only where a stage asked for them."""

from __future__ import annotations

import pickle

import pytest

from crucible_core.runs.codecs import NoCodecError, UnreadableValueError


class Opaque:
    def __init__(self, value):
        self.value = value

    def __eq__(self, other):
        return type(other) is type(self) and other.value == self.value

    __hash__ = None


class Number(int):
    pass


class Unpicklable:
    def __reduce__(self):
        raise RuntimeError("not this one")


@pytest.mark.parametrize(
    "value",
    [Opaque(1), {"a": [Opaque((1, 2)), 3.5]}, [Number(3)], {Number(3): 1}, Opaque(b"x" * 50_000)],
    ids=["plain", "deep", "number", "key", "large"],
)
def test_only_where_they_are_asked_for(values, kept, value):
    with pytest.raises(NoCodecError):
        values.encode(value)
    back = kept(value, pickled=True)
    assert back == value
    encoded = values.encode(value, pickled=True)
    with pytest.raises(UnreadableValueError, match="is a pickle, and the stage does not declare it as pickled"):
        values.decode(encoded)


def test_a_subclass_stays_one(kept):
    (back,) = kept([Number(3)], pickled=True)
    assert type(back) is Number


def test_only_what_has_no_codec_is_pickled(values):
    encoded = values.encode({"plain": [1, (2,)], "opaque": Opaque(1)}, pickled=True)
    assert encoded["plain"] == [1, {"$": "tuple", "items": [2]}]
    assert encoded["opaque"]["codec"] == "pickle"


def test_what_contains_itself_is_pickled_as_a_whole(kept):
    value: list = [1]
    value.append(value)
    back = kept(value, pickled=True)
    assert back[1] is back


def test_the_protocol_is_the_same_in_every_version_of_python(values, store):
    encoded = values.encode(Opaque(b"x" * 50_000), pickled=True)
    data = next((store.directory / encoded["sha256"][:2]).iterdir()).read_bytes()
    assert data[:2] == b"\x80\x05"


@pytest.mark.parametrize(
    "value", [lambda: 1, Unpicklable(), [{"a": Unpicklable()}]], ids=["lambda", "raises", "inside"]
)
def test_what_cannot_be_pickled_is_refused_with_the_reason(values, value):
    with pytest.raises(NoCodecError, match=r"the codec 'pickle' refuses it: .*(not this one|[Cc]an't)"):
        values.encode(value, pickled=True)


def test_nothing_of_a_pickle_runs_before_it_is_asked_for(values, tmp_path):
    import base64
    import os

    class Bomb:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "exploded"),)

    encoded = {"$": "coded", "codec": "pickle", "base64": base64.b64encode(pickle.dumps(Bomb())).decode()}
    for value in (encoded, [encoded], {"$": "tuple", "items": [encoded]}):
        with pytest.raises(UnreadableValueError):
            values.decode(value)
    assert not (tmp_path / "exploded").exists()
