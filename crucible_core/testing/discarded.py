"""Whether the code that asks for a value throws it away at once, as its compiled form shows."""

from __future__ import annotations

import dis
from bisect import bisect_right
from types import CodeType, FrameType

_ASKS = frozenset({"LOAD_ATTR", "BINARY_SUBSCR"})
"""What asks for an attribute or an item, so that the next instruction has the value."""
_LOOKS_AT_ALL = frozenset({"locals", "vars", "eval", "exec", "dir"})
"""Names of what looks at variables that are not named."""

_KNOWN: dict[tuple[CodeType, int], bool] = {}


def is_discarded(frame: FrameType) -> bool:
    """Tell whether the value that a frame is about to get goes nowhere.

    It does when it is a statement of its own, or is put into a variable of the function that nothing ever looks at.
    """
    key = frame.f_code, frame.f_lasti
    if key not in _KNOWN:
        _KNOWN[key] = _discards(*key)
    return _KNOWN[key]


def _discards(code: CodeType, at: int) -> bool:
    instructions = list(dis.get_instructions(code))
    index = (
        bisect_right([each.offset for each in instructions], at) - 1
    )  # behind it, at the caches, once it is quickened
    if instructions[index].opname not in _ASKS:
        return False
    taker = instructions[index + 1]
    if taker.opname == "POP_TOP":
        return True
    stored = _names(taker, "STORE_FAST")[:1]
    if not stored or _LOOKS_AT_ALL & set(code.co_names):
        return False
    return not any(stored[0] in _names(each, "LOAD_FAST") for each in instructions)


def _names(instruction: dis.Instruction, what: str) -> list[str]:
    """Return the variables that an instruction stores or loads; some do two things at once."""
    names = instruction.argval if isinstance(instruction.argval, tuple) else (instruction.argval,)
    kinds = _parts(instruction.opname)
    return [str(name) for kind, name in zip(kinds, names, strict=False) if kind == what]


def _parts(opname: str) -> list[str]:
    """Return what an instruction does, as the names of simple ones: ``STORE_FAST_LOAD_FAST`` is two."""
    steps = opname.split("_FAST")
    return [f"{step.strip('_')}_FAST" for step in steps[:-1]]
