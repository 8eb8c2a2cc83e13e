"""Tensors of torch, one or the state of a module, without pickles where safetensors is installed."""

from __future__ import annotations

import json
from ctypes import string_at
from importlib.util import find_spec
from io import BytesIO
from typing import Any, BinaryIO

import torch

from crucible_core.runs.codecs.plain import as_text

__all__ = ["TorchTensors"]

_SAID = "crucible"
_OF_TORCH = b"PK"  # how a file begins that torch.save wrote; the length of safetensors' header cannot


class TorchTensors:
    """Writes a tensor, a parameter, or a dict of nothing but them.

    The file is one of safetensors where that is installed and has the types; else one of torch, read with
    ``weights_only``. Tensors that are one are one again; how else they share memory, and their strides, are not kept.
    """

    name = "torch"
    suffix = ".tensors"

    def write(self, value: Any, stream: BinaryIO) -> None:
        """Write tensors.

        Raises:
            TypeError: One is part of a graph, or has a gradient.
        """
        tensors, said = _taken_apart(value)
        stream.write(_in_safetensors(tensors, said) or _in_torch(tensors, said))

    def read(self, stream: BinaryIO) -> Any:
        """Read tensors onto the devices they were on.

        Raises:
            RuntimeError: There is no such device here.
        """
        begins = stream.read(len(_OF_TORCH))
        stream.seek(0)
        tensors, said = _from_torch(stream) if begins == _OF_TORCH else _from_safetensors(stream)
        return _put_together(tensors, said)

    def write_plain(self, value: Any, stream: BinaryIO) -> None:
        """Write what may be text: names, and tensors of single bytes."""
        tensors, said = _taken_apart(value)
        stream.write(as_text(said).encode("utf-8", "backslashreplace"))
        for tensor in tensors.values():
            if tensor.element_size() == 1 and tensor.layout is torch.strided:
                stream.write(string_at(tensor.data_ptr(), tensor.numel()))


def _taken_apart(value: Any) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
    """Return what is in the memory of tensors, each once, and what there is to say about them."""
    named = value if isinstance(value, dict) else {"tensor": value}
    stored: dict[str, torch.Tensor] = {}
    first: dict[Any, str] = {}
    said: list[dict[str, Any]] = []
    for name, tensor in named.items():
        _check(name, tensor)
        home = first.setdefault(_place(tensor), name)
        if home == name:
            stored[name] = _memory(tensor)
        about = {"name": name, "in": home, "same": tensor is named[home], "device": str(tensor.device)}
        about |= {"parameter": type(tensor) is torch.nn.Parameter, "requires_grad": tensor.requires_grad}
        said.append(about)
    return stored, {"dict": isinstance(value, dict), "tensors": said}


def _check(name: str, tensor: torch.Tensor) -> None:
    for wrong, why in (
        (tensor.grad_fn is not None, "is part of a graph of computations; detach() it"),
        (tensor.is_leaf and tensor.grad is not None, "has a gradient, which would not be kept; detach() it"),
        (tensor.is_meta, "is on the meta device and has no values"),
        (bool(vars(tensor)), f"has attributes, which would not be kept: {', '.join(vars(tensor))}"),
    ):
        if wrong:
            raise TypeError(f"{name} {why}")


def _place(tensor: torch.Tensor) -> Any:
    """Return what is equal for tensors that are the same memory, read in the same way."""
    if tensor.layout is not torch.strided or tensor.is_quantized or not tensor.numel():
        return id(tensor)
    flags = tensor.is_conj(), tensor.is_neg()
    return tensor.data_ptr(), tensor.shape, tensor.stride(), tensor.dtype, tensor.device, flags


def _memory(tensor: torch.Tensor) -> torch.Tensor:
    """Return a tensor's values in memory of their own, one after the other."""
    found = tensor.detach().cpu().resolve_conj().resolve_neg()
    if found.layout is not torch.strided or found.is_quantized:
        return found
    found = found.contiguous()
    alone = found.untyped_storage().nbytes() == found.nbytes and found.data_ptr() != tensor.data_ptr()
    return found if alone else found.clone()


def _in_safetensors(tensors: dict[str, torch.Tensor], said: dict[str, Any]) -> bytes | None:
    """Return a file of safetensors; None where it is not installed or has not all of the types."""
    fits = all(one.dtype in _TYPES and one.layout is torch.strided for one in tensors.values())
    if not fits or "__metadata__" in tensors or find_spec("safetensors") is None:
        return None
    from safetensors.torch import save

    saved: bytes = save(tensors, {_SAID: as_text(said)})
    return saved


def _from_safetensors(stream: BinaryIO) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
    from safetensors.torch import load

    whole = stream.read()
    length = int.from_bytes(whole[:8], "little")  # of the header, in JSON
    return load(whole), json.loads(json.loads(whole[8 : 8 + length])["__metadata__"][_SAID])


def _in_torch(tensors: dict[str, torch.Tensor], said: dict[str, Any]) -> bytes:
    stream = BytesIO()
    torch.save({"tensors": tensors, _SAID: as_text(said)}, stream)
    return stream.getvalue()


def _from_torch(stream: BinaryIO) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
    found = torch.load(stream, map_location="cpu", weights_only=True)
    return found["tensors"], json.loads(found[_SAID])


def _put_together(tensors: dict[str, torch.Tensor], said: dict[str, Any]) -> Any:
    made: dict[str, torch.Tensor] = {}
    for about in said["tensors"]:
        name, home = about["name"], about["in"]
        if name == home:
            tensor = _on_device(tensors[name], about["device"])
        else:
            tensor = made[home] if about["same"] else made[home].detach()
        if about["parameter"]:
            made[name] = (
                tensor if about["same"] and name != home else torch.nn.Parameter(tensor, about["requires_grad"])
            )
        else:
            made[name] = tensor.requires_grad_(about["requires_grad"])
    return made if said["dict"] else made["tensor"]


def _on_device(tensor: torch.Tensor, device: str) -> torch.Tensor:
    try:
        return tensor.to(device)
    except (AssertionError, RuntimeError) as error:
        raise RuntimeError(f"a tensor was on {device}, which is not here: {error}") from error


_TYPES = frozenset(
    {torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64}
    | {torch.float16, torch.bfloat16, torch.float32, torch.float64}
)
"""Types that safetensors has had from its beginning."""
