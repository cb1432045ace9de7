from hotline.booking import load_city

from . import race
from .conftest import NOW, a_city, office


def test_32_processes_never_get_the_same_counter(database):
    sites = [office(name, hours=[("tue", "08:00", "10:00")], counters=3) for name in ("ost", "west", "mitte")]
    load_city(database, a_city(sites, city={"window_days": 9}), NOW)
    url = database.url.render_as_string(hide_password=False)
    result = race.run(url, NOW, workers=32, attempts=80 if database.is_sqlite else 50)
    assert result.errors == []
    assert race.conflicts(database) == []
    # Nobody lost what was held, and the city was full at some time, so that they did race.
    assert not {"hold lost", "move lost", "cancellation lost"} & set(result.outcomes)
    assert result.outcomes["full"] > 0
    assert result.outcomes["booked"] > 0
