"""Who carries an SMS out of the house: Twilio, or nobody, for trying out."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn, Protocol
from urllib.parse import urlsplit

import requests
from twilio.base.exceptions import TwilioRestException, TwilioServiceException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client
from urllib3.exceptions import NewConnectionError

if TYPE_CHECKING:
    from hotline.settings import Settings

TIMEOUT_S = 10.0
"""Seconds to connect to Twilio, and again to wait for its answer."""

OUR_FAULT = frozenset({20003, 20005, 21212, 21603, 21606, 21609, 21611, 21659, 21660, 21661, 30002})
"""Twilio's error codes that an operator can mend: credentials, the account, the sender's number, the callback
URL, a full queue. The SMS waits for that; every other refusal of a request (HTTP 400: the number is none, no
mobile, barred its reception; the text is empty or too long) stays as it is however often it is tried.
Source: https://www.twilio.com/docs/api/errors"""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An SMS on its way to a sender."""

    id: int
    phone: str
    """E.164."""
    text: str
    created_at: dt.datetime
    others: frozenset[str] = frozenset()
    """The provider's ids of other SMS to this number, which are not this one even if they say the same."""


class Refused(Exception):  # noqa: N818  it is an answer, not a fault of ours
    """The provider will never send this SMS."""

    def __init__(self, reason: str, code: int | None = None) -> None:
        super().__init__(reason)
        self.code = code


class Unavailable(Exception):  # noqa: N818
    """The provider could not take the SMS now.

    ``uncertain``: it may have taken it all the same (Twilio on its 500s: a repeated request may send twice,
    https://www.twilio.com/docs/api/errors/20500; a 429 was never processed, …/20429).
    """

    def __init__(self, reason: str, code: int | None = None, *, uncertain: bool) -> None:
        super().__init__(reason)
        self.code = code
        self.uncertain = uncertain


class Sender(Protocol):
    """Carries SMS to a provider. Used by one worker's thread."""

    def send(self, sms: Outgoing) -> str:
        """Hand the SMS over and return the provider's id.

        :raises Refused: it will never be sent.
        :raises Unavailable: it may be tried again later.
        """

    def find(self, sms: Outgoing) -> str | None:
        """Return the provider's id if it has taken this SMS before, when an earlier attempt's end is unknown.

        :raises Unavailable: it cannot be told now.
        """


class LocalSender:
    """Sends nothing: what it takes is shown on the page ``/messages``."""

    def send(self, sms: Outgoing) -> str:
        """Take the SMS."""
        return f"local-{sms.id}"

    def find(self, sms: Outgoing) -> str | None:
        """Return None: taking it twice does no harm."""
        return None


class TwilioSender:
    """Sends through Twilio.

    :param origin: the sender: a number (E.164), an alphanumeric sender id, or a messaging service (``MG…``).
    :param status_url: where delivery reports go; None where Twilio could not reach it.
    """

    def __init__(self, client: Client, origin: str, status_url: str | None) -> None:
        self._messages = client.messages
        self._origin = {"messaging_service_sid": origin} if origin.startswith("MG") else {"from_": origin}
        self._status_url = status_url

    def send(self, sms: Outgoing) -> str:
        """Create the message at Twilio."""
        more: dict[str, Any] = dict(self._origin)
        if self._status_url:
            # The report names the row itself: it may arrive before the answer to this request does.
            more["status_callback"] = f"{self._status_url}?sms={sms.id}"
        try:
            return str(self._messages.create(to=sms.phone, body=sms.text, **more).sid)
        except (TwilioRestException, TwilioServiceException, requests.RequestException) as error:
            _translate(error)

    def find(self, sms: Outgoing) -> str | None:
        """Look for the message among the newest that Twilio has for this number."""
        since = sms.created_at - dt.timedelta(minutes=1)  # Twilio's clock and ours
        try:
            for message in self._messages.list(to=sms.phone, limit=20):
                if (
                    message.body == sms.text
                    and message.sid not in sms.others
                    and message.direction != "inbound"
                    and (message.date_created is None or message.date_created >= since)
                ):
                    return str(message.sid)
        except (TwilioRestException, TwilioServiceException, requests.RequestException) as error:
            _translate(error)
        return None


def sender_for(settings: Settings) -> Sender:
    """Return the sender that the settings ask for.

    :raises ValueError: if they ask for Twilio, and lack what it takes.
    """
    if not _through_twilio(settings):
        return LocalSender()
    account, token = settings.twilio_account_sid, settings.twilio_auth_token.get_secret_value()
    origin = _origin(settings)
    if not (account and token and origin):
        msg = (
            "SMS through Twilio need TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_PHONE_NUMBER "
            "or HOTLINE_SMS_FROM"
        )
        raise ValueError(msg)
    reachable = urlsplit(settings.public_url).hostname not in {"localhost", "127.0.0.1", "::1"}
    client = Client(account, token, http_client=TwilioHttpClient(timeout=TIMEOUT_S))
    return TwilioSender(client, origin, f"{settings.public_url}/sms/status" if reachable else None)


def can_be_answered(settings: Settings) -> bool:
    """Tell whether a reply to an SMS comes back to us: not to an alphanumeric sender, not without Twilio."""
    return _through_twilio(settings) and _origin(settings).startswith(("+", "MG"))


def _through_twilio(settings: Settings) -> bool:
    if settings.sms_sender not in {"auto", "twilio", "local"}:
        msg = f"HOTLINE_SMS_SENDER is {settings.sms_sender!r}; it may be auto, twilio or local"
        raise ValueError(msg)
    return settings.sms_sender == "twilio" or (
        settings.sms_sender == "auto" and bool(settings.twilio_account_sid)
    )


def _origin(settings: Settings) -> str:
    return settings.sms_from or settings.twilio_phone_number


def _translate(
    error: TwilioRestException | TwilioServiceException | requests.RequestException,
) -> NoReturn:
    if isinstance(error, requests.RequestException):
        # Only a connection that never came about leaves no doubt.
        unsent = isinstance(error, requests.ConnectTimeout) or _refused_to_connect(error)
        raise Unavailable(type(error).__name__, uncertain=not unsent) from error
    status, code = error.status, error.code
    reason = f"HTTP {status}, error {code}"
    if status == 400 and code not in OUR_FAULT:
        raise Refused(reason, code) from error
    raise Unavailable(reason, code, uncertain=status >= 500) from error


def _refused_to_connect(error: requests.RequestException) -> bool:
    """Tell a connection that could not be opened from a broken one; ``requests`` has one class for both."""
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(reason, NewConnectionError)
