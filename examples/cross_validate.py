"""A stage of your own, next to the experiment that uses it: cross-validate classifiers, one row of results an item."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from crucible_core import Stage, StageError, StageOptions, Traits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crucible_core import Context, Dataset


class CrossValidate(Stage):
    """Train each classifier on all folds but one and predict that one, for every fold."""

    name = "cross_validate"
    version = "1.0.0"
    reads = ("assigns.dataset",)
    writes = ("outputs", "metrics.{id}")
    errors = {
        "no_folds": "The dataset is not split into folds.",
        "unknown_classifier": "No classifier has this name.",
    }
    traits = Traits(determinism="seeded")

    class Options(StageOptions):
        """What to train."""

        classifiers: Annotated[list[str], Field(min_length=1, description="logistic_regression, tree, forest.")]
        target: Annotated[str, Field(description="Column to predict; all other numbers are features.")] = "target"

    def run(self, context: Context, options: Any) -> Context:
        """Add a row for each item and classifier to the outputs, and the accuracies to the metrics.

        Raises:
            StageError: See ``errors``.
        """
        dataset = context.assigns["dataset"]
        folds = [name for name in dataset.splits if name.startswith("fold-")]
        if not folds:
            raise StageError("no_folds", "load the dataset with split: kfold")
        rows = []
        for done, name in enumerate(options.classifiers, start=1):
            rows += list(_predictions(dataset, folds, name, options.target, context.runtime.seed))
            context.runtime.progress(done, len(options.classifiers))
        accuracy = {name: _mean(row["score"] for row in rows if row["model"] == name) for name in options.classifiers}
        return context.add_outputs(rows).put_metric(context.runtime.stage_id, {"accuracy": accuracy})


def _predictions(dataset: Dataset, folds: list[str], name: str, target: str, seed: int) -> Iterator[dict[str, Any]]:
    import numpy as np

    features = [key for key, value in dataset.rows[0].items() if key != target and isinstance(value, (int, float))]
    x = np.array([[row[key] for key in features] for row in dataset.rows])
    y = np.array([row[target] for row in dataset.rows])
    for fold in folds:
        test = np.array(dataset.splits[fold])
        train = np.setdiff1d(np.arange(len(y)), test)
        predicted = _classifier(name, seed).fit(x[train], y[train]).predict(x[test])
        for index, prediction in zip(test.tolist(), predicted.tolist(), strict=True):
            truth = y[index].item()
            yield {"id": index, "model": name, "target": truth, "prediction": prediction, "score": truth == prediction}


def _classifier(name: str, seed: int) -> Any:
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.tree import DecisionTreeClassifier

    known = {
        "logistic_regression": lambda: make_pipeline(StandardScaler(), LogisticRegression()),
        "tree": lambda: DecisionTreeClassifier(random_state=seed),
        "forest": lambda: RandomForestClassifier(n_estimators=50, random_state=seed),
    }
    if name not in known:
        raise StageError("unknown_classifier", f"no classifier {name!r}; there are: {', '.join(known)}")
    return known[name]()


def _mean(scores: Iterator[bool]) -> float:
    listed = list(scores)
    return sum(listed) / len(listed)
