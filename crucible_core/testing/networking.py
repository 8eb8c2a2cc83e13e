"""Whether an address that a stage talked to is one of the hosts it declares."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crucible_core.testing.recorded_calls import Calls

_LOOPBACK = ("localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback")
_LOOKUPS = ("socket.get",)


def undeclared_talk(calls: Calls, declared: tuple[str, ...]) -> Iterator[str]:
    """Yield the addresses, each with what was done, that belong to none of the declared hosts."""
    hosts = [_bare(host) for host in declared]
    for address, how in dict.fromkeys(calls.network):
        if not _admitted(_bare(address), how, hosts):
            yield f"{address or 'any address'} ({how})"


def _bare(host: str) -> str:
    """Return a host without scheme, path and port."""
    host = host.lower().partition("://")[2] or host.lower()
    host = host.partition("/")[0].partition("%")[0]
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0] if host.count(":") == 1 else host


def _admitted(address: str, how: str, hosts: list[str]) -> bool:
    if how.startswith(_LOOKUPS) and address in ("", *_own_names()):
        return True  # what this machine is called
    if not hosts:
        return False
    if any(fnmatchcase(address, host) for host in hosts) or _is_any(address):
        return True
    if _is_loopback(address):
        return any(map(_is_loopback, hosts))
    return _is_address(address) and address in {each for host in hosts for each in _addresses(host)}


def _own_names() -> Iterator[str]:
    name = socket.gethostname().lower()
    yield from (name, name.partition(".")[0])


def _is_any(address: str) -> bool:
    """Tell whether it is no host but the wish to be reached, or to be given a port."""
    return address in ("", "0.0.0.0", "::")  # noqa: S104 - compared, not bound


def _is_loopback(address: str) -> bool:
    return address in _LOOPBACK or (_is_address(address) and ipaddress.ip_address(address).is_loopback)


def _is_address(address: str) -> bool:
    try:
        ipaddress.ip_address(address)
    except ValueError:
        return False
    return True


def _addresses(host: str) -> Iterator[str]:
    with contextlib.suppress(OSError, UnicodeError):
        yield from (str(found[4][0]) for found in socket.getaddrinfo(host, None))
