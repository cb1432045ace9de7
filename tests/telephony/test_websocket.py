"""The server's end of a WebSocket, byte by byte, against an independent implementation of the protocol."""

import errno
import socket
import threading
from contextlib import contextmanager

import pytest
from websockets.client import ClientProtocol
from websockets.exceptions import InvalidHandshake
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.uri import parse_uri

from hotline.telephony.websocket import LARGEST_MESSAGE, Closed, Handed, NotAWebSocket, WebSocket


class Client:
    """The other end: sends what it is told to, also what the protocol forbids."""

    def __init__(self, sock):
        self.socket = sock
        self.socket.settimeout(5)
        self.protocol = ClientProtocol(parse_uri("ws://hotline.example/media"))
        self.frames = []

    def environ(self, server, **changes):
        request = self.protocol.connect()
        self.protocol.send_request(request)
        self.protocol.data_to_send()
        headers = {
            f"HTTP_{name.upper().replace('-', '_')}": value for name, value in request.headers.raw_items()
        }
        return {"werkzeug.socket": server, "PATH_INFO": "/media", **headers, **changes}

    def send(self, *frames):
        """Send frames as they are, masked as a client's must be."""
        self.socket.sendall(b"".join(frame.serialize(mask=True) for frame in frames))

    def text(self, text, *, fin=True, opcode=Opcode.TEXT):
        return Frame(opcode, text.encode(), fin)

    def read(self, count=1):
        """Return the next frames that came."""
        while len(self.frames) < count:
            data = self.socket.recv(65536)
            if not data:
                break
            self.protocol.receive_data(data)
            self.frames += [one for one in self.protocol.events_received() if isinstance(one, Frame)]
        taken, self.frames = self.frames[:count], self.frames[count:]
        return taken


@pytest.fixture
def ends():
    """Both ends of a WebSocket that is open."""
    ours, theirs = socket.socketpair()
    client = Client(theirs)
    server = WebSocket.accept(client.environ(ours))
    client.protocol.receive_data(theirs.recv(4096))
    assert client.protocol.state is State.OPEN
    client.protocol.events_received()
    yield server, client
    ours.close()
    theirs.close()


class TestTheHandshake:
    @contextmanager
    def pair(self):
        ours, theirs = socket.socketpair()
        with ours, theirs:
            yield ours, Client(theirs)

    def test_is_answered_as_the_protocol_wants(self, ends):
        assert ends[1].protocol.handshake_exc is None

    def test_works_with_gunicorn_s_socket_as_well(self):
        with self.pair() as (ours, client):
            environ = client.environ(None)
            environ["gunicorn.socket"] = ours
            WebSocket.accept(environ)
            client.protocol.receive_data(client.socket.recv(4096))
            assert client.protocol.state is State.OPEN

    @pytest.mark.parametrize(
        "changes",
        [
            {"werkzeug.socket": None},
            {"HTTP_UPGRADE": ""},
            {"HTTP_UPGRADE": "h2c"},
            {"HTTP_CONNECTION": "close"},
            {"HTTP_SEC_WEBSOCKET_VERSION": "7"},
        ],
    )
    def test_what_opens_no_websocket_is_none(self, changes):
        with self.pair() as (ours, client), pytest.raises(NotAWebSocket):
            WebSocket.accept({**client.environ(ours), **changes})

    def test_a_refused_handshake_is_left_to_the_server_to_answer(self):
        with self.pair() as (ours, client):
            with pytest.raises(NotAWebSocket):
                WebSocket.accept(client.environ(ours, HTTP_UPGRADE="h2c"))
            ours.sendall(b"HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n\r\n")
            client.protocol.receive_data(client.socket.recv(4096))
            assert isinstance(client.protocol.handshake_exc, InvalidHandshake)


class TestMessages:
    def test_go_both_ways(self, ends):
        server, client = ends
        client.send(client.text("Grüße"), Frame(Opcode.BINARY, b"\x00\xff"))
        assert server.receive() == "Grüße"
        assert server.receive() == b"\x00\xff"
        server.send("zurück")
        server.send(b"\x01")
        assert [(one.opcode, one.data) for one in client.read(2)] == [
            (Opcode.TEXT, "zurück".encode()),
            (Opcode.BINARY, b"\x01"),
        ]

    def test_in_fragments_are_put_together(self, ends):
        server, client = ends
        client.send(
            client.text("eins ", fin=False),
            client.text("zwei ", fin=False, opcode=Opcode.CONT),
            Frame(Opcode.PING, b"between"),
            client.text("drei", opcode=Opcode.CONT),
        )
        assert server.receive() == "eins zwei drei"

    def test_in_bytes_one_by_one_are_whole(self, ends):
        server, client = ends
        for byte in client.text("Größe").serialize(mask=True):
            client.socket.sendall(bytes([byte]))
        assert server.receive() == "Größe"

    def test_a_letter_may_be_torn_apart(self, ends):
        server, client = ends
        first, second = "ö".encode()[:1], "ö".encode()[1:]
        client.send(Frame(Opcode.TEXT, first, False), Frame(Opcode.CONT, second))
        assert server.receive() == "ö"

    def test_many_in_one_packet_come_one_by_one(self, ends):
        server, client = ends
        client.send(*[client.text(str(number)) for number in range(100)])
        assert [server.receive() for _ in range(100)] == [str(number) for number in range(100)]

    def test_an_empty_one_is_one(self, ends):
        server, client = ends
        client.send(client.text(""), Frame(Opcode.BINARY, b""))
        assert server.receive() == ""
        assert server.receive() == b""

    def test_none_in_time_is_none(self, ends):
        server, client = ends
        assert server.receive(0.01) is None
        client.send(client.text("spät"))
        assert server.receive(5) == "spät"

    @pytest.mark.parametrize("size", [LARGEST_MESSAGE - 1, LARGEST_MESSAGE])
    def test_the_largest_comes_through(self, ends, size):
        server, client = ends
        threading.Thread(target=client.send, args=(client.text("x" * size),)).start()
        assert server.receive(5) == "x" * size

    @pytest.mark.parametrize("pieces", [1, 70])
    def test_a_larger_one_ends_the_connection_however_it_is_cut(self, ends, pieces):
        server, client = ends
        size = (LARGEST_MESSAGE + 1) // pieces + 1
        frames = [
            client.text("x" * size, fin=number == pieces - 1, opcode=Opcode.CONT if number else Opcode.TEXT)
            for number in range(pieces)
        ]
        threading.Thread(target=client.send, args=frames).start()
        with pytest.raises(Closed) as closed:
            server.receive(5)
        assert closed.value.code == 1009
        [frame] = client.read()
        assert (frame.opcode, frame.data[:2]) == (Opcode.CLOSE, (1009).to_bytes(2, "big"))


class TestPings:
    def test_are_answered_with_what_they_brought(self, ends):
        server, client = ends
        client.send(Frame(Opcode.PING, b"are you there?"), client.text("x"))
        assert server.receive() == "x"
        [pong] = client.read()
        assert (pong.opcode, pong.data) == (Opcode.PONG, b"are you there?")

    def test_are_answered_after_all_that_came_before_has_been_dealt_with(self, ends):
        server, client = ends
        client.send(client.text("first"), Frame(Opcode.PING, b"!"))
        assert server.receive() == "first"
        server.send("dealt with first")
        assert server.receive(0.01) is None
        assert [one.opcode for one in client.read(2)] == [Opcode.TEXT, Opcode.PONG]

    def test_a_pong_that_nobody_asked_for_does_no_harm(self, ends):
        server, client = ends
        client.send(Frame(Opcode.PONG, b"?"), client.text("x"))
        assert server.receive() == "x"


class TestTheEnd:
    def test_said_by_the_other_side_is_answered(self, ends):
        server, client = ends
        client.send(client.text("last"), Frame(Opcode.CLOSE, (1001).to_bytes(2, "big") + b"going away"))
        assert server.receive() == "last"
        with pytest.raises(Closed) as closed:
            server.receive()
        assert closed.value.code == 1001
        assert "going away" in str(closed.value)
        assert [one.opcode for one in client.read()] == [Opcode.CLOSE]

    def test_stays_the_end(self, ends):
        server, client = ends
        client.send(Frame(Opcode.CLOSE, (1000).to_bytes(2, "big")))
        for _ in range(3):
            with pytest.raises(Closed):
                server.receive()
        with pytest.raises(Closed):
            server.send("too late")
        server.close()

    def test_a_line_that_just_breaks_is_the_end_too(self, ends):
        server, client = ends
        client.socket.close()
        with pytest.raises(Closed) as closed:
            server.receive()
        assert closed.value.code == 1006

    def test_sending_into_a_broken_line_is_told(self, ends):
        server, client = ends
        client.socket.close()
        with pytest.raises(Closed):
            all(server.send("x" * 10000) is None for _ in range(100))

    def test_said_by_us_waits_for_the_answer(self, ends):
        server, client = ends
        done = threading.Thread(target=server.close)
        done.start()
        [frame] = client.read()
        assert (frame.opcode, frame.data) == (Opcode.CLOSE, (1000).to_bytes(2, "big"))
        client.send(Frame(Opcode.CLOSE, (1000).to_bytes(2, "big")))
        done.join(5)
        assert not done.is_alive()
        assert client.socket.recv(1) == b""

    def test_said_by_us_does_not_wait_for_ever(self, ends):
        server, _ = ends
        server.close()
        with pytest.raises(Closed):
            server.receive()

    @pytest.mark.parametrize(
        "nonsense",
        [
            b"\x81\x02hi",  # not masked
            b"\xf1\x80\x00\x00\x00\x00",  # reserved bits
            b"\x83\x80\x00\x00\x00\x00",  # no such opcode
            b"\x80\x80\x00\x00\x00\x00",  # goes on with nothing
            b"\x09\x80\x00\x00\x00\x00",  # a ping in fragments
            b"\x81\x81\x00\x00\x00\x00\xff",  # not UTF-8
            b"GET / HTTP/1.1\r\n\r\n",
        ],
    )
    def test_what_breaks_the_protocol_ends_it(self, ends, nonsense):
        server, client = ends
        client.socket.sendall(nonsense)
        client.socket.shutdown(socket.SHUT_WR)
        with pytest.raises(Closed) as closed:
            server.receive(5)
        assert closed.value.code in {1002, 1007}


def test_the_web_server_lets_go_of_a_connection_that_was_one():
    with pytest.raises(BrokenPipeError) as broken:
        Handed()({}, lambda *_: None)
    assert broken.value.errno == errno.EPIPE
