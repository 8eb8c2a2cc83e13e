"""Codecs of plugins: found by type, imported when they are needed, and held to the same promises."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from crucible_core.plugins.levels import Settings
from crucible_core.plugins.record import Status
from crucible_core.plugins.registry import build_registry
from crucible_core.runs.codecs import (
    NoCodecError,
    ObjectStore,
    SecretValueError,
    UnreadableValueError,
    Values,
    objects_in,
)

TYPES = """
class Spectrum:
    def __init__(self, lines):
        self.lines = lines

class Fine(Spectrum):
    pass
"""
HOOKS = """
from crucible_core import CodecRef, hookimpl

@hookimpl
def crucible_register_codecs():
    return [CodecRef("acme_spectrum", ("acme_types:Spectrum",), "acme_codecs:SpectrumCodec"{more})]
"""
CODEC = """
import importlib
MADE = []

class SpectrumCodec:
    name = "acme_spectrum"
    suffix = ".spectrum"

    def __init__(self):
        MADE.append(self)

    def write(self, value, stream):
        if not isinstance(value.lines, str):
            raise TypeError(f"lines are a text, got {value.lines!r}")
        stream.write(f"{type(value).__name__}\\n{value.lines}".encode())

    def read(self, stream):
        name, _, lines = stream.read().decode().partition("\\n")
        return getattr(importlib.import_module("acme_types"), name)(lines)
"""


def add(site, *, more="", codec=CODEC, name="acme"):
    site.add(
        name,
        hooks={name: f"{name}_hooks"},
        modules={f"{name}_hooks.py": HOOKS.replace("{more}", more), "acme_codecs.py": codec, "acme_types.py": TYPES},
    )


@pytest.fixture
def registry(importable):
    def make(**options):
        add(importable, **options)
        return build_registry(Settings(), path=[str(importable.root)])

    return make


@pytest.fixture
def store(tmp_path):
    return ObjectStore(tmp_path / "checkpoints")


def test_a_value_of_a_plugins_type_comes_back(registry, store):
    values = Values(store, registry().codecs)
    from acme_types import Spectrum

    value = {"small": Spectrum("a"), "large": (Spectrum("b" * 5_000),)}
    encoded = json.loads(json.dumps(values.encode(value)))
    back = Values(store, registry_of(store, registry)).decode(encoded)
    assert (type(back["small"]), back["small"].lines) == (Spectrum, "a")
    assert back["large"][0].lines == "b" * 5_000
    assert [ref.suffix for ref in objects_in(encoded)] == [".spectrum"]


def registry_of(store, registry):
    """Return the codecs of a registry made anew, from what is installed already."""
    import acme_types

    return build_registry(Settings(), path=[str(Path(acme_types.__file__).parent)]).codecs


def test_a_codec_is_imported_and_made_once_and_only_when_a_value_needs_it(registry, store):
    import sys

    made = registry()
    values = Values(store, made.codecs)
    values.encode({"a": [1, (2,)]})
    assert "hooks" not in vars(made)
    from acme_types import Spectrum

    made.codecs()
    assert "acme_codecs" not in sys.modules
    values.encode([Spectrum("a"), Spectrum("b")])
    values.encode(Spectrum("c"))
    assert len(sys.modules["acme_codecs"].MADE) == 1


@pytest.mark.parametrize(("more", "kept"), [("", False), (", subclasses=True", True)])
def test_subclasses_are_for_a_codec_that_says_so(registry, store, more, kept):
    values = Values(store, registry(more=more).codecs)
    from acme_types import Fine

    if kept:
        assert type(values.decode(values.encode(Fine("a")))) is Fine
    else:
        with pytest.raises(NoCodecError, match="there is no codec for its type") as caught:
            values.encode(Fine("a"))
        assert "return it as acme_types:Spectrum" in caught.value.hint


def test_what_a_codec_refuses_is_refused_with_its_reason_and_leaves_nothing(registry, store):
    values = Values(store, registry().codecs)
    from acme_types import Spectrum

    with pytest.raises(NoCodecError) as caught:
        values.encode({"s": [Spectrum(3)]}, where="assigns.x")
    assert str(caught.value) == (
        "assigns.x.s[0] (acme_types:Spectrum) cannot be kept: the codec 'acme_spectrum' refuses it: lines are a text, got 3"
    )
    assert not store.directory.exists()


def test_secrets_are_looked_for_in_what_a_codec_writes(registry, store):
    values = Values(store, registry().codecs, secrets=["tok_9f2b7c"])
    from acme_types import Spectrum

    with pytest.raises(SecretValueError):
        values.encode(Spectrum("x" * 5_000 + "tok_9f2b7c"))
    assert not store.directory.exists()


VERIFYING = (
    CODEC
    + """
    def verify(self, value, stream):
        if self.read(stream).lines != value.lines or value.lines == "odd":
            raise ValueError("comes back as something else")
"""
)
COMPRESSING = (
    CODEC.replace("stream.write(", "import zlib; stream.write(zlib.compress(").replace(".encode())", ".encode()))")
    + """
    def write_plain(self, value, stream):
        stream.write(value.lines.encode())
"""
)


def test_a_codec_may_verify_what_it_wrote(registry, store):
    values = Values(store, registry(codec=VERIFYING).codecs)
    from acme_types import Spectrum

    assert values.decode(values.encode(Spectrum("even"))).lines == "even"
    for value in (Spectrum("odd"),):
        with pytest.raises(NoCodecError, match="comes back as something else"):
            values.encode(value)
    assert not store.directory.exists()


def test_a_codec_that_compresses_shows_what_it_writes(registry, store):
    values = Values(store, registry(codec=COMPRESSING).codecs, secrets=["tok_9f2b7c"])
    from acme_types import Spectrum

    values.encode(Spectrum("x" * 5_000))
    with pytest.raises(SecretValueError):
        values.encode(Spectrum("x" * 5_000 + "tok_9f2b7c"))


BROKEN = {
    "a missing module": ("import acme_needs_this\n", "'acme_needs_this', which is not installed"),
    "a module that raises": ("1 / 0\n", "ZeroDivisionError"),
    "no such class": ("x = 1\n", "SpectrumCodec"),
    "no class": ("SpectrumCodec = 3\n", "is 3; a codec is a class, made without arguments"),
    "a class with arguments": (CODEC.replace("(self):", "(self, more):"), "making acme_codecs:SpectrumCodec"),
    "no method": (CODEC.replace("def read", "def reed"), "has no method read; a codec is a class"),
    "another name": (CODEC.replace('name = "acme_spectrum"', 'name = "x"'), "calls itself 'x' and not 'acme_spectrum'"),
    "a bad suffix": (CODEC.replace(".spectrum", "/../x"), "has the suffix '/../x'"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_codec_that_does_not_load_is_an_error_at_the_value(registry, store, name):
    source, said = BROKEN[name]
    values = Values(store, registry(codec=source).codecs)
    from acme_types import Spectrum

    with pytest.raises(NoCodecError) as caught:
        values.encode([Spectrum("a")])
    assert "value[0] (acme_types:Spectrum) cannot be kept: its codec 'acme_spectrum' of acme does not load: " in str(
        caught.value
    )
    assert said in str(caught.value)
    with pytest.raises(UnreadableValueError, match="'acme_spectrum' of acme, which does not load") as caught:
        values.decode({"$": "coded", "codec": "acme_spectrum", "base64": ""})
    assert said in str(caught.value)
    assert caught.value.hint == ("install acme_needs_this" if name == "a missing module" else None)


def test_a_codec_that_is_not_installed_any_more(store):
    values = Values(store, tuple)
    with pytest.raises(UnreadableValueError, match="the codec 'acme_spectrum', which nothing offers") as caught:
        values.decode({"$": "coded", "codec": "acme_spectrum", "base64": ""})
    assert caught.value.hint == "crucible plugins list shows what is installed"


def test_the_core_comes_first_where_two_write_the_same_type(importable, store):
    hooks = HOOKS.replace("acme_types:Spectrum", "numpy:ndarray").replace("{more}", "")
    importable.add("acme", hooks={"acme": "acme_hooks"}, modules={"acme_hooks.py": hooks, "acme_codecs.py": CODEC})
    registry = build_registry(Settings(), path=[str(importable.root)])
    import numpy as np

    assert Values(store, registry.codecs).encode(np.ones(2))["codec"] == "numpy"
    assert [record.status for record in registry.records] == [Status.LOADED]


DOCUMENT = (Path(__file__).parents[3] / "docs" / "values.md").read_text(encoding="utf-8")


def test_the_codec_in_the_documentation_works(importable, store):
    (source,) = re.findall(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)
    spectra = "class Spectrum:\n    def __init__(self, lines, calibrated):\n        vars(self).update(lines=lines, calibrated=calibrated)"
    hooks = HOOKS.replace("acme_types", "acme_spectra").replace("{more}", "")
    modules = {"acme_hooks.py": hooks, "acme_codecs.py": source, "acme_spectra.py": spectra}
    importable.add("acme", hooks={"acme": "acme_hooks"}, modules=modules)
    values = Values(store, build_registry(Settings(), path=[str(importable.root)]).codecs)
    import numpy as np
    from acme_spectra import Spectrum

    back = values.decode(values.encode([Spectrum(np.arange(3), calibrated=True)]))[0]
    assert (back.lines.tolist(), back.calibrated) == ([0, 1, 2], True)
    with pytest.raises(NoCodecError, match=r"call calibrate\(\) first"):
        values.encode(Spectrum(np.arange(3), calibrated=False))


class TestDoctor:
    def diagnosis(self, site):
        from crucible_core.plugins.probe import probe
        from crucible_core.plugins.probe_entry import entries_of

        (record,) = build_registry(Settings(), path=[str(site.root)]).records
        return probe(entries_of(record))

    def test_codecs_are_tried(self, importable):
        add(importable)
        hooks, codec = self.diagnosis(importable)
        assert (hooks.problem, codec.problem, codec.entry.label) == (None, None, "codec acme_spectrum")

    @pytest.mark.parametrize("name", BROKEN)
    def test_one_that_does_not_load_is_a_problem(self, importable, name):
        source, said = BROKEN[name]
        add(importable, codec=source)
        _, codec = self.diagnosis(importable)
        assert said in codec.problem.reason

    def test_a_hook_that_raises_is_a_problem(self, importable):
        source = "from crucible_core import hookimpl\n@hookimpl\ndef crucible_register_codecs():\n    1 / 0\n"
        importable.add("acme", hooks={"acme": "acme_hooks"}, modules={"acme_hooks.py": source})
        (hooks,) = self.diagnosis(importable)
        assert "ZeroDivisionError" in hooks.problem.reason
