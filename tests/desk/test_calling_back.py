"""Call-backs: promised, taken on by one, tried, and done."""

import datetime as dt

import pytest

from hotline.telephony.phone import Callee

from .conftest import ANSWERS, SUNDAY, Browserless, until

AGENT, OTHER_AGENT, CITIZEN = "+494042828101", "+494042828102", "+4917612345678"


@pytest.fixture
def anna(house):
    return Browserless(house, "anna")


@pytest.fixture
def wanted(house, anna):
    """A call-back that a caller has asked for while waiting."""
    call = house.waiting_call()
    call.press("1", after="Für einen Rückruf")
    call.press("1", after="Soll Sie jemand zurückrufen")
    [row] = until(house.callbacks, "the call-back is noted")
    call.hang_up()
    return row


def call_back(agent, row):
    return agent.post(f"/desk/callbacks/{row.id}/call")


def answering(agents=ANSWERS, citizen=ANSWERS):
    return lambda number: citizen if number == CITIZEN else agents


@pytest.fixture
def telephones(house):
    """Say what the telephones of agents and citizens do."""
    office = house.app.extensions["phone-office"]

    def set_(agents=ANSWERS, citizen=ANSWERS):
        office.callees = answering(agents, citizen)
        return office

    return set_


def test_who_waits_is_called_back_for_the_asking(house, wanted):
    assert (wanted.phone, wanted.reason) == (CITIZEN, "asked")
    row = house.row(wanted.call_sid)
    assert (row.state, row.outcome) == ("over", "call_back")


@pytest.mark.parametrize("when", ["nobody is ready", "out of hours"])
def test_without_an_agent_a_call_back_is_offered_at_once(house_with, when):
    house = house_with(now=SUNDAY) if when == "out of hours" else house_with()
    house.agent("anna", "Anna Weber")
    anna = Browserless(house, "anna")
    if when == "nobody is ready":
        anna.post("/desk/ready", ready="0")
    call = house.call()
    call.press("0", after="Was brauchen Sie")
    call.hears("Im Moment ist leider kein Mensch am Telefon")
    call.press("1", after="Soll Sie jemand zurückrufen")
    until(house.callbacks, "the call-back is noted")
    assert house.row(call.sid) is None


def test_when_the_last_agent_leaves_who_waits_is_offered_a_call_back(house, anna):
    call = house.waiting_call()
    anna.post("/desk/sign-out")
    call.hears("Leider sind gerade alle im Gespräch")
    call.hears("Soll Sie jemand zurückrufen")
    assert house.row(call.sid).outcome == "unanswered"


def test_who_waits_long_is_offered_a_call_back(house, anna):
    call = house.waiting_call()
    call.hears("Sie warten auf einen Menschen")
    house.now += dt.timedelta(minutes=5)
    anna.get("/desk/state")
    call.hears("Es dauert heute leider länger")


def test_the_agent_s_telephone_rings_first_and_then_the_citizen_s(house, anna, wanted, telephones):
    office = telephones(citizen=Callee(rings_for=1, talks_for=5))
    assert call_back(anna, wanted).json["go"] == f"/desk/calls/{wanted.call_sid}"
    until(lambda: house.attempts()[0].ended_at, "they have talked")
    [placed] = office.placed
    assert (placed.to, [one.number for one in placed.dialled]) == (AGENT, [CITIZEN])
    whisper = [event.data["text"] for event in placed.log.of("say")]
    assert "Rückruf der Terminhotline" in whisper[0]
    assert house.attempts()[0].result == "talked"

    anna.post(f"/desk/calls/{wanted.call_sid}/note", outcome="informed", text="")
    [row] = house.callbacks()
    assert (row.result, row.agent) == ("informed", "anna")
    assert house.outcome(wanted.call_sid)["kind"] == "informed"
    assert "Kein Rückruf ist offen" in anna.get("/desk/callbacks").text


def test_who_still_speaks_with_the_assistant_is_not_called(house, anna, telephones):
    office = telephones()
    call = house.waiting_call()
    call.press("1", after="Für einen Rückruf")
    call.press("1", after="Soll Sie jemand zurückrufen")
    [row] = until(house.callbacks, "the call-back is noted")
    assert "spricht der Assistent" in call_back(anna, row).json["message"]
    assert (office.placed, house.attempts()[0].result) == ([], "failed")


def test_nobody_is_called_by_two_agents(house, anna, wanted, telephones):
    office = telephones(agents=Callee(rings_for=30))
    boris = Browserless(house, "boris")
    call_back(anna, wanted)
    answer = call_back(boris, wanted)
    assert (answer.status_code, answer.json["message"]) == (409, "Anna Weber kümmert sich schon darum.")
    call_back(anna, wanted)  # A second click while it rings.
    assert len(office.placed) == 1


@pytest.mark.parametrize(
    ("agents", "citizen", "result"),
    [
        (Callee("no-answer"), ANSWERS, "agent_absent"),
        (Callee(rings_for=1, presses=""), ANSWERS, "agent_absent"),
        (ANSWERS, Callee("busy", rings_for=1), "busy"),
        (ANSWERS, Callee("no-answer"), "no_answer"),
        (ANSWERS, Callee("fails"), "failed"),
    ],
)
def test_every_attempt_is_kept_and_may_be_tried_again(
    house, anna, wanted, telephones, agents, citizen, result
):
    telephones(agents, citizen)
    call_back(anna, wanted)
    until(lambda: house.attempts()[0].ended_at, "the attempt is over")
    assert house.attempts()[0].result == result
    telephones(citizen=Callee(rings_for=1, talks_for=2))
    call_back(anna, wanted)
    until(lambda: len(house.attempts()) == 2 and house.attempts()[1].ended_at, "the second is over")
    assert house.attempts()[1].result == "talked"
    page = anna.get("/desk/callbacks").text
    assert "Versuch 1" in page
    assert "Versuch 2: gesprochen" in page


def test_a_call_back_left_for_later_is_anybody_s(house, anna, wanted, telephones):
    office = telephones(agents=Callee("no-answer", rings_for=1))
    call_back(anna, wanted)
    until(lambda: house.attempts()[0].ended_at, "the attempt is over")
    anna.post(f"/desk/callbacks/{wanted.id}/later")
    call_back(Browserless(house, "boris"), wanted)
    assert [one.to for one in office.placed] == [AGENT, OTHER_AGENT]


def test_a_call_back_that_its_agent_forgot_is_anybody_s_after_a_while(house, anna, wanted, telephones):
    telephones(agents=Callee("no-answer", rings_for=1))
    call_back(anna, wanted)
    until(lambda: house.attempts()[0].ended_at, "the attempt is over")
    house.now += dt.timedelta(minutes=31)
    assert call_back(Browserless(house, "boris"), wanted).status_code == 200


def test_what_is_overdue_says_so_and_comes_first(house, anna, wanted):
    house.now += dt.timedelta(days=2)
    assert "überfällig" in Browserless(house, "anna").get("/desk/callbacks").text
