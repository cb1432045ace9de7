import datetime as dt

import pytest
from ruamel.yaml import YAML

from hotline.messages import gsm
from hotline.messages.tables import Kind
from hotline.messages.texts import Writer, grouped, load_texts
from hotline.settings import ROOT
from hotline.yamlfile import DataError

from .conftest import appointment

ABOUT = [Kind.CONFIRMATION, Kind.MOVE, Kind.CANCELLATION]
WINTER = dt.datetime(2026, 12, 2, 8, 30, tzinfo=dt.UTC)


def names(value, key="name"):
    """Yield every value of ``key`` in a YAML tree."""
    if isinstance(value, dict):
        if isinstance(value.get(key), str):
            yield value[key]
        for inner in value.values():
            yield from names(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from names(inner, key)


def demo(file, key="name"):
    tree = YAML(typ="safe").load((ROOT / "cities" / "demo" / file).read_text(encoding="utf-8"))
    return list(names(tree, key))


def test_a_confirmation_says_what_when_where_which_and_how_to_cancel(writer):
    text = writer.about(Kind.CONFIRMATION, appointment(starts_at=WINTER), "Personalausweis")
    assert text == (
        "Ihr Termin: Personalausweis, Mi 02.12.2026, 9:30 Uhr, Kundenzentrum Altona, Platz der Republik 1. "
        "Nummer 482 107 365. Absagen: Antwort ABSAGEN 482107365"
    )
    assert gsm.segments(text) == 1


def test_without_a_way_to_reply_the_hotline_s_number_is_given(texts):
    text = Writer(texts, hotline="040 4285041").about(Kind.CONFIRMATION, appointment(), "Pass")
    assert text.endswith("Absagen: Tel. 040 4285041")


def test_the_time_is_berlin_s_on_both_sides_of_the_change(writer):
    before = appointment(starts_at=dt.datetime(2026, 3, 27, 8, 0, tzinfo=dt.UTC))
    after = appointment(starts_at=dt.datetime(2026, 3, 30, 8, 0, tzinfo=dt.UTC))
    assert "27.03.2026, 9:00 Uhr" in writer.about(Kind.CONFIRMATION, before, "Pass")
    assert "30.03.2026, 10:00 Uhr" in writer.about(Kind.CONFIRMATION, after, "Pass")


@pytest.mark.parametrize("kind", ABOUT)
@pytest.mark.parametrize("replies", [True, False])
def test_the_longest_names_of_the_city_fit_into_one_sms(texts, kind, replies):
    writer = Writer(texts, hotline="040 428280000", replies=replies)
    for site in sorted(demo("sites.yaml"), key=len)[-5:]:
        for address in sorted(demo("sites.yaml", "address"), key=len)[-5:]:
            for service in demo("services.yaml"):
                one = appointment(site_name=site, address=address, starts_at=WINTER)
                text = writer.about(kind, one, service)
                assert gsm.segments(text) == 1, text
                assert gsm.septets(text) is not None, text
                assert "482 107 365" in text
                if kind is not Kind.CANCELLATION:
                    assert gsm.plain(address) in text
                    assert "9:30 Uhr" in text


def test_umlauts_cost_no_more_than_other_letters(writer):
    one = appointment(site_name="Kundenzentrum Süderelbe", address="Öjendorfer Straße 9, Größe")
    text = writer.about(Kind.CONFIRMATION, one, "Führungszeugnis")
    assert "Süderelbe" in text
    assert "Größe" in text
    assert gsm.segments(text) == 1


def test_what_is_optional_goes_before_what_is_not(writer):
    """The service's name goes first, then the site's; never the address or the number."""
    address = "Am Großneumarkt und Ecke Wexstraße, Eingang hinten links"
    long = appointment(site_name="Mobiles Kundenzentrum Neugraben-Fischbek-Hausbruch", address=address)
    text = writer.about(Kind.CONFIRMATION, long, "An- oder Ummeldung einer Wohnung mit Kindern")
    assert gsm.segments(text) == 1
    assert address in text
    assert "482 107 365" in text
    assert "Wohnung" not in text


def test_what_cannot_fit_is_sent_whole_in_two(writer):
    address = "Sehr lange Straße " * 10
    text = writer.about(Kind.CONFIRMATION, appointment(address=address.strip()), "Pass")
    assert address.strip() in text
    assert gsm.segments(text) == 2
    assert text.startswith("Ihr Termin: Pass, ")


def test_the_answers_and_the_call_back_fit_into_one_sms(texts):
    writer = Writer(texts, hotline="040 428280000")
    answers = [writer.reply(text, "482107365") for text in texts.replies.model_dump().values()]
    for text in [*answers, writer.call_back(WINTER)]:
        assert gsm.segments(text) == 1, text
        assert gsm.septets(text) is not None


def test_a_reference_is_grouped_as_it_is_read():
    assert grouped("482107365") == "482 107 365"
    assert grouped("4821073") == "482 107 3"


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (("{service}, {weekday}", "{dienst}, {weekday}"), "unknown or broken placeholder"),
        (("Ihr Termin: {service}, {weekday}", "Ваш {service}, {weekday}"), "not in the SMS alphabet"),
        (("{service}, {weekday}", "{service, {weekday}"), "unknown or broken placeholder"),
        (("Sonntag]", "]"), "weekdays"),
    ],
)
def test_a_text_that_cannot_be_used_is_named_with_file_and_line(tmp_path, broken, message):
    good = (ROOT / "prompts" / "sms.de.yaml").read_text(encoding="utf-8")
    (tmp_path / "sms.de.yaml").write_text(good.replace(*broken, 1), encoding="utf-8")
    with pytest.raises(DataError, match=message) as error:
        load_texts(tmp_path)
    assert "sms.de.yaml:" in str(error.value)
