"""Fill a directory with the metadata of many installed distributions, some of them plugins with stages."""

from __future__ import annotations

from pathlib import Path

_STAGES = '''"""Stages of a generated plugin."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from crucible_core import Stage, StageOptions
'''

_STAGE = '''

class Stage{index}(Stage):
    """Say how much CPU time this process has used when it begins."""

    name = "{name}"
    version = "1.0.0"
    writes = ("metrics.{{id}}",)

    class Options(StageOptions):
        """Options of the usual kinds."""

        alpha: Annotated[float, Field(gt=0, lt=1, description="A level.")] = 0.05
        method: Annotated[Literal["exact", "fast"], Field(description="How.")] = "fast"
        columns: Annotated[tuple[str, ...], Field(description="Which.")] = ()

    def run(self, context, options):
        """Print the CPU time, then write a metric."""
        import time

        print(time.process_time(), flush=True)
        return context.put_metric(context.runtime.stage_id, {{"alpha": options.alpha}})
'''


def stage_name(plugin: int, stage: int) -> str:
    """Return the name of a generated stage."""
    return f"made_{plugin:03}_{stage}"


def write_distributions(directory: Path, *, plugins: int, stages: int, others: int) -> None:
    """Write ``plugins`` plugins of ``stages`` stages each and ``others`` distributions that are none.

    Each has the files that an installer leaves. Half of the others have a console script.
    """
    for number in range(plugins):
        names = [stage_name(number, index) for index in range(stages)]
        distribution, package = f"made-plugin-{number:03}", f"made_plugin_{number:03}"
        lines = [f"{name} = {package}.stages:Stage{index}" for index, name in enumerate(names)]
        _write_metadata(directory, distribution, "\n".join(["[crucible.stages]", *lines, ""]))
        (directory / package).mkdir()
        (directory / package / "__init__.py").write_text('"""A generated plugin."""\n')
        code = "".join(_STAGE.format(index=index, name=name) for index, name in enumerate(names))
        (directory / package / "stages.py").write_text(_STAGES + code)
    for number in range(others):
        script = f"[console_scripts]\nother-{number} = other_{number:03}:main\n" if number % 2 else None
        _write_metadata(directory, f"other-{number:03}", script)


def _write_metadata(directory: Path, distribution: str, entry_points: str | None) -> None:
    home = directory / f"{distribution.replace('-', '_')}-1.0.0.dist-info"
    home.mkdir(parents=True)
    description = "A paragraph of the description that everybody's METADATA carries along. " * 80
    (home / "METADATA").write_text(
        f"Metadata-Version: 2.4\nName: {distribution}\nVersion: 1.0.0\nSummary: Generated for a benchmark.\n"
        f"Requires-Python: >=3.11\nRequires-Dist: crucible-core>=0.1\n\n{description}\n"
    )
    (home / "WHEEL").write_text("Wheel-Version: 1.0\nGenerator: benchmark\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    (home / "RECORD").write_text(f"{home.name}/METADATA,,\n{home.name}/WHEEL,,\n{home.name}/RECORD,,\n")
    (home / "INSTALLER").write_text("pip\n")
    if entry_points is not None:
        (home / "entry_points.txt").write_text(entry_points)
