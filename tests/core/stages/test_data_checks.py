"""The stage data_checks: which rows do not pass, and what is said of them."""

from __future__ import annotations

import pytest

from crucible_core import Context, Dataset, DatasetManifest, StageError
from crucible_core.stages.data_checks import DataChecks

ROWS = [{"id": 1, "text": "a"}, {"id": 2, "text": ""}, {"id": 1, "text": None}, {"id": 3}]


def check(rows=ROWS, **options):
    return DataChecks().run(Context(outputs=rows), DataChecks.Options(data="outputs", **options))


def summary(rows=ROWS, **options):
    return check(rows, **options).get_metric("stage")


@pytest.mark.parametrize("missing", [None, "", float("nan")])
def test_null_empty_and_nan_are_missing(missing):
    assert summary([{"a": missing}])["missing_required"] == {"a": 1}


@pytest.mark.parametrize("present", [0, False, 0.0, " ", [], "nan"])
def test_other_values_are_not_missing(present):
    assert summary([{"a": present}])["missing_required"] == {"a": 0}


def test_every_field_that_any_row_has_is_required_by_default():
    assert summary()["missing_required"] == {"id": 0, "text": 3}


def test_only_the_fields_named_are_required():
    found = summary(required_fields=["id", "label"])
    assert found["missing_required"] == {"id": 0, "label": 4}
    assert found["rows_with_issues"] == 4


def test_repeated_keys_name_the_row_they_repeat():
    issues = check(unique=["id"], required_fields=[]).assigns["data_issues"]
    assert issues == [{"row": 2, "missing": [], "problem": "repeats id of row 0"}]


def test_a_row_with_two_issues_counts_once():
    found = summary(unique=["id"])
    assert (found["issues"], found["rows_with_issues"]) == (4, 3)


def test_fail_fast_names_row_and_field():
    with pytest.raises(StageError, match="row 1 of outputs: missing text") as caught:
        check(fail_fast=True)
    assert caught.value.details["row"] == 1


def test_rows_of_a_dataset_are_read():
    dataset = Dataset(ROWS, DatasetManifest("here", "0" * 64, 4, ("id", "text")))
    result = DataChecks().run(Context(assigns={"dataset": dataset}), DataChecks.Options())
    assert result.get_metric("stage")["total"] == 4


def test_clean_rows_have_no_issues():
    assert summary([{"a": 1}, {"a": 2}])["rows_with_issues"] == 0


def test_no_rows_are_too_few_unless_that_is_allowed():
    with pytest.raises(StageError, match="0 rows, 1 are asked for"):
        check([])
    assert summary([], min_rows=0)["total"] == 0


def test_what_is_not_there_is_said():
    with pytest.raises(StageError, match="there is no 'x' in assigns") as caught:
        DataChecks().run(Context(), DataChecks.Options(data="assigns.x"))
    assert caught.value.code == "wrong_data"


def test_a_row_that_is_no_mapping_is_named():
    with pytest.raises(StageError, match=r"row 1 of assigns.x is a int"):
        DataChecks().run(Context(assigns={"x": [{}, 3]}), DataChecks.Options(data="assigns.x"))
