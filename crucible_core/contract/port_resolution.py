"""Make the ports a stage needs from what its option ``ports`` and its defaults name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from crucible_core.contract.errors import StageError
from crucible_core.contract.objects import import_object
from crucible_core.ports import PORTS

Factory = str | Callable[[], Any]


def resolve_ports(
    needed: Iterable[str],
    given: Mapping[str, Factory] | None = None,
    defaults: Mapping[str, Factory] | None = None,
) -> dict[str, Any]:
    """Return port name to implementation.

    Args:
        needed: Ports the stage is going to use.
        given: Port name to ``module:factory``, or to a function without arguments; wins over the defaults.
        defaults: The same, of the stage.

    Raises:
        StageError: ``missing_ports``: a port is needed and neither given nor has a default, is not known, its factory
            cannot be imported or fails, or what it makes lacks a method; the message names all of them.
    """
    chosen = {**(defaults or {}), **(given or {})}
    unknown = [name for name in chosen if name not in PORTS]
    if unknown:
        raise StageError("missing_ports", f"no port is called {', '.join(unknown)}; there are: {', '.join(PORTS)}")
    missing = [name for name in needed if name not in chosen]
    if missing:
        named = ", ".join(missing)
        message = f"nothing implements {named}; give it with the option ports, e.g. {missing[0]}: 'module:factory'"
        raise StageError("missing_ports", message, missing=missing)
    return {name: _made(name, chosen[name]) for name in needed}


def _made(name: str, factory: Factory) -> Any:
    try:
        port = import_object(factory, f"ports.{name}")()
    except StageError as error:
        raise StageError("missing_ports", error.message, missing=[name]) from error
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        raise StageError("missing_ports", f"ports.{name}: {factory!r} failed: {reason}", missing=[name]) from error
    lacking = [method for method in _methods(PORTS[name]) if not callable(getattr(port, method, None))]
    if lacking:
        message = f"ports.{name}: what {factory!r} makes has no {', '.join(lacking)}; see crucible_core.ports"
        raise StageError("missing_ports", message, missing=[name])
    return port


def _methods(protocol: type) -> tuple[str, ...]:
    return tuple(name for name, value in vars(protocol).items() if callable(value) and not name.startswith("_"))
