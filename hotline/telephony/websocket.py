"""The server's end of a WebSocket, in the thread of the request that opened it.

Reading, working and writing happen in one thread, in order: there is one writer per socket, a flood of
messages waits in the kernel's buffer instead of ours, and the answer to a ping says that everything before it
has been dealt with. `wsproto <https://python-hyper.org/projects/wsproto/>`_ speaks the protocol (RFC 6455).
"""

from __future__ import annotations

import contextlib
import errno
import select
import socket
import time
from collections import deque
from typing import TYPE_CHECKING

from flask import Response
from wsproto import ConnectionType, WSConnection
from wsproto.connection import ConnectionState
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Message,
    Ping,
    RejectConnection,
    Request,
    TextMessage,
)
from wsproto.utilities import ProtocolError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, Self

LARGEST_MESSAGE = 64 * 1024
"""Bytes of one message. Twilio's media messages have about 300; a larger one than this is no telephone."""

MESSAGE_TOO_BIG = 1009
"""RFC 6455, section 7.4.1."""


class NotAWebSocket(Exception):  # noqa: N818
    """The request does not open a WebSocket, or the server gives no access to its socket."""


class Closed(Exception):  # noqa: N818
    """The connection is over. ``code`` is the WebSocket close code, 1006 if the line just broke."""

    def __init__(self, code: int, reason: str = "") -> None:
        super().__init__(f"WebSocket closed: {code} {reason}".strip())
        self.code = code


class WebSocket:
    """An accepted WebSocket. Not thread-safe: use it in the thread that accepted it."""

    def __init__(self, sock: socket.socket, protocol: WSConnection) -> None:
        self._socket = sock
        self._protocol = protocol
        self._arrived: deque[str | bytes | Ping | Closed] = deque()
        self._parts: list[str | bytes] = []
        self._size = 0

    @classmethod
    def accept(cls, environ: dict[str, Any]) -> Self:
        """Answer the handshake in a WSGI ``environ`` from gunicorn's or Werkzeug's threaded server.

        :raises NotAWebSocket: if there is nothing to accept.
        """
        sock = environ.get("gunicorn.socket") or environ.get("werkzeug.socket")
        if sock is None or environ.get("HTTP_UPGRADE", "").lower() != "websocket":
            raise NotAWebSocket
        headers = [
            (name[5:].replace("_", "-").lower().encode(), value.encode("latin-1"))
            for name, value in environ.items()
            if name.startswith("HTTP_")
        ]
        protocol = WSConnection(ConnectionType.SERVER)
        try:
            protocol.initiate_upgrade_connection(headers, environ.get("PATH_INFO", "/"))
            request = next(iter(protocol.events()), None)
        except (ProtocolError, ValueError) as error:
            raise NotAWebSocket from error
        if not isinstance(request, Request):
            raise NotAWebSocket
        sock.settimeout(None)
        sock.sendall(protocol.send(AcceptConnection()))
        return cls(sock, protocol)

    def receive(self, timeout: float | None = None) -> str | bytes | None:
        """Return the next message, or ``None`` if none came within ``timeout`` seconds.

        :raises Closed: when the other side closed, the line broke, or a message broke the rules.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            while not self._arrived:
                wait = None if deadline is None else max(0.0, deadline - time.monotonic())
                if wait is not None and not select.select([self._socket], [], [], wait)[0]:
                    return None
                self._read()
            match self._arrived.popleft():
                case Ping() as ping:
                    self._write(self._protocol.send(ping.response()))
                case Closed() as closed:
                    self._arrived.appendleft(closed)
                    raise closed
                case message:
                    return message

    def send(self, message: str | bytes) -> None:
        """Send one message.

        :raises Closed: if the connection is over.
        """
        event: Message[Any] = TextMessage(message) if isinstance(message, str) else BytesMessage(message)
        if self._protocol.state is not ConnectionState.OPEN:
            raise Closed(1006)
        self._write(self._protocol.send(event))

    def close(self, code: int = 1000) -> None:
        """Say goodbye and close. Does nothing if the connection is over."""
        if self._protocol.state is ConnectionState.OPEN:
            try:
                self._write(self._protocol.send(CloseConnection(code)))
                while not any(isinstance(message, Closed) for message in self._arrived):
                    if not select.select([self._socket], [], [], 1.0)[0]:
                        break
                    self._read()
            except Closed:
                pass
        # RFC 6455, section 7.1.1: the server closes the connection.
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._arrived.append(Closed(code))

    def _write(self, data: bytes) -> None:
        try:
            self._socket.sendall(data)
        except OSError as error:
            raise Closed(1006, str(error)) from error

    def _read(self) -> None:
        try:
            data = self._socket.recv(16 * 1024)
        except OSError as error:
            raise Closed(1006, str(error)) from error
        if not data:
            self._arrived.append(Closed(1006))
            return
        try:
            self._protocol.receive_data(data)
            for event in self._protocol.events():
                self._take(event)
        except ProtocolError as error:
            self.close(1002)
            raise Closed(1002, str(error)) from error

    def _take(self, event: object) -> None:
        match event:
            case Message():
                self._parts.append(event.data)
                self._size += len(event.data)
                if self._size > LARGEST_MESSAGE:
                    self._parts.clear()
                    self._write(self._protocol.send(CloseConnection(MESSAGE_TOO_BIG)))
                    self._arrived.append(Closed(MESSAGE_TOO_BIG))
                elif event.message_finished:
                    empty = b"" if isinstance(event.data, bytes | bytearray) else ""
                    whole = empty.join(self._parts)  # type: ignore[arg-type]
                    self._parts.clear()
                    self._size = 0
                    self._arrived.append(whole)
            case Ping():
                # It waits its turn, so that the answer tells that all before it has been dealt with.
                self._arrived.append(event)
            case CloseConnection():
                if self._protocol.state is ConnectionState.REMOTE_CLOSING:
                    self._write(self._protocol.send(event.response()))
                self._arrived.append(Closed(int(event.code), event.reason or ""))
            case RejectConnection():
                self._arrived.append(Closed(1006))


class Handed(Response):
    """The response of a view whose connection became a WebSocket: nothing may be written any more."""

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Tell the server, gunicorn or Werkzeug, that the peer is gone; both then let go in silence."""
        raise BrokenPipeError(errno.EPIPE, "the connection was a WebSocket")
