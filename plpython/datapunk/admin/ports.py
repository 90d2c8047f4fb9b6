"""TCP ports of one installation: its own by default, so that two checkouts on one machine do not meet."""

import dataclasses
import socket

from datapunk.errors import NotReady

_PORT_BASE, _PORT_SLOTS, _PORTS = 15000, 5000, 3


@dataclasses.dataclass(frozen=True, kw_only=True)
class Ports:
    """TCP ports on 127.0.0.1 (the first one also names PostgreSQL's Unix socket)."""

    postgres: int
    api: int
    api_admin: int


def derived_ports(identity: str, slot: int = 0) -> Ports:
    """The ports that an installation tries first, or at a later `slot`, next."""
    first = _PORT_BASE + (int(identity, 16) + slot) % _PORT_SLOTS * _PORTS
    return Ports(postgres=first, api=first + 1, api_admin=first + 2)


def free_ports(identity: str) -> Ports:
    """The first group of ports that nobody listens on, counted from the installation's own. Error: DP002."""
    for slot in range(_PORT_SLOTS):
        ports = derived_ports(identity, slot)
        if all(port_is_free(port) for port in dataclasses.asdict(ports).values()):
            return ports
    raise NotReady("no three neighbouring TCP ports are free", hint="stop a program that listens on 127.0.0.1")


def port_is_free(port: int) -> bool:
    """Whether 127.0.0.1:port can be bound now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
