"""No network while a lesson runs: whoever tries to reach out is stopped and told."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from case_heating.errors import HeatingError


class NetworkUsedError(HeatingError):
    """Something was about to be asked over the network."""


@contextmanager
def offline() -> Iterator[None]:
    """Let nothing of this process reach the network, this computer's own ports among it; sockets of files stay.

    Raises
    ------
    NetworkUsedError
        In whatever tries.
    """
    connect, connect_ex, look_up = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def refuse(address: Any) -> None:
        raise NetworkUsedError(f"a lesson runs without a network, and {address!r} was to be reached")

    def only_files(reach: Any) -> Any:
        def guarded(self: socket.socket, address: Any) -> Any:
            if self.family != getattr(socket, "AF_UNIX", None):
                refuse(address)
            return reach(self, address)

        return guarded

    socket.socket.connect = only_files(connect)  # type: ignore[method-assign]
    socket.socket.connect_ex = only_files(connect_ex)  # type: ignore[method-assign]
    socket.getaddrinfo = lambda host, *_, **__: refuse(host)  # type: ignore[assignment]
    try:
        yield
    finally:
        socket.socket.connect = connect  # type: ignore[method-assign]
        socket.socket.connect_ex = connect_ex  # type: ignore[method-assign]
        socket.getaddrinfo = look_up
