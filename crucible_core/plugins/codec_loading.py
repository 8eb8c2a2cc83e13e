"""Import a codec, make it, and see whether it is one."""

from __future__ import annotations

from typing import Any

from crucible_core.plugins.codec_ref import SUFFIX
from crucible_core.plugins.loading import explain, load_object, place_of
from crucible_core.plugins.problems import LoadProblem, LoadProblemError, ProblemKind

__all__ = ["load_codec"]


def load_codec(name: str, target: str) -> Any:
    """Return a codec made of the class at ``target``.

    Args:
        name: What its reference calls it.
        target: ``module:Class``.

    Raises:
        LoadProblemError: It does not import, cannot be made, or is not a codec of that name.
    """
    kind = load_object(target)
    if not isinstance(kind, type):
        raise _no_codec(target, f"is {kind!r:.60}", None)
    try:
        made: Any = kind()
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        found = explain(error)
        raise LoadProblemError(found._replace(reason=f"making {target}: {found.reason}")) from error
    lacking = [method for method in ("write", "read") if not callable(getattr(made, method, None))]
    if lacking:
        raise _no_codec(target, f"has no method {' and no method '.join(lacking)}", kind)
    if getattr(made, "name", None) != name:
        raise _no_codec(target, f"calls itself {getattr(made, 'name', None)!r} and not {name!r}", kind)
    suffix = getattr(made, "suffix", None)
    if not isinstance(suffix, str) or not SUFFIX.fullmatch(suffix):
        raise _no_codec(target, f"has the suffix {suffix!r}", kind)
    return made


def _no_codec(target: str, what: str, kind: type | None) -> LoadProblemError:
    reason = (
        f"{target} {what}; a codec is a class, made without arguments, with write(value, stream), read(stream), the "
        "name of its reference and a suffix such as '.npy'"
    )
    return LoadProblemError(LoadProblem(ProblemKind.NOT_A_CODEC, reason, place=place_of(kind) if kind else ""))
