"""Libraries that are not to be loaded before a stage runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

HEAVY = frozenset(
    {
        *("torch", "torchvision", "torchaudio", "lightning", "pytorch_lightning", "tensorflow", "keras", "jax", "flax"),
        *("transformers", "sentence_transformers", "datasets", "diffusers", "peft", "accelerate", "spacy", "nltk"),
        *("sklearn", "scipy", "pandas", "polars", "pyarrow", "statsmodels", "xgboost", "lightgbm", "catboost", "shap"),
        *("matplotlib", "seaborn", "plotly", "cv2", "PIL", "skimage", "numba", "networkx", "dask", "ray", "sympy"),
        *("fairlearn", "aif360", "ripser", "persim", "gudhi", "gtda", "umap", "faiss", "mlflow", "wandb"),
    }
)
"""Libraries that take from a tenth of a second to several to import. NumPy is not one of them: annotations, constants
and type checks of numerical code need it, and it takes less than what matters to a command."""


def heavy_among(modules: Iterable[str], configuration: Mapping[str, Any]) -> list[str]:
    """Return the heavy packages to which modules belong, sorted.

    Args:
        modules: Names of modules that were loaded.
        configuration: ``heavy`` and ``light`` of the plugin's configuration.
    """
    heavy = (HEAVY | set(configuration["heavy"])) - set(configuration["light"])
    return sorted({name.partition(".")[0] for name in modules} & heavy)
