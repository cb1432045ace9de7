import datetime as dt

import pytest
from click.testing import CliRunner

from hotline.booking import Calendar
from hotline.booking.commands import city
from hotline.storage import Database
from hotline.terms import BERLIN, Wishes

from .test_schema import CITY


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
        result = CliRunner().invoke(city, [str(argument) for argument in arguments], **options)
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


def book(hotline, number, day):
    calendar = Calendar(hotline.database, lambda: dt.datetime.now(dt.UTC))
    nine = Wishes(first_date=day, last_date=day, first_time=dt.time(9), last_time=dt.time(9, 5))
    assert calendar.hold_earliest("pass", nine, key=f"{number}/1")
    return calendar.book(hold=f"{number}/1", key=f"{number}/book", phone="+491701234567")


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
    queued = []
    result = hotline(
        "absence",
        *("ost", "--from", day, "--counters", "-1"),
        input="y\n",
        obj=lambda _settings, _calendar: lambda _session, moved: queued.append(moved),
    )
    assert result.exit_code == 0, result.output
    assert f"{second.reference}: verlegt" in result.output
    (moved,) = queued
    assert moved.reference == second.reference
    assert moved.offer.starts_at == second.offer.starts_at - dt.timedelta(minutes=15)
    calendar = Calendar(hotline.database, lambda: dt.datetime.now(dt.UTC))
    assert calendar.find(first.reference) == first
    assert "Alle gebuchten Termine passen" in hotline("fit").output


def test_a_no_leaves_the_appointment_and_says_that_it_does_not_fit(hotline):
    hotline("load")
    day = a_working_day()
    _, second = (book(hotline, number, day) for number in range(2))
    hotline("absence", "ost", "--from", day, "--counters", "-1", input="n\n")
    assert second.reference in hotline("fit", input="n\n").output
    assert second.reference in hotline("load").output


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
