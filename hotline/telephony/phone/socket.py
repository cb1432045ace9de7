"""The client's end of a WebSocket, in the telephone's one thread.

`wsproto <https://python-hyper.org/projects/wsproto/>`_ speaks the protocol (RFC 6455). Messages are handed
over in the order in which they came, and :meth:`Socket.catch_up` returns only when the other side has
answered a *ping*: a control frame that the application protocol never sees, and that says that everything
sent before it has been read.
"""

from __future__ import annotations

import select
import socket
import ssl
import time
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from wsproto import ConnectionType, WSConnection
from wsproto.connection import ConnectionState
from wsproto.events import (
    AcceptConnection,
    CloseConnection,
    Message,
    Ping,
    Pong,
    RejectConnection,
    Request,
    TextMessage,
)
from wsproto.utilities import ProtocolError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hotline.telephony.phone.wire import Reach

ABNORMAL: Final = 1006
"""The line broke without a goodbye (RFC 6455, section 7.4.1)."""


class CannotConnect(Exception):  # noqa: N818
    """No connection (``status`` is ``None``), or an HTTP status other than 101."""

    def __init__(self, reason: str, status: int | None = None) -> None:
        super().__init__(reason)
        self.status = status


class LineClosed(Exception):  # noqa: N818
    """The other side closed, or the line broke; ``code`` is the WebSocket close code."""

    def __init__(self, code: int) -> None:
        super().__init__(f"WebSocket closed: {code}")
        self.code = code


class Socket:
    """An open WebSocket, seen from the client."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._protocol = WSConnection(ConnectionType.CLIENT)
        self._messages: list[str] = []
        self._part = ""
        self._answered = b""
        self._asked_at = 0.0
        self.delay: float | None = None
        """Seconds from the last ping to its answer; ``None`` while it is awaited."""
        self._pings = 0
        self._accepted = False
        self._closed: int | None = None

    @classmethod
    def connect(cls, url: str, reach: Reach, headers: Mapping[str, str], timeout: float) -> Socket:
        """Open ``url`` over a connection to ``reach``; ``timeout`` in seconds.

        :raises CannotConnect: if nobody is there, or the answer is not 101.
        """
        parts = urlsplit(url)
        try:
            sock = socket.create_connection((reach.host, reach.port), timeout)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if reach.tls:
                sock = ssl.create_default_context().wrap_socket(sock, server_hostname=parts.hostname)
        except OSError as error:
            raise CannotConnect(str(error)) from error
        line = cls(sock)
        extra = [(name.encode(), value.encode()) for name, value in headers.items()]
        request = Request(host=parts.netloc, target=parts.path or "/", extra_headers=extra)
        try:
            line._write(line._protocol.send(request))
            deadline = time.monotonic() + timeout
            while not line._accepted:
                line._read(deadline - time.monotonic())
        except CannotConnect:
            sock.close()
            raise
        except (LineClosed, TimeoutError) as error:
            sock.close()
            raise CannotConnect(str(error)) from error
        return line

    def send(self, text: str) -> None:
        """Send one message.

        :raises LineClosed: if the line is down.
        """
        if self._closed is None:
            self._write(self._protocol.send(TextMessage(text)))

    def receive(self, seconds: float = 0.0) -> list[str]:
        """Return what has arrived, waiting at most so long for the first message.

        :raises LineClosed: if the other side has closed and everything it sent has been returned.
        """
        if not self._messages and self._closed is None:
            self._listen(seconds)
        messages, self._messages = self._messages, []
        if not messages and self._closed is not None:
            raise LineClosed(self._closed)
        return messages

    def catch_up(self, seconds: float) -> None:
        """Wait until the other side has read everything that was sent, and its replies are here.

        :raises LineClosed: if the line is down, or there is no answer within so many seconds.
        """
        if self._closed is not None:
            return
        payload = self.ping()
        deadline = time.monotonic() + seconds
        while self._answered != payload and self._closed is None:
            try:
                self._read(deadline - time.monotonic())
            except TimeoutError:
                self._closed = ABNORMAL

    def ping(self) -> bytes:
        """Ask the other side to say when it has got so far; returns what it will answer.

        :raises LineClosed: if the line is down.
        """
        self._pings += 1
        payload = str(self._pings).encode()
        self.delay = None
        self._asked_at = time.perf_counter()
        self._write(self._protocol.send(Ping(payload)))
        return payload

    def close(self, seconds: float = 1.0) -> None:
        """Say goodbye, wait so long for the answer, and hang up."""
        try:
            if self._protocol.state is ConnectionState.OPEN:
                self._write(self._protocol.send(CloseConnection(1000)))
            deadline = time.monotonic() + seconds
            while self._closed is None:
                self._read(deadline - time.monotonic())
        except (LineClosed, TimeoutError):
            pass
        self._socket.close()

    def drop(self) -> None:
        """Break the line without a goodbye, as a lost connection does."""
        self._closed = ABNORMAL
        self._socket.close()

    def _listen(self, seconds: float) -> None:
        try:
            self._read(max(seconds, 0.0))
            while not self._messages and self._closed is None and seconds <= 0:
                self._read(0.0)
        except TimeoutError:
            return

    def _write(self, data: bytes) -> None:
        try:
            self._socket.settimeout(10.0)
            self._socket.sendall(data)
        except OSError as error:
            self._closed = ABNORMAL
            raise LineClosed(ABNORMAL) from error

    def _read(self, seconds: float) -> None:
        pending = isinstance(self._socket, ssl.SSLSocket) and self._socket.pending()
        if not pending and not select.select([self._socket], [], [], max(0.0, seconds))[0]:
            raise TimeoutError("no answer in time")
        try:
            data = self._socket.recv(64 * 1024)
            self._protocol.receive_data(data or None)
        except OSError:
            self._closed = ABNORMAL
            return
        except ProtocolError:
            self._closed = 1002
            return
        for event in self._protocol.events():
            self._take(event)
        if not data and self._closed is None:
            self._closed = ABNORMAL
        if not self._accepted and self._closed is not None:
            raise LineClosed(self._closed)

    def _take(self, event: object) -> None:
        match event:
            case AcceptConnection():
                self._accepted = True
            case RejectConnection():
                raise CannotConnect(f"HTTP status {event.status_code}", event.status_code)
            case Message():
                self._part += event.data if isinstance(event.data, str) else ""
                if event.message_finished:
                    self._messages.append(self._part)
                    self._part = ""
            case Ping():
                self._write(self._protocol.send(event.response()))
            case Pong():
                self._answered = bytes(event.payload)
                self.delay = time.perf_counter() - self._asked_at
            case CloseConnection():
                if self._protocol.state is ConnectionState.REMOTE_CLOSING:
                    self._write(self._protocol.send(event.response()))
                self._closed = int(event.code)
