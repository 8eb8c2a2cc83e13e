"""The stage this distribution contributes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from crucible_core import Stage, StageError, Traits
from crucible_datasets.errors import CODES, DatasetError
from crucible_datasets.examples import EXAMPLES
from crucible_datasets.loading import load_dataset
from crucible_datasets.options import LoadDatasetOptions

if TYPE_CHECKING:
    from crucible_core import Context, Dataset

_REACHABLE = {code: meaning for code, meaning in CODES.items() if code != "bad_option"}
"""Codes that a stage can end with; the types of its options keep the other one out."""


class LoadDataset(Stage):
    """Load a data set from a file, a package or the Hugging Face hub, and split it."""

    name = "load_dataset"
    version = "0.1.0"
    writes = ("assigns.{into}",)
    errors = _REACHABLE
    traits = Traits(
        determinism="seeded",
        network=("huggingface.co", "hf.co"),
        reasons={
            "network": "A source that begins with hub: is fetched from huggingface.co and its file hosts below hf.co; "
            "no other source uses a network.",
        },
    )
    examples = EXAMPLES
    Options = LoadDatasetOptions

    def run(self, context: Context, options: Any) -> Context:
        """Put the data set into ``assigns`` under the key that ``into`` names.

        Raises:
            StageError: See `crucible_datasets.errors.CODES`.
        """
        try:
            dataset = _loaded(context, options)
        except DatasetError as error:
            raise StageError(error.code, str(error), **error.details) from error
        manifest = dataset.manifest
        context.runtime.log(
            f"loaded {manifest.rows} rows, {len(manifest.columns)} columns from {manifest.source}",
            sha256=manifest.sha256,
        )
        return context.assign({options.into: dataset})


def _loaded(context: Context, options: Any) -> Dataset:
    spec_file = context.runtime.record().get("spec_file")
    return load_dataset(
        options.source,
        format=options.format,
        delimiter=options.delimiter,
        encoding=options.encoding,
        null_values=options.null_values,
        types=options.types,
        fields=options.fields,
        keep_other_columns=options.keep_other_columns,
        shuffle=options.shuffle,
        limit=options.limit,
        split=options.split,
        sizes=options.sizes,
        folds=options.folds,
        split_column=options.split_column,
        stratify_by=options.stratify_by,
        seed=context.runtime.seed if options.seed is None else options.seed,
        next_to=None if spec_file is None else Path(spec_file).parent,
    )
