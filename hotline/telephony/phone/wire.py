"""How Twilio's requests reach the hotline: signed, and within the documented times."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode, urljoin, urlsplit, urlunsplit

import requests
from twilio.request_validator import RequestValidator

if TYPE_CHECKING:
    from collections.abc import Mapping

CONNECT_SECONDS: Final = 10.0
"""Twilio tries for 10 s to establish a connection (https://www.twilio.com/docs/api/errors/11205)."""
ANSWER_SECONDS: Final = 15.0
"""Twilio waits 15 s in all for an answer (same page)."""
MOST_REDIRECTS: Final = 10
"""After so many the request fails (https://www.twilio.com/docs/api/errors/11215)."""

HTTP_FAILED: Final = 11200
CONNECTION_FAILED: Final = 11205
TOO_MANY_REDIRECTS: Final = 11215


class WebhookFailed(Exception):  # noqa: N818
    """The hotline did not answer a request properly.

    ``code`` is Twilio's error code (https://www.twilio.com/docs/api/errors), ``url`` what was requested.
    """

    def __init__(self, code: int, url: str, text: str) -> None:
        super().__init__(f"{code}: {url}: {text}")
        self.code = code
        self.url = url


@dataclass(frozen=True)
class Answer:
    """What came back: the ``url`` that answered, the media type without parameters, and the body."""

    url: str
    content_type: str
    body: bytes


@dataclass(frozen=True)
class Reach:
    """Where a TCP connection goes: host, port, and whether it is TLS."""

    host: str
    port: int
    tls: bool


def new_sid(prefix: str) -> str:
    """Return an identifier as Twilio forms them: two letters and 32 hexadecimal digits.

    Source: https://www.twilio.com/docs/glossary/what-is-a-sid.
    """
    return prefix + secrets.token_hex(16)


class Wire:
    """Signed requests to one hotline.

    :param base_url: the public base URL, which is what Twilio signs.
    :param auth_token: the account's token.
    :param connect_to: base URL to which connections for ``base_url`` really go; the signature stays that of
        the
        public URL. ``None``: to ``base_url`` itself.
    :param repeat: send every webhook this many times with the same idempotency token, as Twilio does when an
        answer got lost (https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides); the last
        answer counts.
    """

    def __init__(
        self, base_url: str, auth_token: str, *, connect_to: str | None = None, repeat: int = 1
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self._connect_to = (connect_to or base_url).rstrip("/")
        self._validator = RequestValidator(auth_token)
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["User-Agent"] = "TwilioProxy/1.1"
        self._repeat = repeat
        self.timeouts = (CONNECT_SECONDS, ANSWER_SECONDS)
        """Seconds to connect and to answer. Tests shorten them."""

    def signature(self, url: str, parameters: Mapping[str, str] | None = None) -> str:
        """Return ``X-Twilio-Signature`` for a request of ``url`` with these form parameters.

        Source: https://www.twilio.com/docs/usage/security#validating-requests: HMAC-SHA1 over the full URL
        and the sorted POST parameters. A WebSocket handshake is signed over its ``wss`` URL without
        parameters.
        """
        return str(self._validator.compute_signature(url, dict(parameters or {})))

    def request(self, url: str, parameters: Mapping[str, str], method: str = "POST") -> Answer:
        """Send a webhook and return the answer, following redirects.

        A GET carries the parameters in its query, which is then part of what is signed.

        :raises WebhookFailed: if there was no connection, no answer in time, or a status other than 2xx.
        """
        asked = url
        token = {"I-Twilio-Idempotency-Token": secrets.token_hex(16)}
        for _ in range(MOST_REDIRECTS):
            for _ in range(self._repeat):
                response = self._send(asked, parameters, method, token)
            if not response.is_redirect:
                break
            asked = urljoin(asked, response.headers["Location"])
            if response.status_code not in {307, 308}:
                method, parameters = "GET", {}
        else:
            raise WebhookFailed(TOO_MANY_REDIRECTS, url, "too many redirects")
        if not response.ok:
            raise WebhookFailed(HTTP_FAILED, url, f"HTTP status {response.status_code}")
        content_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        return Answer(asked, content_type, response.content)

    def _send(
        self, url: str, parameters: Mapping[str, str], method: str, headers: Mapping[str, str]
    ) -> requests.Response:
        form: Mapping[str, str] = parameters
        if method == "GET" and parameters:
            url += ("&" if urlsplit(url).query else "?") + urlencode(parameters)
            form = {}
        try:
            return self._session.request(
                method,
                self._reachable(url),
                data=form or None,
                headers={
                    **headers,
                    "Host": urlsplit(url).netloc,
                    "X-Twilio-Signature": self.signature(url, form),
                },
                timeout=self.timeouts,
                allow_redirects=False,
            )
        except requests.Timeout as error:
            raise WebhookFailed(CONNECTION_FAILED, url, "no answer in time") from error
        except requests.RequestException as error:
            raise WebhookFailed(CONNECTION_FAILED, url, type(error).__name__) from error

    def reach(self, url: str) -> Reach:
        """Return where to connect for ``url`` (``http(s)`` or ``ws(s)``)."""
        parts = urlsplit(self._reachable(url.replace("ws", "http", 1) if url.startswith("ws") else url))
        tls = parts.scheme == "https"
        return Reach(parts.hostname or "localhost", parts.port or (443 if tls else 80), tls)

    def _reachable(self, url: str) -> str:
        public, parts = urlsplit(self.base_url), urlsplit(url)
        if (parts.scheme, parts.netloc) != (public.scheme, public.netloc):
            return url
        real = urlsplit(self._connect_to)
        return urlunsplit((real.scheme, real.netloc, parts.path, parts.query, ""))
