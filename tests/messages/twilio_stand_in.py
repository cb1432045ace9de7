"""A stand-in for Twilio's REST API on loopback: real HTTP, with the troubles that real HTTP has."""

import threading
import time
from collections import deque
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from json import dumps
from urllib.parse import parse_qs, urlsplit

from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

ACCOUNT, TOKEN = "AC" + "0" * 32, "token"


class RedirectingClient(TwilioHttpClient):
    """Twilio's own HTTP client, with another host at the other end."""

    def __init__(self, base, **options):
        super().__init__(**options)
        self.base = base

    def request(self, method, url, *arguments, **options):
        return super().request(
            method, url.replace("https://api.twilio.com", self.base), *arguments, **options
        )


class TwilioStandIn:
    """Keeps the messages it was given; ``troubles`` come first, one a request to send.

    A trouble is an HTTP status with Twilio's error code, or "lost" (takes the message, then breaks the
    connection), "dropped" (breaks it before), or "silent" (takes the message and does not answer).
    """

    def __init__(self, clock):
        self.clock = clock
        self.messages = []
        self.requests = []
        self.troubles = deque()
        self.lists_messages = True
        self.released = threading.Event()
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.base = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self):
        self.released.set()
        self._server.shutdown()
        self._server.server_close()

    def client(self, timeout=30.0):
        return Client(ACCOUNT, TOKEN, http_client=RedirectingClient(self.base, timeout=timeout))

    @property
    def bodies(self):
        return [message["body"] for message in self.messages]

    def take(self, form):
        with self._lock:
            sid = f"SM{len(self.messages):032x}"
            message = {
                "sid": sid,
                "body": form["Body"],
                "to": form["To"],
                "from": form.get("From"),
                "status": "queued",
                "direction": "outbound-api",
                "date_created": format_datetime(self.clock()),
                "num_segments": "1",
                "error_code": None,
            }
            self.messages.append(message)
        return message

    def _handler(self):
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self, status, content):
                body = dumps(content).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self):
                raw = self.rfile.read(int(self.headers["Content-Length"])).decode()
                form = {name: values[0] for name, values in parse_qs(raw).items()}
                stand_in.requests.append(form)
                trouble = stand_in.troubles.popleft() if stand_in.troubles else None
                if trouble == "dropped":
                    self.close_connection = True
                elif trouble in {"lost", "silent"}:
                    stand_in.take(form)
                    self.close_connection = True
                    if trouble == "silent":
                        stand_in.released.wait(60)
                elif trouble is not None:
                    status, code = trouble
                    self.answer(status, {"code": code, "message": "no", "status": status})
                else:
                    self.answer(201, stand_in.take(form))

            def do_GET(self):
                to = parse_qs(urlsplit(self.path).query).get("To", [""])[0]
                found = [message for message in reversed(stand_in.messages) if message["to"] == to]
                self.answer(200, {"messages": found if stand_in.lists_messages else []})

            def log_message(self, *_):
                pass

        return Handler


def wait_until(condition, seconds=60.0):
    """Wait for what another thread does; fail the test if it never does it."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.02)
