"""Who is calling: every webhook and every WebSocket handshake must bear Twilio's signature.

Source: https://www.twilio.com/docs/usage/security#validating-requests. The URL that is checked is built from
the configured public base URL, never from the Host header, which the sender chooses.
"""

from __future__ import annotations

import logging
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, cast

from flask import Response, current_app, request
from twilio.request_validator import RequestValidator

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.typing import ResponseReturnValue

    from hotline.settings import Settings

P = ParamSpec("P")

log = logging.getLogger(__name__)


def is_signed(settings: Settings, *, websocket: bool = False) -> bool:
    """Tell whether the current request was signed with the account's token.

    With no token configured nothing is. A WebSocket handshake is signed over the stream's ``wss`` URL and no
    parameters; some of Twilio's edges have been seen to append a slash, which
    :class:`twilio.request_validator.RequestValidator` does not know, so both are tried.
    """
    token = settings.twilio_auth_token.get_secret_value()
    signature = request.headers.get("X-Twilio-Signature", "")
    if not token or not signature:
        return False
    validator = RequestValidator(token)
    if websocket:
        urls = (settings.stream_url, settings.stream_url + "/")
        return any(validator.validate(url, {}, signature) for url in urls)
    query = request.query_string.decode("latin-1")
    url = settings.public_url + request.path + (f"?{query}" if query else "")
    return bool(validator.validate(url, cast("dict[str, Any]", request.form), signature))


def signed(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """Refuse the request with 403, and one log line, unless Twilio signed it."""

    @wraps(view)
    def checked(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        if not is_signed(current_app.extensions["hotline"].settings):
            log.warning(
                "refused %s %s from %s: no valid signature", request.method, request.path, request.remote_addr
            )
            return Response("signature missing or wrong\n", status=403, mimetype="text/plain")
        return view(*args, **kwargs)

    return checked
