"""The failure a stage foresees."""

import copy
import pickle

import pytest

from crucible_core import CrucibleError, StageError
from crucible_core.contract.errors import named


class OwnError(StageError):
    pass


@pytest.mark.parametrize("kind", [StageError, OwnError])
@pytest.mark.parametrize("again", [lambda error: pickle.loads(pickle.dumps(error)), copy.copy, copy.deepcopy])
def test_it_survives_pickling_with_its_details(kind, again):
    error = again(kind("too_few", "got 1", groups=["a"], path="outputs"))
    assert type(error) is kind
    assert (error.code, error.message, str(error)) == ("too_few", "got 1", "got 1")
    assert error.details == {"groups": ["a"], "path": "outputs"}


def test_it_is_one_of_crucibles_errors():
    assert issubclass(StageError, CrucibleError)


class MuteError(Exception):
    def __str__(self):
        raise RuntimeError("no")


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ValueError("x"), "ValueError: x"),
        (KeyError(), "KeyError"),
        (MuteError(), "MuteError"),
        (SystemExit(3), "SystemExit: 3"),
    ],
)
def test_an_exception_is_named(error, text):
    assert named(error) == text
