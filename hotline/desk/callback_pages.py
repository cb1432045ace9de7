"""Call-backs at the desk: what is due, calling, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import jsonify, render_template

from hotline.desk import words
from hotline.desk.guard import audit, desk, signed_in, who
from hotline.desk.pages import pages
from hotline.desk.work import Failed
from hotline.telephony import callbacks
from hotline.telephony.handover import RING_SECONDS
from hotline.telephony.lines import LineFailed
from hotline.telephony.tables import AttemptRow, CallbackRow

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue


@pages.get("/callbacks")
@signed_in
def callback_list() -> ResponseReturnValue:
    """Show the call-backs that are due."""
    place = desk()
    now = place.one.clock()
    with place.one.calls.database.reading() as session:
        rows = callbacks.due(session)
        tried = callbacks.attempts(session, [row.id for row in rows])
    audit("callbacks", "")
    place.accounts.seen(who())
    entries = [
        (row, [one for one in tried if one.callback == row.id], place.brief(row.call_sid)) for row in rows
    ]
    return render_template(
        "desk/callbacks.html",
        who=who(),
        here="callbacks",
        entries=entries,
        now=now,
        names=place.accounts.names(),
        attempts=words.ATTEMPTS,
        reasons=words.REASONS,
        clock_time=words.clock_time,
        taken_for=callbacks.TAKEN_FOR,
        state=place.queue_state(),
        topics="queue",
    )


@pages.post("/callbacks/<int:number>/call")
@signed_in
def call_back(number: int) -> ResponseReturnValue:
    """Take a call-back on: the agent's telephone rings, and then the citizen's."""
    place, me = desk(), who()
    if not me.phone:
        raise Failed("In Ihrem Konto steht keine Telefonnummer. Bitte wenden Sie sich an die Leitung.")
    row = _take(number)
    now = place.one.clock()
    with place.one.calls.database.writing() as session:
        attempt = callbacks.attempt(session, number, me.name, now)
    if attempt is None:
        return jsonify(go=f"/desk/calls/{row.call_sid}")
    audit("call_back", f"Rückruf {number}")
    base = f"{place.one.settings.public_url}/voice/callback/{attempt}"
    try:
        place.work.record(row.call_sid, me.name, "called_back")
        sid = place.one.lines.call(me.phone, base, f"{base}/status", ring_seconds=RING_SECONDS)
    except (LineFailed, Failed) as error:
        with place.one.calls.database.writing() as session:
            callbacks.end_attempt(session, attempt, "failed", now)
        if isinstance(error, Failed):
            raise
        raise Failed(f"Der Anruf ist nicht zustande gekommen. {error}") from error
    with place.one.calls.database.writing() as session:
        session.get_one(AttemptRow, attempt).sid = sid
    return jsonify(go=f"/desk/calls/{row.call_sid}")


@pages.post("/callbacks/<int:number>/later")
@signed_in
def later(number: int) -> ResponseReturnValue:
    """Leave a call-back for another attempt, by whomever."""
    with desk().one.calls.database.writing() as session:
        callbacks.give_back(session, number, who().name)
    return jsonify(go="/desk/callbacks")


def _take(number: int) -> CallbackRow:
    place = desk()
    with place.one.calls.database.writing() as session:
        taken = callbacks.take(session, number, who().name, place.one.clock())
        row = session.get(CallbackRow, number)
    if row is None:
        raise Failed("Diesen Rückruf gibt es nicht.")
    if not taken:
        if row.done_at is not None:
            raise Failed("Dieser Rückruf ist schon erledigt.")
        name = place.accounts.names().get(row.agent or "", row.agent)
        raise Failed(f"{name} kümmert sich schon darum.")
    return row
