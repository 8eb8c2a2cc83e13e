"""Data sets inside scikit-learn and statsmodels."""

from __future__ import annotations

import sys
from collections import Counter

import pytest

from crucible_datasets import DatasetError
from crucible_datasets.packages import SKLEARN_NAMES, load_sklearn, load_statsmodels

# rows, features and classes (None: a regression) as the documentation of scikit-learn gives them, "Toy datasets"
SHAPES = {
    "iris": (150, 4, 3),
    "wine": (178, 13, 3),
    "breast_cancer": (569, 30, 2),
    "digits": (1797, 64, 10),
    "diabetes": (442, 10, None),
}


@pytest.mark.parametrize("name", SKLEARN_NAMES)
def test_sklearn_shapes(name):
    rows, features, classes = SHAPES[name]
    table = load_sklearn(name)
    assert len(table.rows) == rows
    assert len(table.columns) == features + (1 if classes is None else 2)
    if classes is not None:
        assert len({row["target"] for row in table.rows}) == classes


def test_iris_has_fifty_flowers_of_each_species():
    table = load_sklearn("iris")
    assert Counter(row["target_name"] for row in table.rows) == {"setosa": 50, "versicolor": 50, "virginica": 50}
    # Fisher, Annals of Eugenics 7 (1936), table 1, first flower of Iris setosa
    assert list(table.rows[0].values()) == [5.1, 3.5, 1.4, 0.2, 0, "setosa"]


def test_values_are_those_of_python():
    assert {type(value) for row in load_sklearn("wine").rows for value in row.values()} == {int, float, str}


def test_text_columns_of_statsmodels():
    row = load_statsmodels("statecrime").rows[0]
    assert row["state"] == "Alabama"


def test_statsmodels_fair():
    table = load_statsmodels("fair")
    assert len(table.rows) == 6366  # statsmodels documentation, "Fair's Affairs dataset"
    assert table.columns[0] == "rate_marriage"


def test_missing_values_become_null_and_dates_a_column():
    table = load_statsmodels("co2")
    assert table.columns == ("index", "co2")
    assert table.rows[0] == {"index": "1958-03-29T00:00:00", "co2": 316.1}
    assert sum(row["co2"] is None for row in table.rows) == 59  # pandas: co2.load_pandas().data.isna().sum()


@pytest.mark.parametrize(
    ("load", "name", "near"),
    [(load_sklearn, "irs", "iris"), (load_statsmodels, "Fairs", "fair"), (load_statsmodels, "tests", "")],
)
def test_a_name_that_is_not_there(load, name, near):
    with pytest.raises(DatasetError, match=f"no data set '{name}'") as caught:
        load(name)
    assert caught.value.code == "unavailable_dataset"
    assert f"Did you mean '{near}'?" in str(caught.value) or not near


@pytest.mark.parametrize(
    ("load", "name", "module", "package"),
    [
        (load_sklearn, "iris", "sklearn.datasets", "scikit-learn"),
        (load_statsmodels, "fair", "statsmodels.datasets", "statsmodels"),
    ],
)
def test_without_the_package_the_error_says_what_to_type(monkeypatch, load, name, module, package):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(DatasetError, match=f"type: pip install {package}") as caught:
        load(name)
    assert (caught.value.code, caught.value.details) == ("missing_package", {"package": package})
