"""Libraries that are not to be loaded before a stage runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

HEAVY = frozenset(
    """accelerate altair bokeh catboost cupy cv2 dask datasets deepspeed fairlearn fastai flax gensim gudhi h5py
    huggingface_hub jax keras langchain librosa lightgbm lightning llama_index matplotlib mlflow networkx nltk numba
    numpy onnxruntime openai opencv pandas peft plotly polars pyarrow pyspark pytorch_lightning ray ripser scikit_learn
    scipy seaborn sentence_transformers shap skimage sklearn spacy statsmodels sympy tensorflow timm tokenizers torch
    torchaudio torchvision transformers trl umap vllm wandb xarray xgboost""".split()  # noqa: SIM905 - quotes hide them
)


def heavy_among(modules: Iterable[str], configuration: Mapping[str, Any]) -> list[str]:
    """Return the heavy packages to which modules belong, sorted.

    Args:
        modules: Names of modules that were loaded.
        configuration: ``heavy`` and ``light`` of the plugin's configuration.
    """
    heavy = (HEAVY | set(configuration["heavy"])) - set(configuration["light"])
    return sorted({name.partition(".")[0] for name in modules} & heavy)
