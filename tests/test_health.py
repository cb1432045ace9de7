"""Whether a process can take calls, for load balancers and people."""

import json

from tests.telephony.conftest import city_file, hotline, hotline_with  # noqa: F401


def test_a_healthy_process_says_what_it_hears_and_speaks_with(hotline_with):  # noqa: F811
    answer = hotline_with(ears=2).app.test_client().get("/healthz")
    assert answer.status_code == 200
    assert json.loads(answer.data) == {"database": True, "ear": "typed", "ears": 2, "voice": "Murmur"}


def test_one_without_an_ear_is_healthy_too(hotline):  # noqa: F811
    answer = hotline.app.test_client().get("/healthz")
    assert answer.status_code == 200
    assert json.loads(answer.data)["ear"] is None


def test_one_without_its_database_takes_no_calls(hotline, tmp_path):  # noqa: F811
    calls = hotline.app.extensions["hotline"].calls
    calls.database.engine.dispose()
    hotline.database.engine.dispose()
    for file in tmp_path.glob("*.sqlite3*"):
        file.unlink()
    (tmp_path / "0.sqlite3").mkdir()
    answer = hotline.app.test_client().get("/healthz")
    assert answer.status_code == 503
    assert json.loads(answer.data)["database"] is False
