"""The codecs that come with the core, for libraries that it never imports by itself."""

from __future__ import annotations

from crucible_core.plugins.codec_ref import CodecRef

__all__ = ["BUILTIN_CODECS"]

_ROOM = "crucible_core.runs.codecs"
_INDEXES = {
    "base": ("Index",),
    "category": ("CategoricalIndex",),
    "datetimes": ("DatetimeIndex",),
    "interval": ("IntervalIndex",),
    "multi": ("MultiIndex",),
    "period": ("PeriodIndex",),
    "range": ("RangeIndex",),
    "timedeltas": ("TimedeltaIndex",),
}
_PANDAS = ("pandas:DataFrame", "pandas:Series", *(f"pandas:{name}" for (name,) in _INDEXES.values()))
_PANDAS_2 = (
    "pandas.core.frame:DataFrame",
    "pandas.core.series:Series",
    *(f"pandas.core.indexes.{module}:{name}" for module, (name,) in _INDEXES.items()),
)
"""Before pandas 3 they called themselves by where they are."""

BUILTIN_CODECS = (
    CodecRef("arrow", ("pyarrow.lib:Table",), f"{_ROOM}.arrow_table:ArrowTable"),
    CodecRef("numpy", ("numpy:ndarray",), f"{_ROOM}.numpy_array:NumpyArray"),
    CodecRef("pandas", (*_PANDAS, *_PANDAS_2), f"{_ROOM}.pandas_frame:PandasFrame"),
    CodecRef("torch", ("torch:Tensor", "torch.nn.parameter:Parameter"), f"{_ROOM}.torch_tensors:TorchTensors"),
)
"""Where each built-in codec is, and the names by which its types call themselves."""
