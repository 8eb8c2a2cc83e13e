"""Libraries that are not to be loaded before a stage runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

HEAVY = frozenset(
    """accelerate aif360 altair bokeh catboost cupy cv2 dask datasets deepspeed diffusers fairlearn faiss fastai flax
    gensim gtda gudhi h5py huggingface_hub jax keras langchain librosa lightgbm lightning llama_index matplotlib mlflow
    networkx nltk numba onnxruntime openai pandas peft persim plotly polars pyarrow pyspark pytorch_lightning ray ripser
    scipy seaborn sentence_transformers shap skimage sklearn spacy statsmodels sympy tensorflow timm tokenizers torch
    torchaudio torchvision transformers trl umap vllm wandb xarray xgboost""".split()  # noqa: SIM905 - quotes hide them
)
"""Import packages that take from tenths of a second to several. NumPy is not one of them: constants, annotations and
type checks of numerical code need it, and it takes a tenth."""


def heavy_among(modules: Iterable[str], configuration: Mapping[str, Any]) -> list[str]:
    """Return the heavy packages to which modules belong, sorted.

    Args:
        modules: Names of modules that were loaded.
        configuration: ``heavy`` and ``light`` of the plugin's configuration.
    """
    heavy = (HEAVY | set(configuration["heavy"])) - set(configuration["light"])
    return sorted({name.partition(".")[0] for name in modules} & heavy)
