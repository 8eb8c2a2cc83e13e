"""Which rows each split holds."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from crucible_datasets import DatasetError, split_indices
from crucible_datasets.packages import load_sklearn
from crucible_datasets.splits import random_order

ROWS = [{"n": n, "group": "ab"[n % 3 == 0], "part": ["train", "test"][n % 2]} for n in range(30)]


# sorted(range(12), key=...) by the first twelve numbers of random.Random(0): .844 .758 .421 .259 .511 .405 .784 .303
# .477 .583 .908 .505
PUBLISHED_ORDER = [3, 7, 5, 2, 8, 11, 4, 9, 1, 6, 0, 10]


def counts(rows, indices, column):
    return Counter(rows[index][column] for index in indices)


def test_none():
    assert split_indices(ROWS, "none", rng=Random(0)) == {}


def test_given_by_the_values_of_a_column():
    splits = split_indices(ROWS, "given", rng=Random(0), split_column="part")
    assert splits == {"train": tuple(range(0, 30, 2)), "test": tuple(range(1, 30, 2))}


def test_given_by_values_that_are_no_text():
    rows = [{"s": value} for value in (1, True, 1, 0.5)]
    assert split_indices(rows, "given", rng=Random(0), split_column="s") == {"1": (0, 2), "true": (1,), "0.5": (3,)}


def test_random_holds_every_row_once():
    splits = split_indices(ROWS, "random", rng=Random(0), sizes={"train": 0.7, "validation": 0.2, "test": 0.1})
    assert {name: len(indices) for name, indices in splits.items()} == {"train": 21, "validation": 6, "test": 3}
    assert sorted(index for indices in splits.values() for index in indices) == list(range(30))
    assert all(list(indices) == sorted(indices) for indices in splits.values())


def test_random_defaults_to_four_fifths_and_one():
    splits = split_indices(ROWS, "random", rng=Random(0))
    assert {name: len(indices) for name, indices in splits.items()} == {"train": 24, "test": 6}


def test_counts_leave_rows_in_no_split():
    splits = split_indices(ROWS, "random", rng=Random(0), sizes={"few": 5})
    assert [len(indices) for indices in splits.values()] == [5]


@pytest.mark.parametrize("method", ["random", "kfold"])
def test_the_same_seed_gives_the_same_split_and_another_one_another(method):
    first, again, other = (split_indices(ROWS, method, rng=Random(seed)) for seed in (1, 1, 2))
    assert first == again != other


def test_splits_that_were_published_stay_what_they_are():
    """Results rest on these draws: a change of them is a breaking change."""
    rows = [{"y": "abb"[n % 3]} for n in range(12)]
    assert random_order(12, Random(0)) == PUBLISHED_ORDER
    assert split_indices(rows, "random", rng=Random(0), sizes={"test": 4}) == {
        "test": tuple(sorted(PUBLISHED_ORDER[:4]))
    }


def test_stratified_iris_has_every_species_in_proportion():
    """As sklearn.model_selection.train_test_split(stratify=...) has it: 40 and 10 of each species."""
    rows = load_sklearn("iris").rows
    splits = split_indices(rows, "stratified", rng=Random(0), stratify_by="target_name")
    assert set(counts(rows, splits["train"], "target_name").values()) == {40}
    assert set(counts(rows, splits["test"], "target_name").values()) == {10}


def test_stratified_agrees_with_scikit_learn_on_unequal_classes():
    from sklearn.model_selection import train_test_split

    rows = load_sklearn("breast_cancer").rows
    splits = split_indices(rows, "stratified", rng=Random(0), stratify_by="target", sizes={"train": 0.75, "test": 0.25})
    targets = [row["target"] for row in rows]
    _, theirs = train_test_split(targets, test_size=len(splits["test"]), stratify=targets, random_state=0)
    ours = counts(rows, splits["test"], "target")
    assert all(abs(ours[target] - count) <= 1 for target, count in Counter(theirs).items())


def test_null_is_a_stratum_of_its_own():
    rows = [{"y": None if n < 10 else 1} for n in range(20)]
    splits = split_indices(rows, "stratified", rng=Random(0), stratify_by="y")
    assert counts(rows, splits["test"], "y") == {None: 2, 1: 2}


@pytest.mark.parametrize("folds", [2, 3, 7, 30])
def test_fold_sizes_are_those_of_scikit_learn(folds):
    from sklearn.model_selection import KFold

    splits = split_indices(ROWS, "kfold", rng=Random(0), folds=folds)
    assert list(splits) == [f"fold-{fold}" for fold in range(folds)]
    assert sorted(index for indices in splits.values() for index in indices) == list(range(30))
    assert [len(each) for each in splits.values()] == [len(test) for _, test in KFold(folds).split(ROWS)]


@pytest.mark.parametrize("name", ["iris", "wine", "breast_cancer", "digits"])
@pytest.mark.parametrize("folds", [3, 5, 10])
def test_stratified_folds_hold_the_counts_of_scikit_learn(name, folds):
    from sklearn.model_selection import StratifiedKFold

    rows = load_sklearn(name).rows
    targets = [row["target"] for row in rows]
    splits = split_indices(rows, "kfold", rng=Random(0), folds=folds, stratify_by="target")
    theirs = [Counter(targets[index] for index in test) for _, test in StratifiedKFold(folds).split(rows, targets)]
    ours = [counts(rows, indices, "target") for indices in splits.values()]
    for target in set(targets):
        assert sorted(each[target] for each in ours) == sorted(each[target] for each in theirs)


@pytest.mark.parametrize(
    ("method", "options", "code", "said"),
    [
        ("given", {}, "inconsistent_options", "split given needs `split_column`"),
        ("stratified", {}, "inconsistent_options", "split stratified needs `stratify_by`"),
        (
            "random",
            {"split_column": "part"},
            "inconsistent_options",
            "`split_column` applies to split given, not to random",
        ),
        ("random", {"stratify_by": "group"}, "inconsistent_options", "stratified or kfold, not to random"),
        ("kfold", {"sizes": {"a": 0.5}}, "inconsistent_options", "`sizes` applies to split random or stratified"),
        ("none", {"folds": 3}, "inconsistent_options", "`folds` applies to split kfold"),
        ("given", {"split_column": "parts"}, "unknown_column", "split_column names the column 'parts'"),
        ("given", {"split_column": ""}, "unknown_column", "split_column names the column ''"),
        ("kfold", {"stratify_by": "groop"}, "unknown_column", "Did you mean 'group'"),
        ("given", {"split_column": "gap"}, "missing_split_value", "row 2 (counted from 0)"),
        ("kfold", {"folds": 31}, "too_few_rows", "31 folds need at least 31 rows, there are 30"),
        ("random", {"sizes": {"a": 31}}, "too_few_rows", "ask for 31 rows, there are 30"),
        (
            "stratified",
            {"stratify_by": "n"},
            "small_stratum",
            "stratum '0' of column 'n' has 1 rows, fewer than the 2 splits",
        ),
        (
            "kfold",
            {"stratify_by": "rare"},
            "small_stratum",
            "stratum 'yes' of column 'rare' has 3 rows, fewer than the 5",
        ),
        ("stratified", {"stratify_by": "group", "sizes": {"a": 40}}, "too_few_rows", "ask for 40 rows"),
    ],
)
def test_what_cannot_be_split(method, options, code, said):
    rows = [{**row, "gap": None if row["n"] == 2 else "x", "rare": "yes" if row["n"] < 3 else "no"} for row in ROWS]
    with pytest.raises(DatasetError) as caught:
        split_indices(rows, method, rng=Random(0), **options)
    assert caught.value.code == code
    assert said in str(caught.value)


@pytest.mark.parametrize(("method", "options"), [("bootstrap", {}), ("kfold", {"folds": 1})])
def test_what_no_split_is_made_by(method, options):
    with pytest.raises(DatasetError, match=r"`split` is 'bootstrap'|at least 2") as caught:
        split_indices(ROWS, method, rng=Random(0), **options)
    assert caught.value.code == "bad_option"
