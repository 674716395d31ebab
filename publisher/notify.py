"""sd_notify(3): tell the service manager over its datagram socket. Without NOTIFY_SOCKET nothing is sent."""

import os
import socket


class Notifier:
    """Sends state to the service manager. A manager that is gone is no reason to stop publishing, so failures are swallowed."""

    def __init__(self, address: str) -> None:
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) if address else None
        if self._socket:
            self._socket.setblocking(False)

    @classmethod
    def from_environment(cls) -> "Notifier":
        """Take the socket's address from NOTIFY_SOCKET, and do not hand it to children."""
        return cls(os.environ.pop("NOTIFY_SOCKET", ""))

    def send(self, **states: str | int) -> None:
        """Send ``READY=1``, ``STATUS=…``, ``WATCHDOG=1`` and the like."""
        if self._socket is None:
            return
        text = "\n".join(f"{name.upper()}={value}" for name, value in states.items())
        try:
            self._socket.sendto(text.encode(), self._address)
        except OSError:
            return

    def close(self) -> None:
        """Close the socket."""
        if self._socket is not None:
            self._socket.close()
