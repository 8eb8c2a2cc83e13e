"""Build every distribution, install the wheels into a fresh environment, and run their tests from outside the repository.

In place a test may find a file that the wheel lacks, or import the package from the working directory; here it cannot.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import venv
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DISTRIBUTIONS = [ROOT, *sorted(ROOT.glob("plugins/*")), *sorted(ROOT.glob("contrib/*"))]
TESTS = "/tests?/"
EXTRAS = {
    "crucible_core": "[postgres]",
    "crucible_datasets": "[sklearn,statsmodels,parquet,hub]",
    "crucible_train": "[lora]",
}


def main(scratch: Path, pytest_arguments: list[str]) -> int:
    """Build, install, test; return pytest's exit code."""
    shutil.rmtree(scratch, ignore_errors=True)
    with ThreadPoolExecutor() as pool:
        wheels = list(pool.map(lambda each: build(each, scratch / "dist" / each.name), DISTRIBUTIONS))
    for wheel in wheels:
        check_contents(wheel)
    python = environment(scratch / "venv", wheels)
    outside = copy_tests(scratch / "outside")
    command = [python, "-m", "pytest", "-n", "2", "--dist", "worksteal", *pytest_arguments]
    return subprocess.run(command, cwd=outside, check=False).returncode


def build(distribution: Path, target: Path) -> Path:
    """Build the wheel of one distribution, from its source archive as an index would."""
    run(sys.executable, "-m", "build", "--outdir", target, distribution)
    (wheel,) = target.glob("*.whl")
    return wheel


def check_contents(wheel: Path) -> None:
    """Refuse a wheel that holds anything but its one package, lacks the typed marker or the licence."""
    names = zipfile.ZipFile(wheel).namelist()
    package = wheel.name.partition("-")[0]
    strays = [name for name in names if not name.startswith((f"{package}/", f"{package}-"))]
    missing = [each for each in (f"{package}/py.typed", "LICENSE") if not any(name.endswith(each) for name in names)]
    if strays or missing:
        sys.exit(f"{wheel.name}: unexpected {strays}, missing {missing}")


def environment(folder: Path, wheels: list[Path]) -> Path:
    """Make an environment with the wheels and what the tests need."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    named = [f"{wheel}{EXTRAS.get(wheel.name.partition('-')[0], '')}" for wheel in wheels]
    install = [python, "-m", "pip", "install", "-q", "--no-compile", "-c", ROOT / "constraints.txt"]
    run(*install, "-r", ROOT / "tests/requirements.txt", *named)
    compiled = [python, "-m", "compileall", "-qq", "-j", "0", "-x", TESTS, folder / "lib"]  # as in tox.ini, and why
    subprocess.run(compiled, check=False)  # a package may hold files that are not for this Python
    run(python, "-m", "pip", "check")
    return python


def copy_tests(folder: Path) -> Path:
    """Copy tests and what they read, but no package, to a place outside the repository."""
    for name in ("tests", "examples", "docs"):
        shutil.copytree(ROOT / name, folder / name)
    for distribution in DISTRIBUTIONS[1:]:
        place = folder / distribution.relative_to(ROOT)
        shutil.copytree(distribution / "tests", place / "tests")
        for name in ("pyproject.toml", "README.md"):
            shutil.copy(distribution / name, place / name)
    for path in ROOT.iterdir():
        if path.is_file() and not path.name.startswith("."):
            shutil.copy(path, folder / path.name)
    shutil.copytree(ROOT / ".ci", folder / ".ci")
    return folder


def run(*command: object) -> None:
    """Run a command; its failure is ours."""
    subprocess.run([str(each) for each in command], check=True)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve(), sys.argv[2:]))
