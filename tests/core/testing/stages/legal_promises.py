"""Odd but legal stages: what they promise, and how they keep it."""

from __future__ import annotations

import dataclasses
import math
import os
from pathlib import Path

from adding import Adding, numbers
from pydantic import Field, SecretStr

from crucible_core import StageExample, StageOptions, Traits, Verdict


class ReadsWhatIsNamed(Adding):
    """Read files that an option and a row name, its own source, and what it wrote; set a variable and put it back."""

    traits = Traits(cacheable=True)

    class Options(StageOptions):
        table: Path = Field(Path("/etc/hostname"), description="A file whose size is added.")

    examples = (
        StageExample(
            "Sizes of files.", options={"table": "/etc/passwd"}, outputs=[{"value": 1.0, "file": "/etc/group"}]
        ),
        *(dataclasses.replace(each, options={}) for each in Adding.examples),
    )

    def run(self, context, options):
        files = [options.table, __file__, *(row["file"] for row in context.outputs if isinstance(row.get("file"), str))]
        sizes = [len(Path(file).read_bytes()) for file in files if Path(file).is_file()]
        kept = context.runtime.artifact_path("sizes.txt")
        kept.write_text(repr(sizes), encoding="utf-8")
        found = {"sizes": kept.read_text(encoding="utf-8"), "some": bool({**os.environ})}
        return context.put_metric(context.runtime.stage_id, {**found, "total": self.alone(numbers, context)})

    def alone(self, work, context):
        before = os.environ.get("ACME_THREADS", "1")
        os.environ["ACME_THREADS"] = "1"
        try:
            return sum(work(context))
        finally:
            os.environ["ACME_THREADS"] = before
            del os.environ["ACME_THREADS"]


class WritesWhereAnOptionSays(Adding):
    """Writes its metric where an option says, keeps a secret in what it hands on, and judges by half an interval."""

    writes = ("metrics.{into}", "assigns.client")

    class Options(StageOptions):
        into: str = Field("sums", description="Where the sum goes.", pattern="^[a-z]+$")
        key: SecretStr | None = Field(None, description="What opens the door.")

    examples = (
        StageExample("With a key.", options={"into": "here", "key": "xyz"}, outputs=Adding.examples[0].outputs),
        *Adding.examples,
    )

    def run(self, context, options):
        total = sum(numbers(context))
        context.runtime.progress(1, 1)
        context.runtime.log_metric("total", total)
        client = {"headers": {"key": options.key.get_secret_value() if options.key else ""}}
        verdict = Verdict("Is it below 100?", total < 100, f"it is {total}", (-math.inf, total))
        return context.put_metric(options.into, {"total": total}).assign(client=client).put_verdict(verdict)


LEGAL = [ReadsWhatIsNamed, WritesWhereAnOptionSays]
