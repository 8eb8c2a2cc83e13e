"""Global state of libraries, as aspects; only of those that are loaded already."""

from __future__ import annotations

import contextlib
import gc
import hashlib
import multiprocessing.context
import os
import random
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crucible_core.testing.same import Take, Taken

_RANDOM = "random state of "
LIMITS = "resource limits"


def _digest(value: Any) -> str:
    return hashlib.blake2b(repr(value).encode(), digest_size=8).hexdigest()


def _random() -> Taken:
    held = random.getstate()
    return _digest(held), lambda: random.setstate(held)


def _numpy_random() -> Taken:
    numpy = sys.modules["numpy"]
    held = numpy.random.get_state(legacy=True)
    name, keys, *rest = held
    return _digest((name, keys.tobytes(), rest)), lambda: numpy.random.set_state(held)


def _torch_random() -> Taken:
    torch = sys.modules["torch"]
    held = torch.get_rng_state()
    return _digest(held.numpy().tobytes()), lambda: torch.set_rng_state(held)


RANDOM: Mapping[str, tuple[str, Take]] = {
    f"{_RANDOM}random": ("random", _random),
    f"{_RANDOM}numpy": ("numpy.random", _numpy_random),
    f"{_RANDOM}torch": ("torch", _torch_random),
}
"""Aspect to the module it is of and how to take it."""


def _pairs(module: str, pairs: Mapping[str, tuple[str, str]]) -> Take:
    """Take settings that a module has a function to read and one to write for."""

    def take() -> Taken:
        held = {}
        for name, (read, write) in pairs.items():
            with contextlib.suppress(AttributeError):  # not in this version
                held[name] = _found(module, read)(), _found(module, write)

        def put_back() -> None:
            for value, write in held.values():
                write(value)

        return {name: value for name, (value, _) in held.items()}, put_back

    return take


def _found(module: str, path: str) -> Any:
    found: Any = sys.modules[module]
    for name in path.split("."):
        found = getattr(found, name)
    return found


def _mapping(module: str, read: str, write: str) -> Take:
    """Take settings that are read as a mapping and written as keyword arguments."""

    def take() -> Taken:
        held = dict(_found(module, read)())
        return held, lambda: _found(module, write)(**held)

    return take


def _torch() -> Taken:
    torch = sys.modules["torch"]
    pairs = {
        "default dtype": ("get_default_dtype", "set_default_dtype"),
        "gradients": ("is_grad_enabled", "set_grad_enabled"),
        "deterministic algorithms": ("are_deterministic_algorithms_enabled", "use_deterministic_algorithms"),
        "threads": ("get_num_threads", "set_num_threads"),
        "matmul precision": ("get_float32_matmul_precision", "set_float32_matmul_precision"),
        "anomaly detection": ("is_anomaly_enabled", "autograd.set_detect_anomaly"),
    }
    values, put_back = _pairs("torch", pairs)()
    flags = [(owner, name) for owner, name in (("cudnn", "benchmark"), ("cudnn", "deterministic"))]
    held = {(owner, name): getattr(getattr(torch.backends, owner), name) for owner, name in flags}

    def put_all_back() -> None:
        put_back()
        for (owner, name), value in held.items():
            setattr(getattr(torch.backends, owner), name, value)

    shown = {name: str(value) for name, value in values.items()}
    return {**shown, **{f"{owner}.{name}": value for (owner, name), value in held.items()}}, put_all_back


def _matplotlib() -> Taken:
    settings = sys.modules["matplotlib"].rcParams
    held = {name: dict.__getitem__(settings, name) for name in dict.keys(settings)}
    pyplot: Any = sys.modules.get("matplotlib.pyplot")
    figures = [] if pyplot is None else list(pyplot.get_fignums())

    def put_back() -> None:
        for name, value in held.items():
            dict.__setitem__(settings, name, value)
        for number in [] if pyplot is None else pyplot.get_fignums():
            if number not in figures:
                pyplot.close(number)

    shown = {name: repr(value) for name, value in held.items() if name != "backend" or isinstance(value, str)}
    return {**shown, "open figures": figures}, put_back


def _pandas() -> Taken:
    options: dict[str, Any] = sys.modules["pandas._config.config"]._global_config  # get_option warns of old ones
    held = dict(_flat(options))

    def put_back() -> None:
        for path, value in held.items():
            inner = options
            for name in path[:-1]:
                inner = inner[name]
            inner[path[-1]] = value

    return {".".join(path): repr(value) for path, value in held.items()}, put_back


def _flat(options: Mapping[str, Any], within: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, value in options.items():
        if isinstance(value, dict):
            yield from _flat(value, (*within, name))
        else:
            yield (*within, name), value


def _start_method() -> Taken:
    context: Any = multiprocessing.context._default_context
    held = context._actual_context
    method = (held or context._default_context).get_start_method()

    def put_back() -> None:
        context._actual_context = held

    return method, put_back


def _timeout() -> Taken:
    held = socket.getdefaulttimeout()
    return held, lambda: socket.setdefaulttimeout(held)


def _interpreter() -> Taken:
    collecting, thresholds = gc.isenabled(), gc.get_threshold()
    interval, callbacks = sys.getswitchinterval(), list(gc.callbacks)
    stack = threading.stack_size()

    def put_back() -> None:
        (gc.enable if collecting else gc.disable)()
        gc.set_threshold(*thresholds)
        gc.callbacks[:] = callbacks
        sys.setswitchinterval(interval)
        threading.stack_size(stack)

    return {
        "garbage collection": collecting,
        "its thresholds": thresholds,
        "its callbacks": len(callbacks),
        "switch interval": interval,
        "stack size of threads": stack,
        "niceness": os.getpriority(os.PRIO_PROCESS, 0),
        "processors": sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None,
    }, put_back


def _limits() -> Taken:
    import resource

    names = [name for name in dir(resource) if name.startswith("RLIMIT_")]
    held = {name: resource.getrlimit(getattr(resource, name)) for name in names}

    def put_back() -> None:
        for name, limits in held.items():
            if resource.getrlimit(getattr(resource, name)) != limits:
                resource.setrlimit(getattr(resource, name), limits)

    return held, put_back


LIBRARIES: Mapping[str, tuple[str, Take]] = {
    "numpy.errstate": ("numpy", _mapping("numpy", "geterr", "seterr")),
    "numpy print options": ("numpy", _mapping("numpy", "get_printoptions", "set_printoptions")),
    "torch settings": ("torch", _torch),
    "matplotlib settings": ("matplotlib", _matplotlib),
    "multiprocessing start method": ("multiprocessing.context", _start_method),
    "pandas options": ("pandas._config.config", _pandas),
    "scikit-learn configuration": ("sklearn._config", _mapping("sklearn._config", "get_config", "set_config")),
    "socket timeout": ("socket", _timeout),
    "interpreter settings": ("gc", _interpreter),
    LIMITS: ("resource", _limits),
}
"""Aspect to the module it is of and how to take it."""


def of_loaded(table: Mapping[str, tuple[str, Take]]) -> dict[str, Take]:
    """Return the aspects whose module is loaded."""
    return {name: take for name, (module, take) in table.items() if module in sys.modules}


def begin_anew(known: Mapping[str, Any]) -> None:
    """Put what is global in a library that was loaded since a state was taken where the next run's changes show.

    Random generators get a state of their own, so that seeding them again is seen; settings their defaults.

    Args:
        known: Aspects that were taken before.
    """
    for name, (module, begin) in _BEGINNINGS.items():
        if name not in known and module in sys.modules:
            with contextlib.suppress(Exception):  # half imported, or something else of that name
                begin(sys.modules[module])


def _numpy_defaults(numpy: Any) -> None:
    numpy.seterr(divide="warn", over="warn", under="ignore", invalid="warn")


def _pandas_defaults(config: Any) -> None:
    for key, option in config._registered_options.items():
        *path, name = key.split(".")
        inner = config._global_config
        for step in path:
            inner = inner[step]
        inner[name] = option.defval


def _matplotlib_defaults(matplotlib: Any) -> None:
    dict.update(matplotlib.rcParams, {key: value for key, value in matplotlib.rcParamsOrig.items() if key != "backend"})


def _torch_defaults(torch: Any) -> None:
    torch.set_default_dtype(torch.float32)
    torch.set_grad_enabled(True)
    torch.use_deterministic_algorithms(False)


_BEGINNINGS: Mapping[str, tuple[str, Callable[[Any], Any]]] = {
    f"{_RANDOM}numpy": ("numpy.random", lambda module: module.seed(None)),
    f"{_RANDOM}torch": ("torch", lambda module: module.seed()),
    "numpy.errstate": ("numpy", _numpy_defaults),
    "pandas options": ("pandas._config.config", _pandas_defaults),
    "matplotlib settings": ("matplotlib", _matplotlib_defaults),
    "scikit-learn configuration": ("sklearn._config", lambda module: vars(module._threadlocal).clear()),
    "torch settings": ("torch", _torch_defaults),
}
