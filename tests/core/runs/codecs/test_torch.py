"""Tensors of torch, single ones and the states of modules and optimizers."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import OrderedDict
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="needs torch, which the tests do without")

from crucible_core.runs.codecs import SecretValueError, UnreadableValueError, Values, objects_in  # noqa: E402
from crucible_core.runs.codecs.torch_tensors import TorchTensors  # noqa: E402

TENSORS = {
    "integers": torch.arange(3),
    "large": torch.arange(15_000.0).reshape(300, 50),
    "no dimension": torch.tensor(1.5),
    "nothing": torch.zeros(0, 3),
    "not-a-number": torch.tensor([float("nan"), float("inf"), -0.0]),
    "booleans": torch.tensor([[True, False]]),
    "bytes": torch.tensor([0, 255], dtype=torch.uint8),
    "half": torch.tensor([0.1], dtype=torch.float16),
    "brain": torch.tensor([0.1], dtype=torch.bfloat16),
    "quarter": torch.tensor([0.1]).to(torch.float8_e4m3fn),
    "complex": torch.tensor([1 + 2j]),
    "conjugated": torch.tensor([1 + 2j]).conj(),
    "a view that skips": torch.arange(20.0).reshape(4, 5)[:, ::2],
    "turned": torch.arange(12.0).reshape(3, 4).t(),
    "to be trained": torch.ones(3, requires_grad=True),
    "sparse": torch.tensor([0.0, 1.0]).to_sparse(),
}
BOTH = pytest.mark.parametrize("present", [True, False], ids=["safetensors", "torch"])


def same(one, other):
    assert type(other) is type(one)
    assert (other.dtype, other.shape, other.device, other.layout) == (one.dtype, one.shape, one.device, one.layout)
    assert other.requires_grad == one.requires_grad
    if one.layout is torch.sparse_coo:
        one, other = one.to_dense(), other.to_dense()
    assert as_bytes(other) == as_bytes(one)


def as_bytes(tensor):
    flat = tensor.detach().resolve_conj().contiguous().flatten()
    return flat.view(torch.uint8).tolist() if flat.dtype is not torch.bool else flat.tolist()


@pytest.mark.parametrize("name", TENSORS)
def test_a_tensor_comes_back(kept, name):
    same(TENSORS[name], kept([TENSORS[name]])[0])


@pytest.mark.parametrize("trained", [True, False])
def test_a_parameter_comes_back(kept, trained):
    value = torch.nn.Parameter(torch.ones(2), requires_grad=trained)
    same(value, kept(value))


def test_what_came_back_can_be_changed(kept):
    back = kept(torch.arange(3.0))
    back += 1
    assert back.tolist() == [1.0, 2.0, 3.0]


def module():
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Linear(20, 30), torch.nn.BatchNorm1d(30), torch.nn.Linear(30, 1))


def test_the_state_of_a_module_is_one_file_and_fits_it_again(values, kept):
    value = module().state_dict()
    encoded = values.encode(value)
    assert len(set(objects_in(encoded))) == 1
    back = kept(value)
    assert type(back) is OrderedDict
    assert back._metadata == value._metadata
    assert list(back) == list(value)
    for name in value:
        same(value[name], back[name])
    other = module()
    other.load_state_dict(back)


def test_the_state_of_an_optimizer_fits_it_again(kept, monkeypatch, tmp_path):
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path))  # torch sets it when it is not set
    model = module()
    optimizer = torch.optim.Adam(model.parameters())
    model(torch.ones(4, 20)).sum().backward()
    optimizer.step()
    back = kept(optimizer.state_dict())
    again = torch.optim.Adam(model.parameters())
    again.load_state_dict(back)
    assert repr(again.state_dict()) == repr(optimizer.state_dict())


def test_tensors_that_are_one_or_the_same_memory_are_so_again(kept):
    value = torch.arange(1_000.0)
    tied = {"a": value, "b": value, "c": value.detach(), "d": value.view(10, 100), "e": value[1:]}
    back = kept(tied)
    assert back["a"] is back["b"]
    assert back["a"] is not back["c"]
    assert back["a"].data_ptr() == back["c"].data_ptr()
    for name, one in tied.items():
        same(one, back[name])
    single = kept([value, {"x": (value,)}])
    assert single[0] is single[1]["x"][0]


def test_a_parameter_that_is_tied_stays_tied(kept):
    value = torch.nn.Parameter(torch.ones(3))
    back = kept({"in": value, "out": value})
    assert back["in"] is back["out"]
    assert type(back["in"]) is torch.nn.Parameter


def test_shapes_types_and_devices_come_back(kept):
    value = [torch.Size([1, 2]), torch.float32, torch.bfloat16, torch.device("cpu")]
    assert kept(value) == value


PROGRAM = """
import sys, json, io
sys.modules.update(dict.fromkeys([] if json.loads(sys.argv[1]) else ["safetensors"]))
import torch
from pathlib import Path
from crucible_core.plugins.builtin_codecs import BUILTIN_CODECS
from crucible_core.runs.codecs import ObjectStore, Values, objects_in
store = ObjectStore(Path(sys.argv[2]))
values = Values(store, lambda: BUILTIN_CODECS)
encoded = values.encode({"w": torch.arange(2000.0), "b": torch.ones(2)})
back = values.decode(encoded)
assert back["w"].tolist() == list(map(float, range(2000))) and list(back) == ["w", "b"]
print(store.path(next(objects_in(encoded))))
"""


@BOTH
def test_the_file_is_one_of_safetensors_where_that_is_installed(tmp_path, present):
    if present:
        pytest.importorskip("safetensors", reason="needs torch, which the tests do without")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, json.dumps(present), tmp_path], capture_output=True, text=True, check=True
    )
    data = Path(done.stdout.strip()).read_bytes()
    assert (data[:2] == b"PK") is not present
    if present:
        from safetensors.torch import load

        assert load(data)["w"].tolist() == list(map(float, range(2_000)))


def test_the_same_tensors_give_the_same_bytes(values, store):
    for _ in range(3):
        values.encode({f"t{number}": torch.full((100,), number) for number in range(20)})
    assert len(list(store.objects())) == 1


REFUSED = {
    "part of a graph": (lambda: module()(torch.ones(2, 20)), "is part of a graph of computations; detach() it"),
    "on no device": (lambda: torch.empty(3, device="meta"), "is on the meta device and has no values"),
    "a module": (module, "return its state_dict(), or let the stage declare"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_would_not_come_back_is_refused(refused, name):
    make, said = REFUSED[name]
    assert said in refused({"a": make(), "b": 1})


def test_a_gradient_is_not_dropped(refused):
    model = module()
    model(torch.ones(4, 20)).sum().backward()
    assert "weight has a gradient, which would not be kept; detach() it" in refused(dict(model[0].named_parameters()))


def test_an_attribute_is_not_dropped(refused):
    value = torch.ones(2)
    value.note = "x"
    assert "has attributes, which would not be kept: note" in refused(value)


def test_a_device_that_is_not_here_is_said(values):
    import base64
    import io

    stream = io.BytesIO()
    TorchTensors().write(torch.ones(2), stream)
    data = stream.getvalue().replace(b'\\"cpu\\"', b'\\"xpu\\"').replace(b'"cpu"', b'"xpu"')
    encoded = {"$": "coded", "codec": "torch", "base64": base64.b64encode(data).decode()}
    with pytest.raises(UnreadableValueError, match="a tensor was on xpu, which is not here"):
        values.decode(encoded)


def test_a_file_with_a_pickle_of_something_else_is_not_read(values, tmp_path):
    import base64
    import io
    import os

    class Bomb:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "exploded"),)

    stream = io.BytesIO()
    torch.save({"tensors": Bomb(), "crucible": "{}"}, stream)
    encoded = {"$": "coded", "codec": "torch", "base64": base64.b64encode(stream.getvalue()).decode()}
    with pytest.raises(UnreadableValueError, match="Weights only load failed"):
        values.decode(encoded)
    assert not (tmp_path / "exploded").exists()


@pytest.mark.parametrize(
    "value",
    [
        lambda secret: {secret: torch.ones(2)},
        lambda secret: torch.tensor(list(secret.encode() * 300), dtype=torch.uint8),
        lambda secret: torch.tensor(list(secret.encode()), dtype=torch.int8),
    ],
    ids=["a name", "bytes", "signed bytes"],
)
def test_secrets_are_found(store, value):
    from crucible_core.plugins.builtin_codecs import BUILTIN_CODECS

    with pytest.raises(SecretValueError):
        Values(store, lambda: BUILTIN_CODECS, secrets=["tok_9f2b7c"]).encode(value("tok_9f2b7c"))
