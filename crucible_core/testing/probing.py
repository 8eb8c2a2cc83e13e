"""By what kind of expression code asks an object for something."""

from __future__ import annotations

import dis
from bisect import bisect_right
from types import CodeType, FrameType

_CALL = "CALL"
_ASKING = ("hasattr", "getattr")
_NAMES = frozenset({"LOAD_GLOBAL", "LOAD_NAME", "LOAD_DEREF", "LOAD_FAST"})

_KNOWN: dict[tuple[CodeType, int], bool] = {}


def is_probing(frame: FrameType) -> bool:
    """Tell whether a frame is at a call of ``hasattr``."""
    key = frame.f_code, frame.f_lasti
    if key not in _KNOWN:
        _KNOWN[key] = _probes(*key)
    return _KNOWN[key]


def is_subscript(frame: FrameType) -> bool:
    """Tell whether a frame is at ``[...]``, and not at a call of a function that looks something up by itself."""
    instructions = list(dis.get_instructions(frame.f_code))
    index = bisect_right([each.offset for each in instructions], frame.f_lasti) - 1
    return instructions[index].opname.startswith(("BINARY_SUBSCR", "BINARY_OP", "CONTAINS_OP"))


def _probes(code: CodeType, at: int) -> bool:
    instructions = list(dis.get_instructions(code))
    index = bisect_right([each.offset for each in instructions], at) - 1
    if not instructions[index].opname.startswith(_CALL):
        return False
    before = (each.argval for each in reversed(instructions[:index]) if each.opname in _NAMES)
    return next((name for name in before if name in _ASKING), None) == "hasattr"
