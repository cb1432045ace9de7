import pytest

from hotline.booking import read_city
from hotline.yamlfile import DataError

from .conftest import DEMO

CITY = """\
city: {name: Kleinstadt, region: HH}
categories:
  - {id: alles, name: Alles}
districts:
  - {id: nord, name: Nord, latitude: 53.5, longitude: 10.0}
services:
  - {id: pass, name: Pass, accusative: einen Pass, synonyms: [pass], category: alles, group: residents,
     minutes: 15, bring: [Ihren Ausweis]}
sites:
  - id: ost
    name: Amt Ost
    synonyms: [ost]
    district: nord
    address: Ostplatz 1
    step_free: true
    latitude: 53.5
    longitude: 10.0
    offers: [residents]
    hours:
      - {weekdays: [mon], opens: "08:00", closes: "12:00", counters: 2}
"""


@pytest.fixture
def check(tmp_path):
    """Return a function that checks the city with one text replaced, and returns what is wrong with it."""

    def check_it(old, new):
        assert old in CITY
        (tmp_path / "city.yaml").write_text(CITY.replace(old, new), encoding="utf-8")
        with pytest.raises(DataError) as caught:
            read_city([tmp_path])
        return str(caught.value).replace(f"{tmp_path}/", "")

    return check_it


def test_the_demo_city_is_right():
    assert read_city([DEMO]) == read_city(sorted(DEMO.glob("*.yaml")))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("region: HH", "region: XX", ["city.yaml:1: city", "kein deutsches Land"]),
        ("minutes: 15", "minutes: 12", ["city.yaml:8: services.0.minutes", "Vielfaches"]),
        ("category: alles", "category: nichts", ["city.yaml:7: unbekannte Kategorie 'nichts'"]),
        ("district: nord", "district: sued", ["city.yaml:13: unbekannter Bezirk 'sued'"]),
        ("offers: [residents]", "offers: [visum]", ["city.yaml:18: unbekanntes Anliegen 'visum'"]),
        ('opens: "08:00"', "opens: 8", ["city.yaml:20", "Anführungszeichen"]),
        ('opens: "08:00"', 'opens: "8 Uhr"', ["city.yaml:20", "keine Uhrzeit"]),
        ('opens: "08:00"', 'opens: "02:30"', ["city.yaml:20", "vor 03:00 Uhr"]),
        ('opens: "08:00"', 'opens: "08:02"', ["city.yaml:20", "Raster"]),
        ('closes: "12:00"', 'closes: "07:00"', ["city.yaml:20", "closes liegt nicht nach opens"]),
        ("weekdays: [mon], ", "", ["city.yaml:20", "entweder weekdays oder date"]),
        ("address: Ostplatz 1", "address: Oststr. 1", ["city.yaml:14", "vorlesen"]),
        ("step_free: true", "stufenlos: true", ["city.yaml:15: sites.0.stufenlos"]),
        (
            "  - {id: alles, name: Alles}",
            "  - {id: alles, name: A}\n  - {id: alles, name: B}",
            ["gibt es schon"],
        ),
        ("    step_free: true\n", "", ["city.yaml:10: sites.0", "ein fester Standort braucht step_free"]),
        ("    district: nord", "    mobile: true", ["city.yaml:10: sites.0", "braucht stops"]),
        ('closes: "12:00", counters: 2', 'closes: "12:00"', ["city.yaml:20", "counters: fehlt"]),
        ("latitude: 53.5\n", "latitude: 535\n", ["city.yaml:16", "darf höchstens 90"]),
        ("[mon]", "[montag]", ["city.yaml:20", "'mon'"]),
        (
            "    offers:",
            "    exceptions: [{note: x, first_date: 2026-02-30, closed: true}]\n    offers:",
            ["city.yaml:18: '2026-02-30' gibt es nicht im Kalender"],
        ),
        ("city: {name", "stadt: {name", ["city.yaml:1: stadt: diesen Eintrag gibt es nicht"]),
        ("city: {name: Kleinstadt, region: HH}", "", ["city muss genau einmal vorkommen"]),
    ],
)
def test_what_is_wrong_is_said_with_file_and_line(check, old, new, expected):
    message = check(old, new)
    for part in expected:
        assert part in message


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        ("{id: a, kind: reserved, percent: 10}", "services gehört zu kind: reserved"),
        ("{id: a, kind: walk_in, percent: 10, services: [pass]}", "services gehört zu kind: reserved"),
        ("{id: a, kind: reserved, percent: 10, services: [visum]}", "unbekanntes Anliegen 'visum'"),
        ("{id: a, kind: walk_in, percent: 10, sites: [mond]}", "unbekannter Standort 'mond'"),
        ("{id: a, kind: walk_in, percent: 110}", "percent"),
    ],
)
def test_shares_are_checked(check, share, expected):
    assert expected in check("categories:", f"shares:\n  - {share}\ncategories:")


@pytest.mark.parametrize(
    ("exception", "expected"),
    [
        (
            "{note: x, first_date: 2026-01-02, last_date: 2026-01-01, closed: true}",
            "last_date liegt vor first_date",
        ),
        ("{note: x, first_date: 2026-01-02}", "genau eines angeben"),
        ('{note: x, first_date: 2026-01-02, opens: "08:00"}', "gehören zusammen"),
        ("{note: x, first_date: 2026-01-02, closed: true, change: 1}", "genau eines angeben"),
    ],
)
def test_exceptions_are_checked(check, exception, expected):
    assert expected in check("categories:", f"exceptions:\n  - {exception}\ncategories:")


def test_a_keypad_has_four_keys_for_services(check):
    start, end = CITY.index("  - {id: pass"), CITY.index("sites:")
    more = "".join(CITY[start:end].replace("id: pass", f"id: pass{number}") for number in range(4))
    assert "mehr als vier Anliegen in 'alles'" in check("services:\n", f"services:\n{more}")


def test_a_word_means_one_service(check):
    start, end = CITY.index("  - {id: pass"), CITY.index("sites:")
    again = CITY[start:end].replace("id: pass", "id: ausweis")
    assert "city.yaml:9: 'pass' ist schon ein Wort für 'ausweis'" in check(
        "services:\n", f"services:\n{again}"
    )


def test_a_bus_has_stops_and_no_extra_hours(check):
    message = check(
        CITY[CITY.index("    district: nord") :],
        """    mobile: true
    offers: [residents]
    exceptions:
      - {note: x, first_date: 2026-01-03, opens: "08:00", closes: "09:00", counters: 1}
    stops:
      - {district: nord, address: Markt, step_free: true, latitude: 53.5, longitude: 10.0}
""",
    )
    assert message == "city.yaml:16: für einen mobilen Standort bitte bei einem Halt hours mit date angeben"


def test_a_file_in_another_encoding_is_named_with_its_line(tmp_path):
    (tmp_path / "city.yaml").write_bytes(CITY.replace("Amt Ost", "Amt Öst").encode("latin-1"))
    with pytest.raises(DataError, match=r"city.yaml:11: .* nicht in UTF-8"):
        read_city([tmp_path])


def test_an_empty_folder_is_no_city(tmp_path):
    with pytest.raises(DataError, match="keine YAML-Dateien"):
        read_city([tmp_path])
