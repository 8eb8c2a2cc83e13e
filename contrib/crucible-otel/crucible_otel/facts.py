"""What is known of a run from its beginning, and how it is said on its spans."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from crucible_otel.attributes import Attributes, flattened, text_of, told
from crucible_otel.identity import RunIdentity
from crucible_otel.measures import PIPELINE, RUN_ID, TASK

if TYPE_CHECKING:
    from crucible_core import Event


@dataclass(frozen=True)
class RunFacts:
    """The facts of one run.

    Args:
        pipeline: Id of the experiment, as spans and metrics say it.
        run_id: Id of the run, likewise.
        identity: What its trace is found by.
        manifest: Its manifest when it began, or went on.
        resumed: Whether it went on.
        directory: Where it is recorded; None where it is not.
    """

    pipeline: str
    run_id: str
    identity: RunIdentity
    manifest: Mapping[str, Any]
    resumed: bool
    directory: Path | None
    _stages: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    _url: str = ""

    @classmethod
    def of(cls, start: Event) -> RunFacts:
        """Return what a ``run_start`` says."""
        manifest: Mapping[str, Any] = start.payload.get("manifest") or {}
        recorded = manifest.get("output_dir")
        directory = Path(recorded).absolute() if recorded else None
        return cls(
            text_of(start.experiment_id),
            text_of(start.run_id),
            RunIdentity.of(start.experiment_id, start.run_id, manifest),
            manifest,
            bool(start.payload.get("resumed")),
            directory,
            {stage["id"]: stage for stage in manifest.get("stages", ())},
            f"file://{_process(manifest).get('host') or ''}{quote(str(directory))}" if directory else "",
        )

    def where(self, stage: str) -> dict[str, str]:
        """Return what metrics of a stage are told apart by."""
        return {PIPELINE: self.pipeline, TASK: text_of(stage)}

    @property
    def resumes(self) -> int:
        """How often the run was taken up again."""
        return resumes_in(self.manifest)

    def process_attributes(self) -> Attributes:
        """Return what the run's span says of the process; of the command line as it is recorded, without secrets."""
        taken_up: Mapping[str, Any] = (self.manifest.get("resumes") or [self.manifest])[-1]
        process = _process(self.manifest)
        return {
            **told({"process.pid": process.get("pid"), "host.name": process.get("host")}),
            **flattened("process.command_args", taken_up.get("command")),
        }

    def run_attributes(self, *, resumed: bool) -> Attributes:
        """Return what the spans of the run say of it, whichever process it was that made them."""
        manifest = self.manifest
        git = manifest.get("git") or {}
        return {
            PIPELINE: self.pipeline,
            RUN_ID: self.run_id,
            "cicd.pipeline.action.name": "RUN",
            "crucible.run.resumed": resumed,
            **told(
                {
                    "cicd.pipeline.run.url.full": self._url or None,
                    "crucible.version": manifest.get("crucible_version"),
                    "crucible.run.seed": manifest.get("seed"),
                    "crucible.run.description": manifest.get("description") or None,
                    "crucible.git.dirty": git.get("dirty"),
                    "vcs.ref.head.revision": git.get("revision"),
                }
            ),
            **flattened("crucible.run.tags", manifest.get("tags") or None),
            **flattened("crucible.params", manifest.get("params") or None, limit=32),
        }

    def stage_attributes(self, stage: str, attempt: int | None, seq: int) -> Attributes:
        """Return the attributes of the span of an attempt, or of a skipped stage, that begins with this event."""
        about = self._stages.get(stage, {})
        return told(
            {
                TASK: stage,
                "cicd.pipeline.task.run.id": stage if attempt is None else f"{stage}#{attempt}",
                "cicd.pipeline.task.run.url.full": f"{self._url}/telemetry.jsonl#L{seq}" if self._url else None,
                "crucible.stage.attempt": attempt,
                "crucible.stage.name": about.get("name"),
                "crucible.stage.version": about.get("version"),
                "crucible.stage.distribution": about.get("distribution"),
            }
        )


def resumes_in(manifest: Mapping[str, Any]) -> int:
    """Return how often a run with this manifest was taken up again."""
    return len(manifest.get("resumes") or ())


def _process(manifest: Mapping[str, Any]) -> Mapping[str, Any]:
    return manifest.get("process") or {}
