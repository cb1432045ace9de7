"""Some things are due: whoever would come too late is told so."""

from .callers import Call
from .town import Town


def too_late(call):
    return [prompt for prompt in call.prompts if prompt.startswith("after_deadline")]


def test_an_offer_in_time_is_made_without_a_warning():
    assert too_late(Call().do("Ummeldung", "Ja")) == []


def test_an_offer_after_the_deadline_comes_with_a_warning_once():
    call = Call().do("Ummeldung", "Ja", "Ab dem siebzehnten Dezember")
    assert call.question == "next_offer"
    assert too_late(call) == ["after_deadline_wished"]
    assert "Für eine Ummeldung haben Sie vierzehn Tage Zeit, gerechnet vom Einzug an." in call.said
    assert too_late(call.do("Den nächsten")) == []


def test_where_the_whole_city_is_full_until_the_deadline_it_says_so():
    town = Town()
    late = town.now.date().replace(day=17)
    town.held |= {
        f"another/{number}": slot
        for number, slot in enumerate(town.slots("ummeldung"))
        if slot.local_start.date() < late
    }
    call = Call(town).do("Ummeldung", "Ja")
    assert too_late(call) == ["after_deadline"]
    assert "in der ganzen Stadt nichts mehr frei" in call.said


def test_what_is_due_at_no_time_has_no_warning():
    assert too_late(Call().do("Reisepass", "Ab dem siebzehnten Dezember")) == []
