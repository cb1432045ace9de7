"""A call that needs a human, from the queue to the booking, at desks in a real browser."""

import pytest

from hotline.dialog.german.speak import speak_digits
from hotline.telephony.phone import Callee

from .conftest import until

pytestmark = pytest.mark.browser


def test_a_call_appears_at_two_desks_one_takes_it_and_books(house, house_with, sign_in):
    elsewhere = house_with(beside=house)
    anna, boris = sign_in(house, "anna"), sign_in(elsewhere, "boris")
    call = house.booking_call()

    for page in (anna, boris):
        page.wait_for_selector(f"#w-{call.sid}")
        assert "mitten in der Buchung" in page.inner_text(f"#w-{call.sid}")
        assert "hat nach einem Menschen gefragt" in page.inner_text(f"#w-{call.sid}")
    call.hears("Sie warten auf einen Menschen")

    anna.click(f"#w-{call.sid} button.take")
    anna.wait_for_url(f"**/desk/calls/{call.sid}")
    boris.wait_for_selector(f"#t-{call.sid}")
    assert "Anna Weber" in boris.inner_text(f"#t-{call.sid}")
    assert not boris.query_selector(f"#w-{call.sid}")

    anna.wait_for_selector("#status :text('Im Gespräch')")
    assert "Gewünscht" not in anna.inner_text("#facts")
    assert "Personalausweis" in anna.inner_text("#facts")
    assert "Was brauchen Sie" in anna.inner_text("#talk")
    [held] = house.appointments("held")
    anna.wait_for_selector("#held .slot")

    anna.click("#search-title + form button")
    anna.wait_for_selector(".offers button")
    anna.click(".offers li:nth-child(2) button")
    until(lambda: any(one.id != held.id for one in house.appointments("held")), "another slot is held")
    until(lambda: len(house.appointments("held")) == 1, "the first slot is free again")
    [chosen] = house.appointments("held")
    anna.fill("#book-name", "Erika Mustermann")
    anna.click("#held button:text('Buchen')")
    anna.wait_for_selector("#mine .booking")

    [booked] = house.appointments()
    assert (booked.id, booked.name, booked.phone) == (chosen.id, "Erika Mustermann", "+4917612345678")
    [sms] = house.sms()
    assert sms.reference == booked.reference
    assert house.outcome(call.sid)["kind"] == "booked"
    assert house.did(call.sid) == ["took", "answered", "held", "booked"]

    anna.select_option("#how", "finished")
    anna.click("#status button:text('Zurückgeben')")
    call.hears("Hier ist wieder der automatische Assistent")
    call.hears(f"Ihre Terminnummer: {speak_digits(booked.reference)}. Ich wiederhole:")
    assert house.outcome(call.sid)["kind"] == "booked"


def test_of_two_who_click_one_gets_the_call_and_the_other_sees_who(house, sign_in):
    anna, boris = sign_in(house, "anna"), sign_in(house, "boris")
    call = house.waiting_call()
    for page in (anna, boris):
        page.wait_for_selector(f"#w-{call.sid}")
    taken = """async (sid) => {
        const headers = {'X-CSRF-Token': document.querySelector('meta[name=csrf]').content};
        const answer = await fetch(`/desk/calls/${sid}/take`, {method: 'POST', headers});
        return [answer.status, await answer.json()];
    }"""
    first, second = anna.evaluate(taken, call.sid), boris.evaluate(taken, call.sid)
    assert (first[0], second[0]) == (200, 409)
    assert second[1]["message"] == "Anna Weber war schneller."
    assert house.row(call.sid).agent == "anna"
    assert len(call.phone.dialled) <= 1


def test_an_agent_who_does_not_pick_up_leaves_the_call_at_its_old_place(house, sign_in):
    house.callee = Callee("no-answer")
    anna = sign_in(house, "anna")
    call = house.waiting_call()
    before = house.row(call.sid)
    later = house.waiting_call(from_="+4917612345679")

    anna.click(f"#w-{call.sid} button.take")
    until(lambda: (row := house.waiting(call.sid)) and row.missed == 1, "the call waits again")

    after = house.row(call.sid)
    assert (after.since, after.turn, after.agent) == (before.since, before.turn, None)
    anna.goto(f"{house.url}/desk")
    ids = anna.eval_on_selector_all(".cards li", "all => all.map(one => one.id)")
    assert ids == [f"w-{call.sid}", f"w-{later.sid}"]
    assert house.did(call.sid) == ["took", "missed"]


def test_a_mailbox_never_gets_a_caller(house, sign_in):
    house.callee = Callee(rings_for=1, presses="", talks_for=60)
    anna = sign_in(house, "anna")
    call = house.waiting_call()
    anna.click(f"#w-{call.sid} button.take")
    until(lambda: (row := house.waiting(call.sid)) and row.missed == 1, "the call waits again")
    [dialled] = call.phone.dialled
    assert not dialled.bridged


def test_a_caller_who_hangs_up_in_the_queue_is_gone_from_the_desk(house, sign_in):
    anna = sign_in(house, "anna")
    call = house.waiting_call()
    anna.wait_for_selector(f"#w-{call.sid}")
    call.hang_up()
    anna.wait_for_selector(f"#w-{call.sid}", state="detached")
    assert house.row(call.sid).outcome == "hung_up"


def test_an_agent_whose_browser_closes_keeps_talking_and_comes_back_to_the_call(house, sign_in):
    anna = sign_in(house, "anna")
    call = house.booking_call()
    anna.click(f"#w-{call.sid} button.take")
    until(lambda: house.waiting(call.sid, "talking"), "they talk")
    anna.close()
    assert not call.phone.ended

    again = sign_in(house, "anna")
    again.click(f"#t-{call.sid} a")
    again.wait_for_selector("#held .slot")
    assert "Im Gespräch" in again.inner_text("#status")


def test_calls_that_wait_stay_when_the_server_restarts(house, sign_in):
    anna = sign_in(house, "anna")
    call = house.waiting_call()
    anna.wait_for_selector(f"#w-{call.sid}")
    anna.evaluate("window.sameDocument = true")
    call.hears("Sie warten auf einen Menschen")
    house.stop()
    house.start()
    house.app.extensions["phone-office"].connect(call.phone)
    second = house.waiting_call(from_="+4917612345679")

    anna.wait_for_selector(f"#w-{second.sid}")
    assert anna.evaluate("window.sameDocument") is True
    anna.click(f"#w-{call.sid} button.take")
    until(lambda: house.waiting(call.sid, "talking"), "they talk")


def test_an_agent_hands_back_to_have_a_number_keyed_in_and_gets_the_call_again(house, sign_in):
    anna = sign_in(house, "anna")
    call = house.booking_call(from_="anonymous")
    house.waiting_call(from_="+4917612345679")
    anna.click(f"#w-{call.sid} button.take")
    anna.wait_for_selector("#status :text('Im Gespräch')")
    anna.select_option("#how", "key_number")
    anna.click("#status button:text('Zurückgeben')")
    call.hears("Mobilnummer")
    call.phone.press("017612345670#")
    call.hears("Ist das richtig?")
    call.phone.press("1")
    row = until(lambda: (row := house.waiting(call.sid)) and row.reason == "number" and row, "it waits again")
    assert row.priority == 0
    anna.wait_for_selector("#status button.take")
    anna.click("#status button.take")
    anna.wait_for_selector("#status :text('Im Gespräch')")
    assert anna.input_value("#book-phone") == "0176 12345670"


def test_a_call_by_script_from_another_process_is_taken_like_any_other(house, sign_in):
    anna = sign_in(house, "anna")
    call = house.waiting_call(remote=True)
    anna.click(f"#w-{call.sid} button.take")
    until(lambda: house.waiting(call.sid, "talking"), "they talk")


def test_an_agent_may_have_a_browser_client_for_a_telephone(house, sign_in):
    house.accounts.change("anna", phone="client:anna")
    anna = sign_in(house, "anna")
    call = house.waiting_call()
    anna.click(f"#w-{call.sid} button.take")
    anna.wait_for_selector("#status :text('Im Gespräch')")
    [dialled] = call.phone.dialled
    assert dialled.number == "client:anna"
    assert dialled.whisper


@pytest.mark.parametrize(
    ("said", "hears"), [("Rückruf bitte", "zurückrufen"), ("zurück", "Was brauchen Sie")]
)
def test_where_twilio_listens_a_waiting_caller_may_say_it(house_with, sign_in, said, hears):
    house = house_with(queue_speech=True)
    house.agent("anna", "Anna Weber")
    sign_in(house, "anna")
    call = house.waiting_call()
    call.phone.recognise(said)
    call.hears(hears)
