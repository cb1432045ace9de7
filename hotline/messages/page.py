"""The page ``/messages``: for trying the hotline out, the mobile phone on which its SMS arrive."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from flask import Blueprint, Response, render_template, request

from hotline.messages.numbers import written
from hotline.messages.tables import Sms
from hotline.terms import BERLIN

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from hotline.storage import Database

SHOWN = 50
"""Newest SMS on the page."""

GERMAN = {
    "queued": "wartet",
    "sending": "wird gesendet",
    "sent": "gesendet",
    "delivered": "zugestellt",
    "undelivered": "nicht zugestellt",
    "failed": "nicht gesendet",
    "superseded": "überholt, nicht gesendet",
}
"""An SMS's status as people read it."""

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)


def local_page(database: Database) -> Blueprint:
    """Return the page's blueprint. Only for trying out: it shows every SMS to everybody."""
    blueprint = Blueprint(
        "messages",
        __name__,
        url_prefix="/messages",
        template_folder="templates",
        static_folder="static",
    )

    @blueprint.get("")
    def show() -> ResponseReturnValue:
        return render_template("messages/page.html", messages=_newest(database))

    @blueprint.get("/list")
    def bubbles() -> ResponseReturnValue:
        """Return the list alone, or 304 if the browser has it already."""
        response = Response(render_template("messages/list.html", messages=_newest(database)))
        response.add_etag()
        return response.make_conditional(request)

    @blueprint.after_request
    def protect(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = _POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        if request.endpoint != "messages.static":
            response.headers["Cache-Control"] = "no-cache, private"
        return response

    return blueprint


def _newest(database: Database) -> list[dict[str, str | int]]:
    with database.reading() as session:
        rows = session.scalars(sa.select(Sms).order_by(Sms.id.desc()).limit(SHOWN)).all()
    return [
        {
            "id": row.id,
            "phone": written(row.phone),
            "text": row.text,
            "time": row.created_at.astimezone(BERLIN).isoformat(timespec="minutes"),
            "shown_time": f"{row.created_at.astimezone(BERLIN):%d.%m.%Y, %H:%M} Uhr",
            "status": GERMAN.get(row.status, row.status),
            "segments": row.segments,
        }
        for row in rows
    ]
