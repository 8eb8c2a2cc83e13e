"""Stages that use the network without leave."""

from __future__ import annotations

import socket
import urllib.error
import urllib.request

from disturbing import Disturbing

from crucible_core import Traits


class Connects(Disturbing):
    """A service on this machine is asked, and not answering is fine."""

    def disturb(self, context):
        with socket.socket() as asking:
            asking.settimeout(0.1)
            asking.connect_ex(("127.0.0.1", 9))


class LooksUp(Disturbing):
    """A name is looked up."""

    def disturb(self, context):
        try:
            socket.getaddrinfo("localhost", 80)
        except OSError:
            return


class ConnectsToAnother(Disturbing):
    """One host is declared, and another one asked."""

    traits = Traits(network=("example.org",), reasons={"network": "It asks there."})

    def disturb(self, context):
        try:
            urllib.request.urlopen("http://127.0.0.1:9/", timeout=0.1)
        except urllib.error.URLError:
            return


class SendsDatagrams(Disturbing):
    """A number is sent to whoever collects such."""

    def disturb(self, context):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sending:
            sending.sendto(b"sound:1|c", ("127.0.0.1", 9))


class Listens(Disturbing):
    """A port is opened."""

    def disturb(self, context):
        with socket.create_server(("127.0.0.1", 0)):
            pass


FAULTS = {
    "CRU-F05": [Connects, LooksUp, ConnectsToAnother, SendsDatagrams, Listens],
}
