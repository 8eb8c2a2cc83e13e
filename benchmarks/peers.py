"""Make an environment of its own for each peer, and one for Crucible: ``python benchmarks/peers.py [NAME ...]``."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from measure import CACHE

REPOSITORY = Path(__file__).resolve().parent.parent

PEERS = {
    "hamilton": ("apache-hamilton==1.90.0",),
    "joblib": ("joblib==1.6.0",),
    "kedro": ("kedro==1.7.0",),
    "luigi": ("luigi==3.8.1",),
    "dagster": ("dagster==1.13.29",),
    "metaflow": ("metaflow==2.19.39", "setuptools<81"),
    "mlflow": ("mlflow==3.17.2",),
    # as installed without pins, prefect 3.8.8 does not import: newer fastapi dropped an argument it passes
    "prefect": ("prefect==3.8.8", "fastapi==0.141.1", "SQLAlchemy<2.1"),
}

DATASETS = "contrib/crucible-datasets[sklearn,statsmodels,parquet]"


class PeerUnavailableError(Exception):
    """An environment that could not be made; the message says why."""


def peer_python(name: str, cache: Path = CACHE) -> Path:
    """Return the interpreter of a peer's environment, made when it is not there.

    Raises:
        PeerUnavailableError: It cannot be installed here.
    """
    home = cache / name
    done = home / "installed.txt"
    wanted = "\n".join(PEERS[name])
    if not done.exists() or done.read_text() != wanted:
        _install(home, PEERS[name])
        done.write_text(wanted)
    return home / "bin" / "python"


def crucible_python(cache: Path = CACHE) -> Path:
    """Return the interpreter of an environment with the core as it is in this repository now.

    Raises:
        PeerUnavailableError: It cannot be installed here.
    """
    home = cache / "crucible"
    if not (home / "bin" / "crucible").exists():
        _install(home, (str(REPOSITORY),))
    else:
        _pip(home, "--force-reinstall", "--no-deps", str(REPOSITORY))
    return home / "bin" / "python"


def kit_python(cache: Path = CACHE) -> Path:
    """Return the interpreter of an environment with the core and all plugins as they are in this repository now.

    Raises:
        PeerUnavailableError: It cannot be installed here.
    """
    home = cache / "kit"
    packages = (str(REPOSITORY), *map(str, sorted(REPOSITORY.glob("plugins/*"))), f"{REPOSITORY}/{DATASETS}")
    if not (home / "bin" / "crucible").exists():
        _install(home, ("-c", str(REPOSITORY / "constraints.txt"), *packages))
    else:
        _pip(home, "--force-reinstall", "--no-deps", *packages)
    return home / "bin" / "python"


def otel_python(cache: Path = CACHE) -> Path:
    """Return the interpreter of an environment with the core and crucible-otel as they are in this repository now.

    Raises:
        PeerUnavailableError: It cannot be installed here.
    """
    home, packages = cache / "otel", (str(REPOSITORY), f"{REPOSITORY}/contrib/crucible-otel")
    if not (home / "bin" / "crucible").exists():
        _install(home, ("-c", str(REPOSITORY / "constraints.txt"), *packages))
    else:
        _pip(home, "--force-reinstall", "--no-deps", *packages)
    return home / "bin" / "python"


def _install(home: Path, requirements: tuple[str, ...]) -> None:
    print(f"installing {' '.join(requirements)} into {home}", file=sys.stderr)
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(home)], check=True)
    _pip(home, *requirements)


def _pip(home: Path, *arguments: str) -> None:
    command: list[str | Path] = [home / "bin" / "python", "-m", "pip", "install", "--quiet", *arguments]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    if made.returncode:
        reason = next((line for line in reversed(made.stderr.splitlines()) if "ERROR" in line), made.stderr[-200:])
        raise PeerUnavailableError(f"pip cannot install {arguments[-1]}: {reason}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(PEERS)}  [default: all]")
    parser.add_argument("--cache", type=Path, default=CACHE)
    given = parser.parse_args()
    for name in given.names or PEERS:
        try:
            print(f"{name}: {peer_python(name, given.cache)}")
        except PeerUnavailableError as error:
            print(f"{name}: skipped, {error}")


if __name__ == "__main__":
    main()
