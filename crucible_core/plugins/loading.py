"""Import what an entry point names, and say in one line why that failed."""

from __future__ import annotations

import importlib
import os
import sys
from typing import TYPE_CHECKING, Any

from crucible_core.plugins.containment import OwnInterruptError, ProcessExit, contained
from crucible_core.plugins.names import near_matches
from crucible_core.plugins.problems import LoadProblem, LoadProblemError, ProblemKind
from crucible_core.plugins.time_limit import TimeUp

if TYPE_CHECKING:
    from crucible_core.plugins.record import StageRef
    from crucible_core.plugins.time_limit import TimeLimit

__all__ = ["explain", "load_object", "load_stage", "place_of"]

_ROOM = os.path.dirname(__file__)  # noqa: PTH120 - a prefix of strings, as the next two
_CORE = os.path.dirname(_ROOM)  # noqa: PTH120
_FEW = 3
_LIBRARY = os.path.dirname(os.__file__)  # noqa: PTH120


def load_stage(ref: StageRef, limit: TimeLimit | None = None) -> type:
    """Import the one module a stage is in, within a time limit where one is given, and return its class.

    Raises:
        LoadProblemError: Anything but a class with ``run`` and ``describe`` came of it.
    """
    found = ref.target if ref.target is not None else load_object(ref.value, limit)
    if not isinstance(found, type):
        raise LoadProblemError(_no_stage(ref, f"is not a class but {_article(type(found).__name__)}"))
    lacking = [name for name in ("run", "describe") if not _is_method(getattr(found, name, None))]
    if lacking:
        problem = _no_stage(ref, f"has no method {' and no method '.join(lacking)}")
        raise LoadProblemError(problem._replace(place=place_of(found)))
    return found


def _is_method(found: Any) -> bool:
    """Tell whether something on a class may be called on its instances: a property may return what is to be called."""
    return callable(found) or hasattr(type(found), "__get__")


def _no_stage(ref: StageRef, what: str) -> LoadProblem:
    shown = ref.value or repr(ref.target)
    reason = f"{shown} {what}; a stage is a class with run(context, options) and describe(options)"
    return LoadProblem(ProblemKind.NOT_A_STAGE, reason)


def _article(word: str) -> str:
    return f"{'an' if word[:1] in 'aeiou' else 'a'} {word}"


def load_object(value: str, limit: TimeLimit | None = None) -> Any:
    """Return what ``module:attribute`` or ``module`` names.

    Args:
        value: The name.
        limit: How long importing it may take; for ever when None.

    Raises:
        LoadProblemError: The module did not import, whatever it raised (SystemExit included), if it called
            ``os._exit`` or was not done in its time, or has no such attribute. The user's KeyboardInterrupt passes.
    """
    module, _, attribute = (part.strip() for part in value.partition(":"))
    try:
        with contained(limit):
            return _attribute(importlib.import_module(module), module, attribute)
    except KeyboardInterrupt as error:
        error.add_note(f"while importing {module}")
        raise
    except LoadProblemError:
        raise
    except BaseException as error:  # a plugin's module may raise anything, and must not end us
        raise LoadProblemError(explain(error, module)) from error


def _attribute(found: Any, module: str, path: str) -> Any:
    for name in filter(None, path.split(".")):
        try:
            found = getattr(found, name)  # a lazy module's __getattr__ imports, so may raise anything
        except AttributeError:
            reason = f"the module {module!r} has no attribute {path!r}{_meant(name, found, module)}"
            raise LoadProblemError(LoadProblem(ProblemKind.ATTRIBUTE_MISSING, reason)) from None
    return found


def _meant(name: str, found: Any, module: str) -> str:
    """Suggest what else there is; a class that is imported from elsewhere, such as a base class, was not meant."""
    package = f"{module.partition('.')[0]}."
    classes = {each: kind for each, kind in getattr(found, "__dict__", {}).items() if isinstance(kind, type)}
    foreign = {each for each, kind in classes.items() if not f"{kind.__module__}.".startswith(package)}
    near = near_matches(name, set(dir(found)) - foreign, limit=1)
    if near:
        return f"; did you mean {near[0]!r}?"
    classes = {each: kind for each, kind in classes.items() if each not in foreign}
    return f"; its classes are {', '.join(classes)}" if 0 < len(classes) <= _FEW else ""


def explain(error: BaseException, module: str = "") -> LoadProblem:
    """Say in one line what an exception from a plugin's code means.

    Args:
        error: What was raised.
        module: The module that was being imported; tells a missing module from a missing dependency.
    """
    if isinstance(error, OwnInterruptError) and error.__cause__ is not None:
        error = error.__cause__
    if isinstance(error, TimeUp):
        return LoadProblem(ProblemKind.HANGS, f"{error}{_held_up_at(error)}", place=_own_place(error))
    if isinstance(error, SyntaxError):
        place = f"{error.filename}:{error.lineno}" if error.filename else ""
        said = f"{type(error).__name__}: {error.msg}"
        return LoadProblem(ProblemKind.SYNTAX_ERROR, f"{place}: {said}" if place else said, place=place)
    if isinstance(error, ModuleNotFoundError) and error.name:
        return _not_found(error, error.name, module)
    if isinstance(error, SystemExit):
        status = "0" if error.code is None else repr(error.code)
        called = "os._exit" if isinstance(error, ProcessExit) else "sys.exit"
        return LoadProblem(ProblemKind.EXITS, f"it calls {called}({status}){_where(error)}", place=_own_place(error))
    text = str(error).strip().partition("\n")[0]
    said = f"{type(error).__name__}: {text}" if text else type(error).__name__
    return LoadProblem(ProblemKind.RAISES, f"it raises {said}{_where(error)}", place=_own_place(error))


def _not_found(error: ModuleNotFoundError, missing: str, module: str) -> LoadProblem:
    if module == missing or module.startswith(f"{missing}."):
        reason = f"the module {module!r} does not exist{_sibling(missing)}"
        return LoadProblem(ProblemKind.MODULE_MISSING, reason, missing)
    reason = f"it imports {missing!r}, which is not installed{_where(error)}"
    return LoadProblem(ProblemKind.DEPENDENCY_MISSING, reason, missing, _own_place(error))


def _sibling(missing: str) -> str:
    """Suggest a module of the same package that may have been meant."""
    package, _, name = missing.rpartition(".")
    if not package:
        return ""
    from pkgutil import iter_modules

    folder = getattr(sys.modules.get(package), "__path__", ())
    meant = near_matches(name, (found.name for found in iter_modules(folder)), limit=1)
    return f"; did you mean '{package}.{meant[0]}'?" if meant else ""


def _where(error: BaseException) -> str:
    """Return `` (file:line)`` of the innermost frame that is not the import machinery."""
    places = _places(error)
    return f" ({places[-1]})" if places else ""


def _held_up_at(error: BaseException) -> str:
    """Return `` (file:line)`` of the innermost frame that is not in the standard library, which only waits for it."""
    places = _places(error)
    waiting = [place for place in places if "site-packages" in place or not place.startswith(_LIBRARY)]
    return f" ({(waiting or places)[-1]})" if places else ""


def _own_place(error: BaseException) -> str:
    """Return ``file:line`` of the innermost frame that is not in an installed library, where there is one."""
    places = _places(error)
    own = [place for place in places if "site-packages" not in place and not place.startswith((_CORE, _LIBRARY))]
    return (own or places or [""])[-1]


def _places(error: BaseException) -> list[str]:
    """Return ``file:line`` of the frames that are not import machinery, outermost first."""
    places, trace = [], error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if not file.startswith(("<frozen ", _ROOM)) and file != importlib.__file__:
            places.append(f"{file}:{trace.tb_lineno}")
        trace = trace.tb_next
    return places


def place_of(kind: type) -> str:
    """Return ``file:line`` of a class; empty where its source is not to be had."""
    import inspect

    try:
        return f"{inspect.getsourcefile(kind)}:{inspect.getsourcelines(kind)[1]}"
    except (OSError, TypeError):
        return ""
