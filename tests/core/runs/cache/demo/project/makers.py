"""Stages beside a spec: one that makes what others read, one that reads what they leave."""

import json
from pathlib import Path

from crucible_core import Dataset, DatasetManifest, Stage, StageOptions


class Make(Stage):
    """Read what data.json says into the context."""

    name = "make"
    version = "1.0.0"
    writes = ("assigns.data", "metrics.{id}", "outputs")
    may_write = ("assigns.frame",)

    class Options(StageOptions):
        """Its options."""

        kind: str = "plain"

    def run(self, context, options):
        """Read it."""
        given = json.loads(Path("data.json").read_text())
        context = context.assign(data=given["data"]).add_outputs(given["outputs"])
        if options.kind == "frame":
            import pandas as pd

            frame = pd.DataFrame(given["frame"]).astype(given["dtypes"])
            context = context.assign(frame=frame)
        if options.kind == "array":
            import numpy as np

            context = context.assign(frame=np.array(given["array"], dtype=given["dtype"]))
        if options.kind == "dataset":
            manifest = DatasetManifest("here", "0" * 64, len(given["rows"]), ("a", "b"))
            context = context.assign(frame=Dataset(given["rows"], manifest, {"test": [1]}))
        return context.put_metric("make", given["metric"])


class Note(Stage):
    """Write down what the stages before it left."""

    name = "note"
    version = "1.0.0"
    reads = ("assigns.scored",)

    def run(self, context, options):
        """Write it down."""
        left = {
            "scored": repr(context.assigns["scored"]),
            "file": Path(context.assigns["scored"]["file"]).read_text(),
            "metrics": repr({**context.metrics}),
            "outputs": repr(list(context.outputs)),
            "artifacts": repr({**context.artifacts}),
            "verdicts": repr(list(context.verdicts)),
        }
        context.runtime.artifact_path("left.json").write_text(json.dumps(left))
        return context
