"""A stand-in for the part of Twilio's REST API that the hotline uses: placing and changing calls.

Sources: https://www.twilio.com/docs/voice/api/call-resource (create, update; parameters and answers),
https://www.twilio.com/docs/api/errors/21220 (the call is over) and /20404. It stands in for an account on
loopback: in ``make run`` the desk works without one.
"""

from __future__ import annotations

import hmac
import logging
import threading
import time
from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, Response, jsonify, request

from hotline.telephony.phone.dial import Callee
from hotline.telephony.phone.outgoing import Outgoing

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.typing import ResponseReturnValue

    from hotline.telephony.phone.remote import Remote
    from hotline.telephony.phone.telephone import Telephone

log = logging.getLogger(__name__)

CALL_OVER: Final = 21220
NOT_FOUND: Final = 20404
NOT_ALLOWED: Final = 20003
INVALID_TO: Final = 21211

AGENT: Final = Callee(rings_for=3, presses="1", presses_after=2, talks_for=3600)
"""Somebody at the desk, for trying out: answers, accepts, and stays until the caller hangs up."""
CITIZEN: Final = Callee(rings_for=4, talks_for=60)
"""Somebody who is called back, for trying out."""


def simulated_callee(number: str) -> Callee:
    """Return what the party at a number does where there is no telephone network: citizens have mobiles."""
    return CITIZEN if number.startswith(("+4915", "+4916", "+4917")) else AGENT


class Office:
    """The telephones of one account that are under way, and calls that the hotline places.

    :param callees: what the party at a number does that is called.
    :param speed: how many seconds of audio pass in one second; for tests.
    """

    def __init__(self, callees: Callable[[str], Callee] = lambda _: Callee(), *, speed: float = 1.0) -> None:
        self.callees = callees
        self.speed = speed
        self.placed: list[Outgoing] = []
        self._phones: dict[str, Telephone | Remote] = {}
        self._lock = threading.Lock()

    def connect(self, phone: Telephone | Remote) -> None:
        """Let the REST API reach a telephone, from now until its call is over."""
        with self._lock:
            self._phones = {sid: one for sid, one in self._phones.items() if not one.ended}
            self._phones[phone.call_sid] = phone

    def find(self, sid: str) -> Telephone | Remote | Outgoing | None:
        """Return a call by its sid."""
        with self._lock:
            placed = next((one for one in self.placed if one.sid == sid), None)
            return placed or self._phones.get(sid)

    def place(self, call: Outgoing) -> None:
        """Run a call that the hotline places, in a thread of its own."""
        with self._lock:
            self.placed.append(call)
        threading.Thread(target=self._run, args=(call,), daemon=True, name="outgoing-call").start()

    def _run(self, call: Outgoing) -> None:
        try:
            for _ in call.run():
                time.sleep(0.02 / self.speed)
        except Exception:
            log.exception("an outgoing call failed")


def rest(office: Office, token: str, connect_to: Callable[[], str], public_url: str) -> Blueprint:
    """Return the API's blueprint, to be registered under any prefix.

    :param token: the account's token, which is the password.
    :param connect_to: where the hotline is really reached.
    """
    blueprint = Blueprint("rest", __name__)

    @blueprint.before_request
    def check() -> ResponseReturnValue | None:
        given = request.authorization
        password = (given.password if given else None) or ""
        if not token or not hmac.compare_digest(password.encode(), token.encode()):
            return _error(401, NOT_ALLOWED, "Authenticate")
        return None

    @blueprint.post("/2010-04-01/Accounts/<account>/Calls.json")
    def create(account: str) -> ResponseReturnValue:
        form = request.form
        if not form.get("To", "").startswith("+"):
            return _error(400, INVALID_TO, "The phone number you are attempting to call is not valid.")
        call = Outgoing(
            public_url,
            token,
            connect_to=connect_to(),
            account_sid=account,
            form=dict(form),
            callees=office.callees,
        )
        office.place(call)
        return jsonify(_resource(account, call.sid, "queued", form.get("To", ""))), 201

    @blueprint.post("/2010-04-01/Accounts/<account>/Calls/<sid>.json")
    def update(account: str, sid: str) -> ResponseReturnValue:
        call = office.find(sid)
        if call is None:
            return _error(404, NOT_FOUND, f"The requested resource {request.path} was not found")
        if call.ended:
            return _error(400, CALL_OVER, "Call is not in-progress. Cannot redirect.")
        if request.form.get("Url"):
            call.redirect(request.form["Url"])
        elif request.form.get("Status") == "completed":
            call.redirect(None)
        return jsonify(_resource(account, sid, "in-progress", ""))

    return blueprint


def _resource(account: str, sid: str, status: str, to: str) -> dict[str, Any]:
    return {
        "sid": sid,
        "account_sid": account,
        "status": status,
        "to": to,
        "direction": "outbound-api",
        "uri": f"/2010-04-01/Accounts/{account}/Calls/{sid}.json",
    }


def _error(status: int, code: int, message: str) -> Response:
    answer = jsonify(
        code=code, message=message, status=status, more_info=f"https://www.twilio.com/docs/errors/{code}"
    )
    answer.status_code = status
    return answer
