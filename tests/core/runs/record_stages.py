"""Stages whose traces in a record the tests look for; named in specs as ``record_stages:Class``."""

from __future__ import annotations

import base64
import html
import json
from typing import Annotated, Any
from urllib.parse import quote, quote_plus

from pydantic import Field, SecretStr

from crucible_core import (
    Context,
    Dataset,
    DatasetManifest,
    Figure,
    Spec,
    Stage,
    StageError,
    StageOptions,
    Table,
    Text,
    Verdict,
)

REASONING = ("hypothesis_formed", "alternative_considered", "pattern_applied", "constraint_evaluated")


class Everything(Stage):
    """Leave one of each kind of event."""

    name = "everything"
    version = "1.2.3"
    writes = ("metrics.{id}", "assigns.dataset")

    class Options(StageOptions):
        accuracy: float = 0.9
        unbounded: bool = False
        passes: bool = True

    def run(self, context: Context, options: Any) -> Context:
        runtime = context.runtime
        runtime.log_metric("loss", float("inf"), step=1)
        runtime.log("a word", level="warning", place=object)
        runtime.emit("my_plugin.epoch", number=1, tags={"b"})
        runtime.decide("use the mean", "it is robust", ["use the median"], confidence=0.5)
        for kind in REASONING:
            runtime.decide("something", "for a reason", kind=kind)
        path = runtime.artifact_path("weights/best.bin")
        path.write_bytes(b"best")
        runtime.checkpoint("best", path)
        manifest = DatasetManifest(source="here", sha256="0" * 64, rows=1, columns=("a",), split={"name": "all"})
        context = context.assign(dataset=Dataset([{"a": 1}], manifest))
        context = context.put_verdict(Verdict("Is it good?", options.passes, "It is measured.", (0.5, float("inf"))))
        accuracy = float("inf") if options.unbounded else options.accuracy
        return context.put_metric(runtime.stage_id, {"accuracy": accuracy, "spread": float("nan")})


class Crash(Stage):
    """Fail in a way nobody foresaw."""

    name = "crash"
    version = "1.0.0"

    def run(self, context: Context, options: Any) -> Context:
        raise ZeroDivisionError("nobody foresaw this")


class Refuse(Stage):
    """Fail in a foreseen way."""

    name = "refuse"
    version = "1.0.0"
    errors = {"too_cold": "It is too cold."}

    def run(self, context: Context, options: Any) -> Context:
        raise StageError("too_cold", "it is too cold; heat", degrees=float("-inf"))


class Interrupted(Stage):
    """Be interrupted, as by Ctrl-C."""

    name = "interrupted"
    version = "1.0.0"

    def run(self, context: Context, options: Any) -> Context:
        raise KeyboardInterrupt


class Look(Stage):
    """Keep what the record says while the run goes on."""

    name = "look"
    version = "1.0.0"
    writes = ("assigns.seen",)

    def run(self, context: Context, options: Any) -> Context:
        return context.assign(seen=context.runtime.record())


class Meddle(Stage):
    """Change what the record says."""

    name = "meddle"
    version = "1.0.0"

    def run(self, context: Context, options: Any) -> Context:
        record: Any = context.runtime.record()
        record["status"] = "meddled with"
        record["stages"][0]["name"] = "meddled with"
        return context


class Vanish(Stage):
    """Leave a file that nobody can read, a link to nothing and a good file."""

    name = "vanish"
    version = "1.0.0"

    def run(self, context: Context, options: Any) -> Context:
        path = context.runtime.artifact_path("gone")
        path.symlink_to(path.parent / "nothing")
        context.runtime.artifact_path("unreadable").symlink_to("/proc/self/mem")
        context.runtime.artifact_path("good").write_text("good")
        return context


class Talk(Stage):
    """Repeat its secrets wherever a stage can say something."""

    name = "talk"
    version = "1.0.0"
    section = "backend"
    writes = ("metrics.{id}", "assigns.said", "assigns.keys", "artifacts.said", "outputs")
    errors = {"too_open": "It says too much."}

    class Options(StageOptions):
        endpoint_url: SecretStr | None = None
        deployment_id: Annotated[str, Spec("secret"), Field(description="A token.")] = ""
        by_name: Annotated[dict[str, str], Spec({"map": ["string", "secret"]})] = {}
        ending: str = ""
        keys: bool = False

    def run(self, context: Context, options: Any) -> Context:
        key = options.endpoint_url.get_secret_value() if options.endpoint_url else ""
        said = f"{key} and {options.deployment_id} and {sorted(options.by_name.values())}"
        runtime = context.runtime
        runtime.log(f"using {said}", key=key, keys=dict(options.by_name))
        runtime.decide(f"use {said}", said, [said])
        runtime.emit("my_plugin.said", said=said, options=options)
        context = context.put_verdict(Verdict(f"Is {said} good?", True, said))
        if options.ending == "crash":
            raise RuntimeError(f"401 for {said!r}")
        if options.ending == "refuse":
            raise StageError("too_open", said, said=said)
        context = context.assign(said={"deep": [said] * 600}, keys=(key,)).put_artifact("said", Text(said))
        context = context.add_outputs([{"id": 1, "output": said}])
        return context.put_metric(runtime.stage_id, {"said": said})


class Quote(Stage):
    """Put a secret, as other programs would write it, into everything that a report shows, and fail if told to."""

    name = "quote"
    version = "1.0.0"
    writes = ("metrics.{id}", "assigns.said", "artifacts.said", "outputs")
    errors = {"told_to_fail": "It is told to."}

    class Options(StageOptions):
        key: SecretStr
        keys: list[str] = []
        fail: bool = False

    def run(self, context: Context, options: Any) -> Context:
        key = options.key.get_secret_value()
        said = {name: form(key) for name, form in QUOTED.items()}
        text = " ".join(said.values())
        if options.fail:
            raise StageError("told_to_fail", f"cannot reach https://{text}", said=said)
        parts = [
            Table(["a"], [[key]], f"T {text}"),
            Text(f"*{text}*", key),
            Figure(f"<svg>{html.escape(key)}</svg>", key, text),
        ]
        context = context.put_metric(context.runtime.stage_id, said).assign(said=said).put_artifact("said", parts)
        return context.add_output({"id": key, "said": text}).put_verdict(Verdict(f"{key}?", True, text))


QUOTED = {
    "plain": str,
    "json": json.dumps,
    "json in json": lambda key: json.dumps(json.dumps({"key": key})),
    "html": html.escape,
    "address": quote,
    "form": quote_plus,
    "hex": lambda key: key.encode().hex(),
    "basic authentication": lambda key: base64.b64encode(f"user:{key}".encode()).decode(),
    "base64": lambda key: base64.urlsafe_b64encode(key.encode()).decode(),
}
