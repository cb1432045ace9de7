"""What we ask of Twilio ourselves: take a call elsewhere, place a call, hang up.

Source: https://www.twilio.com/docs/voice/api/call-resource.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

if TYPE_CHECKING:
    from hotline.settings import Settings

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 8
"""An agent waits for it at her desk."""

NOT_IN_PROGRESS = 21220
"""The call has ended meanwhile. https://www.twilio.com/docs/api/errors/21220"""
NOT_FOUND = 20404

DEMO_ACCOUNT = "AC" + 32 * "0"
"""The account of the test telephone."""


class LineFailed(Exception):  # noqa: N818
    """Twilio did not do what was asked; ``gone``: because the call is over."""

    def __init__(self, text: str, *, gone: bool = False) -> None:
        super().__init__(text)
        self.gone = gone


class Lines:
    """Calls under way, through Twilio's REST API."""

    def __init__(self, settings: Settings) -> None:
        self._number = settings.twilio_phone_number
        self._client = Client(
            settings.twilio_account_sid or DEMO_ACCOUNT,
            settings.twilio_auth_token.get_secret_value() or "none",
            http_client=TwilioHttpClient(timeout=TIMEOUT_SECONDS),
        )
        if settings.twilio_api_url:
            self._client.api.base_url = settings.twilio_api_url

    def redirect(self, sid: str, url: str) -> None:
        """Take a call away from what it is doing and go on with the TwiML at ``url``.

        :raises LineFailed: if that cannot be done.
        """
        try:
            self._client.calls(sid).update(url=url, method="POST")
        except (TwilioException, requests.RequestException) as error:
            raise _failed(error) from error

    def call(self, to: str, url: str, status_url: str, *, ring_seconds: int) -> str:
        """Call somebody, who gets the TwiML at ``url``; return the call's sid.

        :raises LineFailed: if that cannot be done.
        """
        try:
            made = self._client.calls.create(
                to=to,
                from_=self._number,
                url=url,
                status_callback=status_url,
                timeout=ring_seconds,
            )
        except (TwilioException, requests.RequestException) as error:
            raise _failed(error) from error
        return str(made.sid)

    def hang_up(self, sid: str) -> None:
        """End a call; that it has ended already is no harm.

        :raises LineFailed: if it cannot be done.
        """
        try:
            self._client.calls(sid).update(status="completed")
        except (TwilioException, requests.RequestException) as error:
            failed = _failed(error)
            if not failed.gone:
                raise failed from error


def _failed(error: Exception) -> LineFailed:
    if isinstance(error, TwilioRestException):
        gone = error.code in {NOT_IN_PROGRESS, NOT_FOUND} or error.status == 404
        log.warning("Twilio refused: %s %s", error.code, error.msg)
        return LineFailed(str(error.msg), gone=gone)
    log.warning("Twilio cannot be reached: %s", type(error).__name__)
    return LineFailed("Die Telefonanlage ist nicht zu erreichen.")
