import datetime as dt

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from hotline.booking import Calendar
from hotline.booking.tables import Appointment as Row
from hotline.booking.tables import State
from hotline.cli import main
from hotline.messages.tables import Kind, Sms
from hotline.storage import Database
from hotline.terms import BERLIN, Wishes

from .test_reading import CITY


@pytest.fixture
def hotline(tmp_path, monkeypatch):
    """Return a function that runs ``hotline city …`` on a small city that is open every day."""
    url = f"sqlite:///{tmp_path}/hotline.sqlite3"
    folder = tmp_path / "city"
    folder.mkdir()
    open_daily = CITY.replace("[mon]", "[mon, tue, wed, thu, fri, sat, sun]")
    (folder / "city.yaml").write_text(open_daily, encoding="utf-8")
    monkeypatch.setenv("HOTLINE_DATABASE_URL", url)
    monkeypatch.setenv("HOTLINE_CITY", str(folder))

    def run(*arguments, **options):
        words = ["city", *(str(argument) for argument in arguments)]
        result = CliRunner().invoke(main, words, **options)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.output
        return result

    run.database = Database(url)
    run.file = folder / "city.yaml"
    return run


def a_working_day():
    """A day in the next weeks that is no public holiday in Hamburg."""
    import holidays

    days = (dt.datetime.now(BERLIN).date() + dt.timedelta(days=ahead) for ahead in range(7, 30))
    return next(day for day in days if day not in holidays.country_holidays("DE", subdiv="HH"))


def book(hotline, number, day, phone="+491701234567"):
    calendar = Calendar(hotline.database, lambda: dt.datetime.now(dt.UTC))
    nine = Wishes(first_date=day, last_date=day, first_time=dt.time(9), last_time=dt.time(9, 5))
    assert calendar.hold_earliest("pass", nine, key=f"{number}/1")
    return calendar.book(hold=f"{number}/1", key=f"{number}/book", phone=phone)


def test_check_says_what_the_city_has(hotline):
    result = hotline("check")
    assert result.exit_code == 0
    assert "1 Bezirke, 1 feste und 0 mobile Standorte, 1 Anliegen" in " ".join(result.output.split())


def test_check_names_file_and_line(hotline):
    hotline.file.write_text(CITY.replace("minutes: 15", "minutes: 7"), encoding="utf-8")
    result = hotline("check", hotline.file)
    assert result.exit_code == 1
    assert "city.yaml:8" in result.output


def test_an_absence_is_shown_moved_after_a_yes_and_queues_its_message(hotline):
    assert "ist geladen" in hotline("load").output
    day = a_working_day()
    first, second = (book(hotline, number, day) for number in range(2))
    result = hotline("absence", "ost", "--from", day, "--counters", "-1", "--note", "Grippe", input="j\n")
    assert result.exit_code == 0, result.output
    assert f"{second.reference}: {day:%d.%m.%Y} 09:00 Uhr, Amt Ost" in result.output
    assert f"neu: {day:%d.%m.%Y} 08:45 Uhr, Amt Ost" in result.output
    assert "verlegt." in result.output
    with hotline.database.reading() as session:
        (sms,) = session.execute(sa.select(Sms)).scalars()
    assert (sms.kind, sms.reference, sms.phone) == (Kind.MOVE, second.reference, second.phone)
    assert "8:45 Uhr" in sms.text
    calendar = Calendar(hotline.database, lambda: dt.datetime.now(dt.UTC))
    assert calendar.find(first.reference) == first
    assert "Alle gebuchten Termine passen" in hotline("fit").output


def test_whoever_no_sms_reaches_is_named_to_be_called(hotline):
    hotline("load")
    day = a_working_day()
    for number, phone in enumerate(["+491701234567", "+494012345678"]):
        book(hotline, number, day, phone)
    result = hotline("absence", "ost", "--from", day, "--counters", "-1", "--yes")
    assert "bitte anrufen: +494012345678" in result.output


def test_an_absence_can_be_taken_back(hotline):
    hotline("load")
    day = a_working_day()
    hotline("absence", "ost", "--from", day, "--counters", "-2", "--note", "Grippe")
    calendar = Calendar(hotline.database, lambda: dt.datetime.now(dt.UTC))
    that_day = Wishes(first_date=day, last_date=day)
    assert calendar.earliest("pass", that_day) == []
    listed = hotline("absences").output
    assert "Grippe" in listed
    number = next(word for word in listed.split() if word.isdigit())
    assert "nichts eingetragen" in hotline("absences", "--remove", number).output
    assert calendar.earliest("pass", that_day) != []
    assert hotline("absences", "--remove", number).exit_code == 1


def test_a_no_leaves_the_appointment_and_says_that_it_does_not_fit(hotline):
    hotline("load")
    day = a_working_day()
    _, second = (book(hotline, number, day) for number in range(2))
    hotline("absence", "ost", "--from", day, "--counters", "-1", input="n\n")
    assert second.reference in hotline("fit", input="n\n").output
    assert second.reference in hotline("load").output


def test_whoever_breaks_off_keeps_no_slot_from_callers(hotline):
    hotline("load")
    day = a_working_day()
    for number in range(2):
        book(hotline, number, day)
    broken_off = hotline("absence", "ost", "--from", day, "--counters", "-1", input="")
    assert "neu:" in broken_off.output
    with hotline.database.reading() as session:
        assert session.execute(sa.select(Row).where(Row.state == State.HELD)).all() == []


@pytest.mark.parametrize(
    "arguments",
    [("view",), ("fit",), ("absences",), ("absence", "ost", "--from", "2030-01-01", "--counters", "-1")],
)
def test_without_a_city_it_says_how_to_load_one(hotline, arguments):
    result = hotline(*arguments)
    assert result.exit_code == 1
    assert "hotline city load" in result.output


def test_a_database_that_cannot_be_reached_is_named(hotline, monkeypatch):
    monkeypatch.setenv("HOTLINE_DATABASE_URL", "postgresql+psycopg://hotline:secret@127.0.0.1:1/hotline")
    result = hotline("view")
    assert result.exit_code == 1
    assert "127.0.0.1:1/hotline ist nicht erreichbar" in result.output
    assert "secret" not in result.output


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (("--from", "2020-01-01", "--counters", "-1"), "schon vorbei"),
        (("--from", "2030-01-02", "--until", "2030-01-01", "--counters", "-1"), "--until liegt vor --from"),
        (("--from", "2030-01-01", "--counters", "0"), "ändert nichts"),
    ],
)
def test_an_absence_that_makes_no_sense_is_refused(hotline, options, complaint):
    hotline("load")
    result = hotline("absence", "ost", *options)
    assert result.exit_code == 1
    assert complaint in result.output


def test_an_unknown_site_is_answered_with_the_known_ones(hotline):
    hotline("load")
    result = hotline("absence", "mond", "--from", "2030-01-01", "--counters", "-1")
    assert result.exit_code == 1
    assert "'mond' ist kein Standort. Es gibt: ost" in result.output


def test_the_view_shows_where_counters_are_short_and_idle(hotline):
    hotline("load")
    output = hotline("view", "--weeks", 2, env={"COLUMNS": "120"}).output
    assert "ost" in output
    assert "frei" in output
    assert "Pass" in output
