"""The stage's examples: every option, every value of an enum and every error, on files that come with the package."""

from __future__ import annotations

from typing import Any

from crucible_core import StageExample

_FILES = "package:crucible_datasets/example_data"
_SCORES = f"{_FILES}/scores.csv"


def _works(summary: str, file: str, **options: Any) -> StageExample:
    return StageExample(summary, options={"source": f"{_FILES}/{file}", **options})


def _fails(code: str, summary: str, file: str, **options: Any) -> StageExample:
    return StageExample(summary, options={"source": f"{_FILES}/{file}", **options}, raises=code)


SUCCEEDING = (
    _works("A CSV file, whole and in its own order.", "scores.csv"),
    _works(
        "Semicolons, Latin-1, a mark for missing values, and columns of a type that their cells do not show.",
        "umlauts.csv",
        format="csv",
        delimiter=";",
        encoding="latin-1",
        null_values=["", "?"],
        types={"city": "string", "code": "integer", "share": "float", "capital": "boolean"},
    ),
    _works(
        "JSON Lines with two fields renamed, the other columns kept, under another key.",
        "scores.jsonl",
        format="jsonl",
        fields={"input": "id", "target": "group"},
        keep_other_columns=True,
        into="scores",
    ),
    _works("Four rows of a JSON list, drawn at random.", "scores.json", format="json", shuffle=True, limit=4, seed=7),
    _works("The splits that a column names.", "scores.csv", split="given", split_column="part"),
    _works("No splits, said aloud.", "scores.csv", split="none"),
    _works("A random split by counts.", "scores.csv", split="random", sizes={"train": 8, "test": 3}),
    _works(
        "A split by fractions with both groups in proportion.",
        "scores.csv",
        split="stratified",
        stratify_by="group",
        sizes={"train": 0.5, "validation": 0.25, "test": 0.25},
    ),
    _works("Three folds with both groups in proportion.", "scores.csv", split="kfold", folds=3, stratify_by="group"),
)

FAILING = (
    _fails("file_not_found", "A misspelt name is answered with the near one.", "score.csv"),
    StageExample("A directory is no file.", options={"source": _FILES}, raises="unreadable_file"),
    _fails("unknown_format", "A suffix that names no format.", "notes.txt"),
    _fails("empty_file", "A file of no bytes.", "empty.csv"),
    _fails("no_rows", "A header and nothing below it.", "header_only.csv"),
    _fails("malformed_file", "Text is no Parquet.", "scores.csv", format="parquet"),
    _fails("bad_encoding", "Latin-1 bytes are not UTF-8.", "umlauts.csv", delimiter=";"),
    _fails("unknown_encoding", "An encoding nobody knows.", "scores.csv", encoding="utf-9"),
    _fails("ragged_row", "A line with a cell too many.", "ragged.csv"),
    _fails("row_not_object", "A line that is a list.", "list_row.jsonl"),
    _fails("non_finite_number", "NaN is not JSON.", "nan.jsonl"),
    _fails("bad_value", "Letters are no number.", "scores.csv", types={"group": "float"}),
    _fails("duplicate_columns", "Two columns named score.", "duplicate_columns.csv"),
    _fails("blank_column", "A column without a name.", "blank_column.csv"),
    _fails("no_columns", "A list of empty rows.", "no_columns.json"),
    _fails("unknown_column", "A misspelt column is answered with the near one.", "scores.csv", fields={"y": "scor"}),
    StageExample("A misspelt data set.", options={"source": "sklearn:iriss"}, raises="unavailable_dataset"),
    StageExample(
        "A file in a package that is not installed.",
        options={"source": "package:no_such_package/scores.csv"},
        raises="missing_package",
    ),
    _fails("inconsistent_options", "A stratified split by nothing.", "scores.csv", split="stratified"),
    _fails("bad_sizes", "Fractions beyond the whole.", "scores.csv", split="random", sizes={"train": 0.9, "test": 0.2}),
    _fails("too_few_rows", "More folds than rows.", "scores.csv", split="kfold", folds=13),
    _fails("small_stratum", "A stratum for each row.", "scores.csv", split="stratified", stratify_by="id"),
    _fails("missing_split_value", "A row in no split.", "scores.csv", split="given", split_column="note"),
)

EXAMPLES = (*SUCCEEDING, *FAILING)
