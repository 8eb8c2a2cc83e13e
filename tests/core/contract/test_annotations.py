"""Python annotations as type specs."""

import datetime as dt
import decimal
import enum
import os
import typing
import uuid
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Mapping, MutableSequence, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal, NewType, Optional, TypedDict, TypeVar, Union

import pytest
from pydantic import BaseModel, Field, FilePath, HttpUrl, JsonValue, PositiveInt, SecretStr
from typing_extensions import TypeAliasType

from crucible_core import ModuleName, Spec
from crucible_core.contract.annotations import type_spec_of
from crucible_core.contract.type_spec import type_spec_problems


class Mode(enum.Enum):
    FAST = "fast"
    SLOW = 2


class Model(BaseModel):
    x: int


@dataclass
class Data:
    x: int


class Typed(TypedDict):
    x: int


class Outer:
    class Inner(BaseModel):
        x: int


Alias = TypeAliasType("Alias", list[int] | None)  # what `type Alias = ...` makes on Python 3.12
Item = TypeVar("Item")
Many = TypeAliasType("Many", list[Item], type_params=(Item,))
UserId = NewType("UserId", int)
HERE = __name__

SPECS = [
    (str, "string"),
    (int, "integer"),
    (float, "float"),
    (bool, "boolean"),
    (Any, "any"),
    (None, {"enum": [None]}),
    (dict, "map"),
    (typing.Dict, "map"),  # noqa: UP006 - the old names are still written
    (list, "list"),
    (typing.List, "list"),  # noqa: UP006 - likewise
    (tuple, "list"),
    (Mapping[str, int], {"map": ["string", "integer"]}),
    (OrderedDict[str, int], {"map": ["string", "integer"]}),
    (dict[int, list[str]], {"map": ["integer", {"list": "string"}]}),
    (list[float], {"list": "float"}),
    (Sequence[float], {"list": "float"}),
    (MutableSequence[float], {"list": "float"}),
    (Iterable[float], {"list": "float"}),
    (set[str], {"list": "string"}),
    (frozenset[str], {"list": "string"}),
    (AbstractSet[str], {"list": "string"}),
    (deque[str], {"list": "string"}),
    (tuple[int, ...], {"list": "integer"}),
    (tuple[int, str], {"tuple": ["integer", "string"]}),
    (Optional[int], {"nullable": "integer"}),  # noqa: UP045 - likewise
    (int | None, {"nullable": "integer"}),
    (Union[int, str], {"union": ["integer", "string"]}),  # noqa: UP007 - likewise
    (int | str | None, {"nullable": {"union": ["integer", "string"]}}),
    (list[int | None], {"list": {"nullable": "integer"}}),
    (Literal["a", 1, None], {"enum": ["a", 1, None]}),  # noqa: PYI061  # null among the others is the point
    (Literal[Mode.FAST], {"enum": ["fast"]}),
    (Optional[Literal["a"]], {"nullable": {"enum": ["a"]}}),  # noqa: UP045 - likewise
    (Mode, {"enum": ["fast", 2]}),
    (Mode | None, {"nullable": {"enum": ["fast", 2]}}),
    (Path, "path"),
    (PurePosixPath, "path"),
    (os.PathLike[str], "path"),
    (FilePath, "path"),
    (SecretStr, "secret"),
    (SecretStr | None, {"nullable": "secret"}),
    (Model, {"struct": f"{HERE}:Model"}),
    (Outer.Inner, {"struct": f"{HERE}:Outer.Inner"}),
    (Data, {"struct": f"{HERE}:Data"}),
    (Typed, {"struct": f"{HERE}:Typed"}),
    (Callable[[int], int], {"function": 1}),
    (Callable[[], int], {"function": 0}),
    (typing.Callable[[int, int], int], {"function": 2}),
    (Callable[..., int], "module"),
    (Callable, "module"),
    (ModuleName, "module"),
    (Annotated[Any, Spec({"list": "secret"})], {"list": "secret"}),
    (Annotated[str, Spec("path")] | None, {"nullable": "path"}),
    (Optional[Annotated[str, Spec({"enum": ["a"]})]], {"nullable": {"enum": ["a"]}}),  # noqa: UP045 - likewise
    (Annotated[float, Field(gt=0)], "float"),
    (list[Annotated[float, Field(gt=0)]], {"list": "float"}),
    (PositiveInt, "integer"),
    (Alias, {"nullable": {"list": "integer"}}),
    (list[Alias], {"list": {"nullable": {"list": "integer"}}}),
    (Many[int], {"list": "integer"}),
    (Many, {"list": "any"}),
    (UserId, "integer"),
    (dt.date, "string"),
    (dt.timedelta, "string"),
    (uuid.UUID, "string"),
    (decimal.Decimal, "string"),
    (bytes, "string"),
    (HttpUrl, "string"),
    (TypeVar("T"), "any"),
]


@pytest.mark.parametrize(("annotation", "spec"), SPECS, ids=[str(annotation)[:50] for annotation, _ in SPECS])
def test_an_annotation_becomes_a_type_spec(annotation, spec):
    assert type_spec_of(annotation) == spec
    assert type_spec_problems(spec) == []


def test_metadata_with_a_spec_wins():
    assert type_spec_of(str, [Field(description="x"), Spec("path")]) == "path"


class Lazy:
    """What `type Tree = dict[str, Tree]` makes on Python 3.12: its value is made when it is asked for."""

    @property
    def __value__(self):
        return dict[str, self]


def test_a_recursive_alias_ends_in_any():
    assert type_spec_of(Lazy()) == {"map": ["string", "any"]}
    assert type_spec_of(list[Lazy()]) == {"list": {"map": ["string", "any"]}}


def test_the_recursive_alias_of_pydantic_is_a_spec():
    spec = type_spec_of(JsonValue)
    assert type_spec_problems(spec) == []
    assert "any" in str(spec)
