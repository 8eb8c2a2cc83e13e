"""Instances of importable classes that say what they are made of."""

from __future__ import annotations

import enum
import subprocess
import sys
from collections import namedtuple
from dataclasses import InitVar, dataclass, field
from functools import cached_property
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar

import pytest
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, RootModel, SecretStr, field_validator

from crucible_core import Context, Dataset, DatasetManifest, Experiment, Figure, Table, Text, Verdict
from crucible_core.contract.persistent import FrozenMap, Rows
from crucible_core.ir.frozen import FrozenDict, freeze
from crucible_core.runs.codecs import UnreadableValueError

T = TypeVar("T")


class Colour(enum.Enum):
    RED = "r"
    CRIMSON = "r"  # noqa: PIE796 - another name of the same
    PAIR = (1, 2)


class Level(enum.IntEnum):
    LOW = 1


class Word(enum.StrEnum):
    YES = "yes"


class Rights(enum.Flag):
    READ = 1
    WRITE = 2


class Point(NamedTuple):
    x: int
    y: Any = None


Plain = namedtuple("Plain", "a b")  # noqa: PYI024 - people write it so


class Tagged(namedtuple("Tagged", "a")):  # noqa: SLOT002, PYI024 - it is to have attributes
    pass


@dataclass(frozen=True)
class Frozen:
    name: str
    inner: Any = None
    kind: ClassVar[str] = "k"


@dataclass
class Mutable(Generic[T]):
    rows: list[T] = field(default_factory=list)
    made: int = field(init=False)
    start: InitVar[int] = 3

    def __post_init__(self, start):
        self.made = start * 2


@dataclass(frozen=True, slots=True)
class Slotted:
    a: int
    _b: tuple[int, ...] = ()


@dataclass
class Refusing:
    value: int

    def __post_init__(self):
        if self.value > 1:
            raise ValueError("made again")


@dataclass
class Computing:
    value: int

    @cached_property
    def doubled(self):
        return self.value * 2


@dataclass
class Late:
    later: int = field(init=False)


class Base(BaseModel):
    model_config = ConfigDict(extra="allow", arbitrary_types_allowed=True)
    number: int = 1
    text: str = Field(default="a", alias="theText")
    inner: Base | None = None
    rows: tuple[Any, ...] = ()
    _private: dict[str, Any] = PrivateAttr(default_factory=dict)


class Sub(Base):
    more: set[str] = set()


class Twice(BaseModel):
    """Validating what it holds once more would change it."""

    value: int

    @field_validator("value")
    @classmethod
    def double(cls, value):
        return value * 2

    @cached_property
    def squared(self):
        return self.value**2


class Numbers(RootModel[list[int]]):
    pass


class Outer:
    @dataclass(frozen=True)
    class Inner:
        a: int


EXPERIMENT = {"id": "e", "pipeline": ["validate", {"name": "bench", "options": {"alpha": 0.1}}], "params": {"a": [1]}}
VALUES = {
    "members of enums": [Colour.RED, Colour.CRIMSON, Colour.PAIR, Level.LOW, Word.YES],
    "flags": [Rights.READ, Rights.READ | Rights.WRITE, Rights(0)],
    "enums as keys": {Colour.RED: 1, Level.LOW: 2},
    "named tuples": [Point(1), Point(1, Point(2, [3])), Plain("a", b"b")],
    "dataclasses": [Frozen("a", Frozen("b", (1,))), Slotted(1, (2,)), Outer.Inner(3)],
    "a dataclass that computes": Mutable([1], start=4),
    "a dataclass that would refuse": Refusing(1),
    "models": [Base(), Base(number=3, theText="b"), Sub(inner=Sub(rows=(1, (2,))), extra_key={"x": (1,)}, more={"a"})],
    "a model whose validator changes what it is given": Twice(value=3),
    "a root model": Numbers([1, 2]),
    "an experiment": Experiment.from_dict(EXPERIMENT),
    "report parts": [Figure("<svg/>", "t", "alt"), Table(["a"], [(1,), (None,)], "t"), Text("*x*")],
    "verdicts": [Verdict("q", True, "f", (0.1, float("inf"))), Verdict("q", False, "f")],
    "frozen containers": [FrozenMap({"a": (1,)}), FrozenMap(), Rows([{"a": 1}]), Rows(), freeze({"a": [{"b": {1}}]})],
    "a frozen dict": FrozenDict({1: "a"}),
    "a data set": Dataset(
        [{"x": 1, "y": None}, {"x": (1,)}], DatasetManifest("s", "h", 2, ("x", "y"), {"seed": 1}), {"train": range(1)}
    ),
}


@pytest.mark.parametrize("name", VALUES)
def test_a_value_comes_back_as_it_was(kept, name):
    value, back = VALUES[name], kept(VALUES[name])
    assert back == value
    assert repr(back) == repr(value)
    assert type(back) is type(value)


def test_members_of_enums_are_the_members(kept):
    assert all(
        back is one for back, one in zip(kept(VALUES["members of enums"]), [Colour.RED, Colour.RED], strict=False)
    )


def test_a_model_keeps_what_was_set_and_what_is_private(kept):
    value = Sub(number=1, extra_key=2)
    value._private["x"] = (1,)
    back = kept(value)
    assert back.model_fields_set == {"number", "extra_key"}
    assert back.model_extra == {"extra_key": 2}
    assert back._private == {"x": (1,)}


def test_what_a_model_computed_is_kept(kept):
    value = Twice(value=2)
    assert value.squared == 16
    assert vars(kept(value)) == {"value": 4, "squared": 16}


def test_a_field_that_is_not_there_is_not_there_again(kept):
    assert vars(kept(Late())) == {}


def test_attributes_beside_the_fields_are_kept_and_what_is_computed_is_computed_again(kept):
    value = Computing(3)
    value.note = (1,)
    assert value.doubled == 6
    assert vars(kept(value)) == {"value": 3, "note": (1,)}


def test_layers_of_a_frozen_map_do_not_matter(kept):
    value = FrozenMap({})
    for number in range(500):
        value = value.set(f"k{number}", number)
    assert dict(kept(value)) == dict(value)


class TestRefused:
    def test_an_object_without_codec(self, refused):
        assert refused(object()) == (
            "value (builtins:object) cannot be kept: there is no codec for its type; let the stage declare the path as "
            "ephemeral (computed again on resume) or pickled"
        )

    @pytest.mark.parametrize(
        ("value", "place"),
        [
            ({"a": [1, (object(),)]}, "assigns.m.a[1][0]"),
            ({"a b": {3: object()}}, "assigns.m['a b'][3]"),
            (Frozen("x", Point(1, object())), "assigns.m.inner[1]"),
            (Base(rows=(object(),)), "assigns.m.rows[0]"),
            (Dataset([{"a": 1}, {"a": object()}], DatasetManifest("s", "h", 1, ())), "assigns.m.rows[1].a"),
            (Dataset([{"a": object()}] * 200, DatasetManifest("s", "h", 1, ())), "assigns.m.rows[0].a"),
            ([{"a": 1}] * 150 + [{"a": object()}], "assigns.m[150].a"),
            (Rows([{"a": 1}] * 150 + [{"a": object()}]), "assigns.m[150].a"),
        ],
    )
    def test_the_place_is_named(self, refused, value, place):
        assert refused(value, where="assigns.m").startswith(f"{place} (builtins:object) ")

    def test_what_contains_itself(self, refused):
        cycle: list[Any] = []
        cycle.append({"a": cycle})
        assert "value[0].a (builtins:list) cannot be kept: it contains itself" in refused(cycle)

    def test_a_dataclass_that_contains_itself(self, refused):
        value = Mutable([])
        value.rows.append(value)
        assert "it contains itself" in refused(value)

    @pytest.mark.parametrize("kind", [int, str, float, list, dict, tuple, set, bytes])
    def test_subclasses_are_not_turned_into_what_they_are_made_of(self, refused, kind):
        sub = type("Sub", (kind,), {})
        said = refused([sub()])
        assert "there is no codec for its type" in said
        assert f"return it as builtins:{kind.__name__}" in said

    def test_a_class_in_a_function(self, refused):
        @dataclass(frozen=True)
        class Local:
            a: int = 1

        class LocalModel(BaseModel):
            a: int = 1

        for value in (Local(), LocalModel(), enum.Enum("E", "A").A, NamedTuple("N", [("a", int)])(1)):
            assert "cannot be imported by its name; define the class at the top level of a module" in refused(value)

    def test_a_dataclass_that_is_a_list_too(self, refused):
        assert "holds what its fields do not say" in refused(ListToo(1))

    def test_a_class_that_only_inherits_from_a_dataclass(self, refused):
        assert "return it as" in refused(Inherits("a"))

    def test_a_named_tuple_with_attributes(self, refused):
        value = Tagged(1)
        value.more = 2
        assert "it has attributes beside its items" in refused(value)

    def test_functions_classes_modules_and_open_files(self, refused, tmp_path):
        with (tmp_path / "f").open("w") as stream:
            for value in (print, int, sys, stream, (x for x in ()), Context()):
                assert "there is no codec for its type" in refused(value)

    def test_a_secret_of_pydantic(self, refused):
        assert "there is no codec for its type" in refused({"key": SecretStr("x")})


@dataclass
class ListToo(list):
    a: int


class Inherits(Frozen):
    pass


MODULE = """
import enum
from dataclasses import dataclass
from typing import NamedTuple
from pydantic import BaseModel

class E(enum.Enum):
    A = 1
    {member}

class N(NamedTuple):
    a: int
    {tuple_field}

@dataclass
class D:
    a: int
    {data_field}

class M(BaseModel):
    a: int
    {model_field}
"""
FULL = {"member": "B = 2", "tuple_field": "b: int", "data_field": "b: int = 0", "model_field": "b: int = 0"}
LESS = dict.fromkeys(FULL, "")
MAKE = {
    "enum": ("E.B", "the enum changing:E has no 'B' any more"),
    "named tuple": ("N(1, 2)", "the class changing:N has other fields than when the value was kept; now: a"),
    "dataclass": ("D(1)", "the class changing:D has other fields"),
    "model": ("M(a=1)", "the class changing:M has other fields"),
}


class TestChanged:
    def python(self, tmp_path, code):
        return subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONPATH": ":".join([str(tmp_path), *sys.path])},
            capture_output=True,
            text=True,
            check=True,
            cwd=tmp_path,
        ).stdout.strip()

    PREPARE = (
        "import json; from pathlib import Path; from crucible_core.runs.codecs import *\n"
        "values = Values(ObjectStore(Path('store')), tuple)\n"
    )

    @pytest.mark.parametrize(("before", "after"), [(FULL, LESS), (LESS, FULL)], ids=["less", "more"])
    @pytest.mark.parametrize("name", MAKE)
    def test_a_class_that_has_changed_is_not_filled_with_what_does_not_fit(self, tmp_path, name, before, after):
        make, message = MAKE[name]
        if before is LESS:
            make = make.replace(", 2", "").replace("E.B", "E.A")
        (tmp_path / "changing.py").write_text(MODULE.format(**before))
        line = self.python(tmp_path, self.PREPARE + f"from changing import *; print(json.dumps(values.encode({make})))")
        (tmp_path / "changing.py").write_text(MODULE.format(**after) + "\n\n")
        said = self.python(
            tmp_path,
            self.PREPARE + f"try:\n    print(values.decode(json.loads({line!r})))\n"
            "except UnreadableValueError as error:\n    print(error)",
        )
        if name == "enum" and before is LESS:
            assert said == "E.A"
        else:
            assert said.startswith(message.partition("; now")[0])

    def test_a_class_that_is_gone(self, values):
        encoded = {"$": "dataclass", "class": "nowhere_to_be_found:C", "fields": {}}
        with pytest.raises(
            UnreadableValueError, match="nowhere_to_be_found:C of a value that was kept cannot be imported"
        ):
            values.decode(encoded)

    @pytest.mark.parametrize("name", ["os:system", "builtins:eval", "os:environ"])
    @pytest.mark.parametrize("tag", ["dataclass", "model", "enum", "named_tuple"])
    def test_what_is_no_class_is_not_called(self, values, name, tag):
        with pytest.raises(UnreadableValueError, match="is no class any more"):
            values.decode({"$": tag, "class": name, "fields": {}, "items": [], "name": "A", "set": []})

    @pytest.mark.parametrize("tag", ["dataclass", "model", "enum", "named_tuple"])
    def test_a_class_of_another_sort_is_not_made(self, values, tag):
        with pytest.raises(UnreadableValueError):
            values.decode(
                {"$": tag, "class": "subprocess:Popen", "fields": {"args": "x"}, "items": [1], "name": "A", "set": []}
            )

    @pytest.mark.parametrize(
        "encoded",
        [
            {"$": "tomorrow"},
            {"$": ["x"]},
            {"$": "tuple"},
            {"$": "int", "hex": "zz"},
            {"$": "same", "label": 5},
            {"$": "coded", "codec": "bytes", "base64": "?"},
            {"$": "coded", "codec": "nobody", "base64": ""},
            {"$": "datetime", "value": "no"},
            {"$": "zone", "value": "No/Where"},
            {"$": "decimal", "value": "x"},
            {"$": "defaultdict", "factory": "os:system", "items": []},
        ],
        ids=str,
    )
    def test_what_nobody_wrote_is_an_error_that_says_so(self, values, encoded):
        with pytest.raises(UnreadableValueError):
            values.decode(encoded)
