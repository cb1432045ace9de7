"""What Twilio tells us about SMS, twice and in any order: ``/sms/status`` and ``/sms/incoming``."""

from __future__ import annotations

import datetime as dt
import logging
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request
from twilio.twiml.messaging_response import MessagingResponse

from hotline.messages import delivery
from hotline.messages.numbers import masked
from hotline.messages.tables import Status
from hotline.telephony.signature import signed

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.typing import ResponseReturnValue

    from hotline.messages.replies import Replies
    from hotline.storage import Database

log = logging.getLogger(__name__)


def webhooks(database: Database, replies: Replies, clock: Callable[[], dt.datetime]) -> Blueprint:
    """Return the blueprint of the two webhooks."""
    blueprint = Blueprint("sms", __name__, url_prefix="/sms")

    @blueprint.post("/status")
    @signed
    def status() -> ResponseReturnValue:
        """Take a delivery report. https://www.twilio.com/docs/messaging/guides/track-outbound-message-status"""
        form = request.form
        sms = request.args.get("sms", type=int)
        sid, reported = form.get("MessageSid", "")[:64], form.get("MessageStatus", "")
        code = form.get("ErrorCode", type=int)
        if not sid:
            return Response("MessageSid missing\n", status=400, mimetype="text/plain")
        with database.writing() as session:
            changed = delivery.report(session, sms, sid, provider_status=reported, code=code, now=clock())
        if changed in {Status.FAILED, Status.UNDELIVERED}:
            log.warning("SMS to %s reported %s, error %s", masked(form.get("To")), reported, code)
        return "", 204

    @blueprint.post("/incoming")
    @signed
    def incoming() -> ResponseReturnValue:
        """Answer a reply. https://www.twilio.com/docs/messaging/guides/webhook-request"""
        form = request.form
        sid, phone = form.get("MessageSid", "")[:64], form.get("From", "")[:20]
        if not (sid and phone):
            return Response("MessageSid or From missing\n", status=400, mimetype="text/plain")
        twiml = MessagingResponse()
        # OptOutType: a messaging service's "Advanced Opt-Out" has answered already.
        if not form.get("OptOutType"):
            answer = replies.answer(sid, phone, form.get("Body", ""))
            if answer is not None:
                twiml.message(answer)
        return Response(str(twiml), mimetype="text/xml")

    return blueprint
