"""Every question can be answered on the keypad alone, with and without an ear."""

import pytest

pytestmark = pytest.mark.call


def keys(*pressed):
    return [{"press": key} for key in pressed]


def test_a_caller_books_by_keypad_alone(hotline):
    record = hotline.call(*keys("1", "1", "1", "1", "1", "2"))
    assert record.outcome["kind"] == "booked"
    assert record.outcome["service"] == "personalausweis"
    assert len(hotline.sms()) == 1
    assert record.status == "completed"


def test_a_caller_books_by_keypad_alone_where_there_is_no_ear(hotline_with, tmp_path):
    hotline = hotline_with(model=tmp_path / "no-model")
    record = hotline.call(*keys("1", "1", "1", "1", "1", "2"))
    assert record.outcome["kind"] == "booked"
    assert not [event for event in record.phone.events if event.kind == "stream"]


def test_a_caller_without_a_mobile_keys_one_in(hotline):
    record = hotline.call(*keys("1", "1", "1", "1", "01719876543#", "1", "1", "2"), from_="+494012345678")
    assert record.outcome["kind"] == "booked"
    [sms] = hotline.sms()
    assert sms.phone == "+491719876543"


def test_an_sms_never_goes_to_a_landline(hotline):
    record = hotline.call(
        *keys("1", "1", "1", "1", "040428282828#"), "Keine SMS", *keys("1", "2"), from_="+494012345678"
    )
    assert record.outcome["kind"] == "booked"
    assert not hotline.sms()


def test_a_caller_chooses_day_time_and_place_by_keypad(hotline):
    record = hotline.call(
        *keys("1", "1"),  # Ausweise, Personalausweis
        *keys("3", "1", "0412"),  # something else: a day: 4 December
        *keys("3", "2", "2"),  # a time: afternoon
        *keys("3", "3", "1"),  # a place: the first district
        *keys("1", "2", "1", "2"),
    )
    assert record.outcome["kind"] == "booked", record.transcript
    assert record.outcome["starts_at"][:13] >= "2026-12-04T12"
    district = hotline.calendar.catalogue.districts[0].id
    assert hotline.calendar.catalogue.site(record.outcome["site"]).district == district


def test_voice_and_keys_may_be_mixed(hotline):
    record = hotline.call(
        "Ich brauche einen Reisepass", {"press": "2"}, "Ja", {"press": "2"}, "Ja bitte", {"press": "2"}
    )
    assert record.outcome["kind"] == "booked"


def test_a_trembling_finger_counts_once(hotline):
    record = hotline.call({"press": "1"}, {"press": "11111111111111111111"}, {"hang_up": True})
    assert not hotline.appointments()
    assert len(record.transcript) <= 14


def test_an_appointment_is_moved_by_keypad_with_its_reference(hotline):
    booked = hotline.call(*keys("1", "1", "1", "1", "1", "2"))
    record = hotline.call(*keys("5", booked.outcome["reference"] + "#", "2", "2", "1", "2"))
    assert record.outcome["kind"] == "moved", record.transcript
    [appointment] = hotline.appointments()
    assert appointment.reference == booked.outcome["reference"]
    places = [(one.outcome["site"], one.outcome["starts_at"]) for one in (record, booked)]
    assert places[0] != places[1]
