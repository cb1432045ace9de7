"""What an agent does for the caller: all of it lands in the log, and nothing twice."""

import datetime as dt

import pytest

from hotline.desk.tables import User
from hotline.messages.tables import Sms
from hotline.telephony.phone import Callee

from .conftest import Browserless, until


@pytest.fixture
def anna(house):
    return Browserless(house, "anna")


@pytest.fixture
def talking(house, anna):
    """A caller in mid-booking, whom Anna talks to."""
    call = house.booking_call()
    assert anna.post(f"/desk/calls/{call.sid}/take").status_code == 200
    until(lambda: house.waiting(call.sid, "talking"), "they talk")
    return call


def hold(anna, call, offer):
    form = {"service": offer.service, "site": offer.site, "starts_at": offer.starts_at.isoformat()}
    return anna.post(f"/desk/calls/{call.sid}/hold", **form)


def book(anna, call, **form):
    return anna.post(f"/desk/calls/{call.sid}/book", **{"phone": "0176 12345678", "name": "", **form})


def test_search_is_the_same_engine_for_the_whole_city(house, anna, talking):
    path = f"/desk/calls/{talking.sid}/search"
    found = anna.post(path, service="personalausweis", place="site:altona", first_time="14:00").json
    assert "Kundenzentrum Altona" in found["html"]
    assert "Kundenzentrum Alstertal" not in found["html"]
    assert anna.post(path, service="").status_code == 409
    assert anna.post(path, service="personalausweis", first_date="gestern").json["message"] == (
        "Ein Datum oder eine Uhrzeit ist nicht lesbar."
    )


def test_a_slot_that_somebody_else_took_is_not_held_twice(house, anna, talking):
    [held] = house.appointments("held")
    offer = house.calendar.earliest("personalausweis")[0]
    taken = 0
    while house.calendar.hold(offer, key=f"other{taken}"):
        taken += 1
    answer = hold(anna, talking, offer)
    assert answer.status_code == 409
    assert "gerade vergeben" in answer.json["message"]
    assert held.id in [one.id for one in house.appointments("held")]


def test_a_booking_clicked_twice_is_one_booking(house, anna, talking):
    assert book(anna, talking).status_code == 200
    assert book(anna, talking).status_code == 409
    assert len(house.appointments()) == 1
    assert len(house.sms()) == 1


@pytest.mark.parametrize("phone", ["123", "abc", "+1 2"])
def test_a_number_that_is_none_is_not_booked(house, anna, talking, phone):
    answer = book(anna, talking, phone=phone)
    assert answer.json["message"] == "Diese Telefonnummer gibt es so nicht. Bitte prüfen Sie die Ziffern."
    assert house.appointments() == []


def test_without_a_number_there_is_a_booking_and_no_sms(house, anna, talking):
    assert "keine SMS" in book(anna, talking, phone="").json["message"]
    assert house.sms() == []


def test_an_appointment_is_moved_put_right_sent_again_and_cancelled(house, anna, talking):
    book(anna, talking)
    [booked] = house.appointments()
    later = house.calendar.earliest("personalausweis", n=8)[-1]
    hold(anna, talking, later)
    base = f"/desk/calls/{talking.sid}"
    assert anna.post(f"{base}/move", reference=booked.reference).json["outcome"] == "moved"
    [moved] = house.appointments()
    assert (moved.reference, moved.starts_at, moved.site) == (booked.reference, later.starts_at, later.site)

    form = {"reference": booked.reference, "phone": "0176 99999999", "name": "Erika Beispiel", "send": "1"}
    assert "SMS ist unterwegs" in anna.post(f"{base}/correct", **form).json["message"]
    [right] = house.appointments()
    assert (right.phone, right.name) == ("+4917699999999", "Erika Beispiel")
    assert anna.post(f"{base}/resend", reference=booked.reference).status_code == 200
    assert len(house.all(Sms, Sms.phone == "+4917699999999")) == 2

    assert anna.post(f"{base}/cancel", reference=booked.reference).json["outcome"] == "cancelled"
    assert house.appointments() == []
    anna.post(f"{base}/cancel", reference=booked.reference)  # A second click.
    assert len(house.all(Sms, Sms.kind == "cancellation")) == 1
    did = ["took", "answered", "booked", "held", "moved", "corrected", "resent", "resent", "cancelled"]
    assert house.did(talking.sid)[: len(did)] == did
    assert house.outcome(talking.sid)["kind"] == "cancelled"


def test_an_outcome_that_is_noted_counts_and_stands_in_the_log(house, anna, talking):
    path = f"/desk/calls/{talking.sid}/note"
    assert anna.post(path, outcome="", text="x").status_code == 409
    assert anna.post(path, outcome="informed", text="  Fragte nach \n Parkplätzen ").status_code == 200
    assert house.outcome(talking.sid)["kind"] == "informed"
    assert house.turns(talking.sid)[-1]["event"]["details"]["text"] == (
        "Auskunft gegeben. Fragte nach Parkplätzen"
    )


def test_nobody_works_on_a_call_that_the_assistant_has(house, anna):
    call = house.call()
    call.press("1", after="Was brauchen Sie")
    until(lambda: len(house.turns(call.sid)) >= 2)
    call.phone.press("1")
    until(lambda: len(house.turns(call.sid)) >= 3, "a slot is held and the turn is written")
    answer = book(anna, call)
    assert "spricht der Assistent" in answer.json["message"]
    assert house.appointments() == []


def test_the_slot_stays_while_the_agent_works_and_goes_when_she_has_left(house, anna, talking):
    for _ in range(4):
        house.now += dt.timedelta(minutes=6)
        anna.get(f"/desk/state?call={talking.sid}")
    [kept] = house.appointments("held")
    assert kept.expires_at == house.now + dt.timedelta(minutes=10)
    Browserless(house, "boris").get(f"/desk/state?call={talking.sid}")
    house.now += dt.timedelta(minutes=11)
    anna.get("/desk/state")
    [lost] = house.appointments("held")
    assert lost.expires_at < house.now


def test_a_caller_who_hangs_up_does_not_take_the_agent_s_slot_along(house, anna, talking):
    talking.hang_up()
    until(lambda: house.waiting(talking.sid, "over"), "the call is over")
    assert book(anna, talking).status_code == 200
    assert len(house.appointments()) == 1


def test_the_agent_hangs_up(house, anna, talking):
    assert Browserless(house, "boris").post(f"/desk/calls/{talking.sid}/hang-up").status_code == 409
    assert anna.post(f"/desk/calls/{talking.sid}/hang-up").status_code == 200
    until(lambda: talking.phone.ended, "the call is over")
    assert house.row(talking.sid).outcome == "talked"


def test_only_who_has_the_call_hands_it_back(house, anna, talking):
    boris = Browserless(house, "boris")
    assert boris.post(f"/desk/calls/{talking.sid}/return", how="finished").status_code == 409
    assert "returned" not in house.did(talking.sid)


def test_who_goes_on_where_the_assistant_was_hears_the_question_again(house, anna, talking):
    before = sum("Möchten Sie diesen Termin?" in text for text in talking.said)
    assert anna.post(f"/desk/calls/{talking.sid}/return", how="returned").status_code == 200
    talking.hears("Hier ist wieder der automatische Assistent")
    until(
        lambda: sum("Möchten Sie diesen Termin?" in text for text in talking.said) > before,
        "the offer is made again",
    )


def test_an_agent_without_a_telephone_is_told_so(house):
    house.agent("carla", "Carla Lutz", phone="")
    carla = Browserless(house, "carla")
    assert "keine Telefonnummer" in carla.post("/desk/calls/CA1/take").json["message"]
    assert "keine Telefonnummer" in carla.post("/desk/ready", ready="1").json["message"]
    [row] = house.all(User, User.name == "carla")
    assert not row.ready


def test_a_call_whose_redirect_was_lost_waits_again(house, anna):
    call = house.waiting_call()
    # As if the process had died between taking the call and redirecting it.
    assert house.app.extensions["hotline"].waiting.take(call.sid, "anna")
    house.now += dt.timedelta(seconds=21)
    until(lambda: house.waiting(call.sid), "it waits again")


def test_a_caller_who_is_gone_before_she_is_taken_is_told_to_be_gone(house, anna):
    call = house.waiting_call()
    call.over.set()
    call.thread.join()
    with house.database.writing() as session:
        row = session.merge(house.row(call.sid))
        row.state, row.outcome, row.over_at = "waiting", None, None
    answer = anna.post(f"/desk/calls/{call.sid}/take")
    assert answer.json["message"] == "Die Person hat gerade aufgelegt."
    assert house.row(call.sid).outcome == "hung_up"


def test_an_agent_who_hangs_up_in_the_whisper_has_not_had_the_call(house, anna):
    house.callee = Callee(rings_for=1, presses="", gives_up_after=0.5)
    call = house.waiting_call()
    anna.post(f"/desk/calls/{call.sid}/take")
    until(lambda: (row := house.waiting(call.sid)) and row.missed == 1, "the call waits again")
