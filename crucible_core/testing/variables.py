"""Variables of the environment that a stage asks for by name, and what they might be elsewhere."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crucible_core.testing.recorded_calls import Calls

_OF_THE_MACHINE = re.compile(
    r"PATH|HOME|SHELL|TERM|LANG|LC_|PYTHON|LD_|DYLD_|TMP|TEMP|USER|LOGNAME|PWD|XDG_|DISPLAY|SSH_|CI$|NO_COLOR|COLUMNS|TZ$"
    r"|OMP_|MKL_|OPENBLAS_|CUDA|ROCR?_|HIP_|TORCH|TF_|JAX_|HF_|TRANSFORMERS_|TOKENIZERS_|NUMBA_|MPL|CRUCIBLE_|COVERAGE"
    r"|.*(KEY|TOKEN|SECRET|PASSWORD|CREDENTIAL|AUTH|PROXY|DEBUG|VERBOSE|LOG|CACHE|_DIR|_HOME|_PATH|_ROOT|THREADS|URL|HOST)"
)
"""Names of what belongs to the machine or the user: where things are, how loud they are, who one is."""
_ELSEWHERE = "7"
"""What a variable is elsewhere: a text that is a number."""


def worth_varying(calls: Iterable[Calls], packages: Collection[str]) -> list[str]:
    """Return the names that code of these packages asked for by themselves, and on which no result may depend."""
    asked = {name for each in calls for name in each.variables(packages)}
    return sorted(name for name in asked if not _OF_THE_MACHINE.match(name.upper()))


@contextlib.contextmanager
def set_elsewhere(names: Iterable[str]) -> Iterator[None]:
    """Let these be otherwise meanwhile."""
    before = {name: os.environ.get(name) for name in names}
    os.environ.update({name: _ELSEWHERE if held != _ELSEWHERE else "8" for name, held in before.items()})
    try:
        yield
    finally:
        for name, held in before.items():
            if held is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = held
