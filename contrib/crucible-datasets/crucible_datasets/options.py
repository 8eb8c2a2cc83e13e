"""The options of the stage ``load_dataset``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from crucible_core import StageOptions

Size = Annotated[int, Field(ge=1)] | Annotated[float, Field(gt=0, le=1)]


class LoadDatasetOptions(StageOptions):
    """Where the rows come from, how they are read, and how they are split.

    Columns are always named as the source names them; only the keys of ``fields`` are new names.
    """

    source: Annotated[str, Field(min_length=1)]
    """A path (from the current directory, else from the spec file's); ``package:NAME/path`` for a file inside an
    installed package; ``sklearn:NAME``; ``statsmodels:NAME``; ``hub:ORGANISATION/NAME[:CONFIGURATION][@REVISION]`` from
    the Hugging Face hub (needs a network)."""

    format: Literal["csv", "jsonl", "json", "parquet"] | None = None
    """Format of the file; by its suffix (.csv .tsv .jsonl .ndjson .json .parquet .pq, text also as .gz) where null."""

    into: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_-]*$")] = "dataset"
    """Key under ``assigns`` where the data set goes."""

    delimiter: Annotated[str, Field(pattern=r'^[^"\r\n]$')] | None = None
    """What separates the cells of CSV; a comma where null, a tab for .tsv."""

    encoding: Annotated[str, Field(min_length=1)] = "utf-8"
    """Text encoding of CSV and JSON; a UTF-8 byte order mark is dropped."""

    null_values: tuple[str, ...] = ("",)
    """CSV cells that mean "no value" and become null, compared without blanks around them."""

    types: dict[str, Literal["string", "integer", "float", "boolean"]] = Field(default_factory=dict)
    """CSV column to the type of its values. A column not named here is integer or float where all its cells are numbers
    written without leading zeros, and string otherwise."""

    fields: Annotated[dict[str, str], Field(min_length=1)] | None = None
    """Field to the column it is taken from: selects and renames; all columns under their own names where null."""

    keep_other_columns: bool = False
    """Keep the columns that ``fields`` does not name."""

    shuffle: bool = False
    """Put the rows into random order, before ``limit``."""

    limit: Annotated[int, Field(ge=1)] | None = None
    """Number of rows at most; without ``shuffle`` no row after them is read."""

    split: Literal["none", "given", "random", "stratified", "kfold"] = "none"
    """How the rows are split: not at all; as ``split_column`` says; at random; at random with every value of
    ``stratify_by`` in proportion; or into folds for cross-validation, whose test rows are fold-0, fold-1, ..."""

    sizes: Annotated[dict[str, Size], Field(min_length=1)] | None = None
    """For random and stratified: split to its size, all fractions (0.8) or all counts (100); train 0.8 and test 0.2
    where null. Rows beyond them are in no split."""

    folds: Annotated[int, Field(ge=2)] = 5
    """For kfold: the number of folds."""

    split_column: str | None = None
    """For given: the column that names each row's split."""

    stratify_by: str | None = None
    """For stratified, and optionally kfold: the column whose values are the strata."""

    seed: Annotated[int, Field(ge=0)] | None = None
    """What shuffle and split are drawn from; the stage's own seed, derived from the run's, where null."""
