"""What is known of a run from its beginning, and how it is said on its spans."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from crucible_otel.attributes import Attributes, flattened, text_of
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
    """

    pipeline: str
    run_id: str
    identity: RunIdentity
    manifest: Mapping[str, Any]
    resumed: bool
    _stages: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, start: Event) -> RunFacts:
        """Return what a ``run_start`` says."""
        manifest: Mapping[str, Any] = start.payload.get("manifest") or {}
        return cls(
            text_of(start.experiment_id),
            text_of(start.run_id),
            RunIdentity.of(start.experiment_id, start.run_id, manifest),
            manifest,
            bool(start.payload.get("resumed")),
            {stage["id"]: stage for stage in manifest.get("stages", ())},
        )

    @property
    def directory(self) -> Path | None:
        """Where the run is recorded; None where it is not."""
        recorded = self.manifest.get("output_dir")
        return Path(recorded).absolute() if recorded else None

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
        return {
            **flattened("process.pid", self._process.get("pid")),
            **flattened("process.command_args", taken_up.get("command")),
            **flattened("host.name", self._process.get("host")),
        }

    def run_attributes(self, *, resumed: bool) -> Attributes:
        """Return what the spans of the run say of it, whichever process it was that made them."""
        manifest = self.manifest
        return {
            PIPELINE: self.pipeline,
            RUN_ID: self.run_id,
            "cicd.pipeline.action.name": "RUN",
            "crucible.run.resumed": resumed,
            **flattened("cicd.pipeline.run.url.full", self._url("")),
            **flattened("crucible.version", manifest.get("crucible_version")),
            **flattened("crucible.run.seed", manifest.get("seed")),
            **flattened("crucible.run.description", manifest.get("description") or None),
            **flattened("crucible.run.tags", manifest.get("tags") or None),
            **flattened("crucible.params", manifest.get("params") or {}, limit=32),
            **flattened("crucible.git.dirty", (manifest.get("git") or {}).get("dirty")),
            **flattened("vcs.ref.head.revision", (manifest.get("git") or {}).get("revision")),
        }

    def stage_attributes(self, stage: str, attempt: int | None, seq: int) -> Attributes:
        """Return the attributes of the span of an attempt, or of a skipped stage, that begins with this event."""
        about = self._stages.get(stage, {})
        return {
            TASK: text_of(stage),
            "cicd.pipeline.task.run.id": text_of(stage if attempt is None else f"{stage}#{attempt}"),
            **flattened("cicd.pipeline.task.run.url.full", self._url(f"/telemetry.jsonl#L{seq}")),
            **flattened("crucible.stage.attempt", attempt),
            **flattened("crucible.stage.name", about.get("name")),
            **flattened("crucible.stage.version", about.get("version")),
            **flattened("crucible.stage.distribution", about.get("distribution")),
        }

    @property
    def _process(self) -> Mapping[str, Any]:
        return self.manifest.get("process") or {}

    def _url(self, within: str) -> str | None:
        """Return the URL of something in the run's directory, on the host that ran it."""
        if self.directory is None:
            return None
        return f"file://{self._process.get('host') or ''}{quote(str(self.directory))}{within}"


def resumes_in(manifest: Mapping[str, Any]) -> int:
    """Return how often a run with this manifest was taken up again."""
    return len(manifest.get("resumes") or ())
