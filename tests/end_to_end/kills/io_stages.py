"""Stages that read and write: what runs are made of whose process is killed; named as ``io_stages:Grow``."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

from crucible_core import Context, Figure, Stage, StageOptions, Verdict


class Grow(Stage):
    """Write files, values, rows, metrics and words that depend on all there was before."""

    name = "grow"
    version = "1.0.0"
    reads = ("assigns.log",)
    may_read = ("assigns.grown", "outputs", "metrics.*")
    writes = ("metrics.{id}", "assigns.grown", "artifacts.{id}", "outputs")

    class Options(StageOptions):
        size: int = 200

    def run(self, context: Context, options: Any) -> Context:
        runtime = context.runtime
        log = os.open(context.assigns["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
        os.write(log, f"{runtime.stage_id}\n".encode())
        os.close(log)
        before: list[float] = context.assigns.get("grown", [])
        draw = runtime.rng()
        grown = [*before, *(draw.random() for _ in range(options.size))]
        path: Path = runtime.artifact_path("numbers.txt")
        with path.open("w", encoding="utf-8") as stream:
            for number in grown:
                stream.write(f"{number!r}\n")
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        runtime.artifact_path("deep/er/digest.txt").write_text(digest, encoding="utf-8")
        for step in range(5):
            runtime.log_metric("loss", draw.random(), step)
        runtime.decide(f"keep {digest[:6]}", "it is the only one")
        context = context.add_outputs({"id": f"{runtime.stage_id}-{n}", "score": draw.random()} for n in range(20))
        context = context.put_verdict(Verdict("Did it grow?", len(grown) > len(before), f"By {options.size}."))
        context = context.put_artifact(runtime.stage_id, Figure(svg=f"<svg>{digest}</svg>", title="t", alt="a"))
        seen = len(context.metrics)
        metrics = {"digest": digest, "rows": len(context.outputs), "seen": seen, "nan": float("nan")}
        return context.put_metric(runtime.stage_id, metrics).assign(grown=grown)
