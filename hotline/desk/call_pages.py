"""One call at the desk: taking it, seeing what is known, working for the caller, handing back."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

from flask import Response, abort, jsonify, render_template, request

from hotline.desk import case as cases
from hotline.desk import words
from hotline.desk.guard import audit, desk, signed_in, who
from hotline.desk.pages import pages
from hotline.desk.work import Failed, parse_wishes
from hotline.messages import masked, normalise
from hotline.telephony import callbacks
from hotline.telephony.lines import LineFailed
from hotline.telephony.tables import CallRow

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

HANDING_BACK = {"returned", "finished", "key_number"}


@pages.errorhandler(Failed)
def failed(error: Failed) -> ResponseReturnValue:
    """Tell the agent what cannot be done."""
    return jsonify(message=str(error)), 409


@pages.get("/calls/<sid>")
@signed_in
def call(sid: str) -> ResponseReturnValue:
    """Show a call."""
    place = desk()
    with place.one.calls.database.reading() as session:
        row = session.get(CallRow, sid)
    if row is None:
        abort(404)
    audit("look", sid)
    place.accounts.seen(who())
    case = cases.facts(place.one.calls.conversation(sid))
    first, last = words.times(case.wishes) if case else ("", "")
    return render_template(
        "desk/call.html",
        who=who(),
        here="call",
        sid=sid,
        state=place.queue_state(),
        call_state=place.call_state(sid),
        topics=f"queue call:{sid}",
        city=place.city,
        service=case.service.id if case and case.service else "",
        wishes=case.wishes if case else None,
        first_time=first,
        last_time=last,
        weekdays=words.WEEKDAYS,
        outcomes=words.OUTCOMES,
    )


@pages.post("/calls/<sid>/take")
@signed_in
def take(sid: str) -> ResponseReturnValue:
    """Take a waiting call; of two who click, one gets it."""
    place, me = desk(), who()
    if not me.phone:
        raise Failed("In Ihrem Konto steht keine Telefonnummer. Bitte wenden Sie sich an die Leitung.")
    waiting = place.one.waiting
    row = waiting.take(sid, me.name)
    if row is None:
        now = waiting.get(sid)
        if now is not None and now.state in {"ringing", "talking"} and now.agent == me.name:
            return jsonify(go=f"/desk/calls/{sid}")
        if now is not None and now.state == "waiting":
            raise Failed("Sie haben schon einen Anruf. Beenden Sie ihn zuerst.")
        if now is not None and now.agent and now.state != "over":
            raise Failed(f"{place.accounts.names().get(now.agent, now.agent)} war schneller.")
        raise Failed("Dieser Anruf wartet nicht mehr.")
    audit("take", sid)
    place.work.record(sid, me.name, "took")
    try:
        place.one.lines.redirect(sid, f"{place.one.settings.public_url}/voice/desk/ring")
    except LineFailed as error:
        if error.gone:
            place.one.end(sid)
            raise Failed("Die Person hat gerade aufgelegt.") from error
        waiting.put_back(sid)
        raise Failed(f"Das hat nicht geklappt, der Anruf wartet weiter. {error}") from error
    return jsonify(go=f"/desk/calls/{sid}")


@pages.post("/calls/<sid>/return")
@signed_in
def hand_back(sid: str) -> ResponseReturnValue:
    """Give the call back to the assistant."""
    place, me = desk(), who()
    how = request.form.get("how", "")
    if how not in HANDING_BACK:
        raise Failed("Bitte wählen Sie aus, wie es weitergehen soll.")
    if not place.one.waiting.wish(sid, how, agent=me.name):
        raise Failed("Sie sprechen gerade nicht mit dieser Person.")
    place.work.record(sid, me.name, "returned", {"how": how})
    row = place.one.waiting.get(sid)
    audit("return", sid)
    try:
        place.one.lines.redirect(
            sid, f"{place.one.settings.public_url}/voice/desk/over/{row.turn if row else 0}"
        )
    except LineFailed as error:
        raise Failed(
            "Die Person hat aufgelegt." if error.gone else f"Das hat nicht geklappt. {error}"
        ) from error
    return jsonify(message="Der Assistent spricht jetzt mit der Person.")


@pages.post("/calls/<sid>/hang-up")
@signed_in
def hang_up(sid: str) -> ResponseReturnValue:
    """End the conversation; the page stays, for what is left to do."""
    place, me = desk(), who()
    row = place.one.waiting.get(sid)
    if row is None or row.agent != me.name or row.state not in {"ringing", "talking"}:
        raise Failed("Sie sprechen gerade nicht mit dieser Person.")
    audit("hang_up", sid)
    try:
        place.one.lines.hang_up(sid)
    except LineFailed as error:
        raise Failed(f"Das hat nicht geklappt. {error}") from error
    place.one.end(sid)
    return jsonify(message="Aufgelegt. Sie können noch buchen, ändern und notieren.", focus="outcome")


@pages.post("/calls/<sid>/search")
@signed_in
def search(sid: str) -> ResponseReturnValue:
    """Show the earliest offers in the whole city."""
    place = desk()
    service = request.form.get("service", "")
    offers = place.work.search(service, parse_wishes(request.form))
    html = place.pieces.get_template("desk/pieces/offers.html").render(
        offers=offers, sid=sid, service=service
    )
    found = (
        f"{words.appointments(len(offers))}, der früheste zuerst." if offers else "Nichts frei, das passt."
    )
    return jsonify(html=html, message=found)


@pages.post("/calls/<sid>/hold")
@signed_in
def hold(sid: str) -> ResponseReturnValue:
    """Keep a slot for the caller."""
    try:
        starts_at = dt.datetime.fromisoformat(request.form.get("starts_at", ""))
        starts_at.astimezone(dt.UTC)
    except ValueError as error:
        raise Failed("Dieser Termin ist nicht lesbar.") from error
    if starts_at.tzinfo is None:
        raise Failed("Dieser Termin ist nicht lesbar.")
    form = request.form
    desk().work.hold(sid, who().name, form.get("service", ""), form.get("site", ""), starts_at)
    audit("hold", sid)
    return jsonify(message=f"Vorgemerkt: {words.when(starts_at)}.", focus="book-phone")


@pages.post("/calls/<sid>/book")
@signed_in
def book(sid: str) -> ResponseReturnValue:
    """Book the slot that is kept."""
    place = desk()
    done = place.work.book(sid, who().name, request.form.get("phone", ""), request.form.get("name", ""))
    audit("book", done.reference)
    sms = " Die SMS ist unterwegs." if place.work.gets_sms(done.phone) else " Es geht keine SMS."
    number = words.reference(done.reference)
    return jsonify(
        message=f"Gebucht: {words.when(done.offer.starts_at)}, Nummer {number}.{sms}",
        outcome="booked",
        clear=["offers"],
        focus="outcome",
    )


@pages.post("/calls/<sid>/find")
@signed_in
def find(sid: str) -> ResponseReturnValue:
    """Find appointments by reference or telephone number."""
    place = desk()
    asked = re.sub(r"[\s/-]", "", request.form.get("asked", ""))
    booking = place.work.records.of_reference(asked) if asked.isdigit() else None
    number = normalise(asked)
    found = [booking] if booking else place.work.records.of_phone(number) if number else []
    audit("find", booking.appointment.reference if booking else masked(number))
    html = place.pieces.get_template("desk/pieces/bookings.html").render(
        bookings=found, sid=sid, prefix="found", service_name=place.service_name, held=place.is_held(sid)
    )
    return jsonify(
        html=html,
        message=f"{words.appointments(len(found))}." if found else "Dazu gibt es keinen Termin.",
    )


@pages.post("/calls/<sid>/move")
@signed_in
def move(sid: str) -> ResponseReturnValue:
    """Move an appointment to the slot that is kept."""
    done = desk().work.move(sid, who().name, request.form.get("reference", ""))
    audit("move", done.reference)
    return jsonify(
        message=f"Verschoben auf {words.when(done.offer.starts_at)}.",
        outcome="moved",
        clear=["found", "offers"],
        focus="outcome",
    )


@pages.post("/calls/<sid>/cancel")
@signed_in
def cancel(sid: str) -> ResponseReturnValue:
    """Cancel an appointment."""
    reference = request.form.get("reference", "")
    desk().work.cancel(sid, who().name, reference)
    audit("cancel", reference)
    return jsonify(
        message=f"Termin {words.reference(reference)} ist abgesagt.",
        outcome="cancelled",
        clear=["found"],
        focus="outcome",
    )


@pages.post("/calls/<sid>/correct")
@signed_in
def correct(sid: str) -> ResponseReturnValue:
    """Put number and name right."""
    form = request.form
    reference = form.get("reference", "")
    sent = desk().work.correct(
        sid, who().name, reference, form.get("phone", ""), form.get("name", ""), send=bool(form.get("send"))
    )
    audit("correct", reference)
    return jsonify(message="Berichtigt. Die SMS ist unterwegs." if sent else "Berichtigt.", clear=["found"])


@pages.post("/calls/<sid>/resend")
@signed_in
def resend(sid: str) -> ResponseReturnValue:
    """Send the confirmation once more."""
    reference = request.form.get("reference", "")
    desk().work.resend(sid, who().name, reference)
    audit("resend", reference)
    return jsonify(message="Die SMS ist noch einmal unterwegs.")


@pages.post("/calls/<sid>/note")
@signed_in
def note(sid: str) -> ResponseReturnValue:
    """Note what came of the call; a call-back on it that one has taken on is done with that."""
    place, me, outcome = desk(), who(), request.form.get("outcome", "")
    place.work.note(sid, me.name, outcome, request.form.get("text", ""))
    audit("note", sid)
    with place.one.calls.database.writing() as session:
        done = callbacks.finish(session, sid, me.name, outcome, place.one.clock())
    if done:
        return jsonify(message="Notiert. Der Rückruf ist erledigt.", go="/desk/callbacks")
    return jsonify(message="Notiert.")


@pages.errorhandler(404)
def nothing_here(_error: Exception) -> ResponseReturnValue:
    """Say so in German."""
    return Response("Diesen Anruf gibt es nicht.\n", status=404, mimetype="text/plain")
