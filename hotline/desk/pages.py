"""The desk's pages: signing in, the queue, what is live, and who looked at what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request

from hotline.desk import words
from hotline.desk.accounts import TooManyFailures
from hotline.desk.desk import CALL
from hotline.desk.guard import (
    address,
    audit,
    cookie_name,
    desk,
    needs,
    protect,
    recognise,
    same_site,
    set_cookie,
    signed_in,
    who,
)
from hotline.desk.tables import Audit, Role

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

pages = Blueprint("desk", __name__, url_prefix="/desk", template_folder="templates", static_folder="static")
pages.before_request(recognise)
pages.after_request(protect)

SHOWN = 300
"""Newest lines of the record of who did what."""


@pages.get("/sign-in")
def sign_in_page() -> ResponseReturnValue:
    """Ask who is there."""
    return render_template("desk/sign_in.html", message="", name="")


@pages.post("/sign-in")
def sign_in() -> ResponseReturnValue:
    """Let somebody in who knows the password."""
    name = request.form.get("name", "")
    if not same_site():
        return _refused("Bitte laden Sie die Seite neu und melden Sie sich noch einmal an.", name, 403)
    try:
        token = desk().accounts.sign_in(name, request.form.get("password", ""), address())
    except TooManyFailures:
        return _refused("Zu viele Versuche. Bitte warten Sie eine Viertelstunde.", name, 429)
    if token is None:
        return _refused("Name oder Passwort stimmen nicht.", name, 401)
    return _enter(token)


@pages.get("/enter/<token>")
def enter_page(token: str) -> ResponseReturnValue:
    """Ask for a click before a one-time link is used up: mail programs and browsers open links beforehand."""
    return render_template("desk/enter.html", token=token)


@pages.post("/enter/<token>")
def enter(token: str) -> ResponseReturnValue:
    """Let somebody in who has a one-time link."""
    session = desk().accounts.use_link(token) if same_site() else None
    if session is None:
        return _refused("Dieser Link ist verbraucht oder abgelaufen.", "", 401)
    return _enter(session)


@pages.post("/sign-out")
@signed_in
def sign_out() -> ResponseReturnValue:
    """End the session."""
    desk().accounts.sign_out(who())
    response = make_response(redirect("/desk/sign-in", 303))
    response.delete_cookie(cookie_name(), path="/", secure=cookie_name().startswith("__"), httponly=True)
    return response


@pages.post("/ready")
@signed_in
def ready() -> ResponseReturnValue:
    """Take calls, or have a break."""
    wanted = request.form.get("ready") == "1"
    if wanted and not who().phone:
        return jsonify(
            message="In Ihrem Konto steht keine Telefonnummer. Bitte wenden Sie sich an die Leitung."
        ), 409
    desk().accounts.set_ready(who(), wanted)
    return jsonify(
        ready=wanted, message="Sie bekommen Anrufe." if wanted else "Pause: Sie bekommen keine Anrufe."
    )


@pages.get("")
@signed_in
def queue() -> ResponseReturnValue:
    """Show who waits."""
    place = desk()
    place.accounts.seen(who())
    audit("queue", "")
    return render_template(
        "desk/queue.html", who=who(), here="queue", state=place.queue_state(), topics="queue"
    )


@pages.get("/events")
@signed_in
def events() -> ResponseReturnValue:
    """Send news of the queue, and of one call if asked for, as they happen."""
    place = desk()
    me = who()
    topics = ["queue"]
    if call := request.args.get("call", "")[:64]:
        topics.append(CALL + call)
    known = request.headers.get("Last-Event-ID") or request.args.get("known", "")

    def beat() -> bool:
        if call:
            place.keep_alive(call, me.name)
        return place.accounts.seen(me)

    stream = place.hub.events(topics, known[:100], beat)
    if stream is None:
        return Response(
            "Zu viele Fenster.\n", status=503, mimetype="text/plain", headers={"Retry-After": "3"}
        )
    return Response(
        stream, mimetype="text/event-stream", headers={"X-Accel-Buffering": "no", "Cache-Control": "no-store"}
    )


@pages.get("/state")
@signed_in
def state() -> ResponseReturnValue:
    """Return the same as :func:`events` once, for browsers that found no place there."""
    place = desk()
    place.accounts.seen(who())
    found = {"queue": place.queue_state()}
    if call := request.args.get("call", "")[:64]:
        place.keep_alive(call, who().name)
        found["call"] = place.call_state(call)
    return jsonify(found)


@pages.get("/audit")
@needs(Role.LEAD)
def record() -> ResponseReturnValue:
    """Show who looked at what."""
    place = desk()
    with place.one.calls.database.reading() as session:
        rows = session.scalars(sa.select(Audit).order_by(Audit.id.desc()).limit(SHOWN)).all()
    return render_template(
        "desk/audit.html",
        who=who(),
        here="audit",
        rows=rows,
        names=place.accounts.names(),
        when=words.when,
        actions=words.AUDIT,
        state=place.queue_state(),
        topics="queue",
    )


def _refused(message: str, name: str, status: int) -> ResponseReturnValue:
    return render_template("desk/sign_in.html", message=message, name=name[:40]), status


def _enter(token: str) -> ResponseReturnValue:
    response = make_response(redirect("/desk", 303))
    set_cookie(response, token)
    return response
