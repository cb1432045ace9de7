"""The telephone's counterpart, served over real HTTP and WebSockets."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from counterpart import PUBLIC, TOKEN, Asked, Hotline
from flask import Flask, Response, request
from pydantic import SecretStr
from twilio.request_validator import RequestValidator
from werkzeug.serving import make_server

from hotline.telephony.phone.browser import browser
from hotline.telephony.websocket import Closed, Handed, WebSocket


@pytest.fixture
def hotline() -> Iterator[Hotline]:
    other = Hotline()
    app = Flask(__name__)
    app.register_blueprint(browser)
    settings = SimpleNamespace(public_url=PUBLIC, twilio_auth_token=SecretStr(TOKEN))
    app.extensions["hotline"] = SimpleNamespace(settings=settings)
    validator = RequestValidator(TOKEN)

    @app.route("/media", websocket=True)
    def media() -> Response:
        signature = request.headers.get("X-Twilio-Signature", "")
        other.handshake_signed.append(validator.validate("wss://hotline.example/media", {}, signature))
        line = WebSocket.accept(request.environ)
        over = threading.Event()
        other.talks.append(over)
        try:
            assert other.next_message(line)["event"] == "connected"
            start = other.next_message(line)
            assert other.talk is not None
            other.talk(line, start)
        except Closed:
            pass
        finally:
            over.set()
        return Handed()

    @app.route("/<path:path>", methods=["GET", "POST"])
    def webhook(path: str) -> Any:
        parameters = {**request.args, **request.form}
        query = request.query_string.decode()
        url = f"{PUBLIC}/{path}" + (f"?{query}" if query else "")
        signed = validator.validate(url, request.form, request.headers.get("X-Twilio-Signature", ""))
        other.asked.append(Asked("/" + path, request.method, parameters, signed, dict(request.headers)))
        if path == "voice/status":
            return "", 204
        return other.answer("/" + path)

    server = make_server("127.0.0.1", 0, app, threaded=True)
    other.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield other
    server.shutdown()
    thread.join()
    server.server_close()
