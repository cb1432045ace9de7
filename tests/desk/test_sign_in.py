"""Who gets in, what she may do there, and what is written down of it."""

import datetime as dt

import pytest

from hotline.desk.accounts import AccountError
from hotline.desk.tables import Audit, Failure, Role, Session, User

from .conftest import PASSWORD, Browserless


def test_there_is_no_account_to_begin_with(house_with):
    house = house_with()
    assert house.all(User) == []
    assert Browserless(house).sign_in("admin", "admin").status_code == 401


@pytest.mark.parametrize("path", ["/desk", "/desk/callbacks", "/desk/audit", "/desk/calls/CA1"])
def test_nobody_sees_a_page_without_signing_in(house, path):
    answer = Browserless(house).get(path)
    assert (answer.status_code, answer.location) == (302, "/desk/sign-in")


@pytest.mark.parametrize("path", ["/desk/events", "/desk/state"])
def test_what_is_live_is_for_those_signed_in(house, path):
    assert Browserless(house).client.get(path).status_code == 401


def test_a_password_is_kept_as_an_argon2id_hash_alone(house):
    [user] = house.all(User, User.name == "anna")
    assert user.password_hash.startswith("$argon2id$")
    assert PASSWORD not in user.password_hash


@pytest.mark.parametrize("password", ["kurz", "x" * 201])
def test_passwords_have_a_sensible_length(house, password):
    with pytest.raises(AccountError):
        house.accounts.add("carla", "Carla", Role.AGENT, "", password)


def test_after_five_wrong_passwords_even_the_right_one_has_to_wait(house):
    one = Browserless(house)
    assert [one.sign_in("anna", "falsch").status_code for _ in range(5)] == [401] * 5
    assert one.sign_in("anna", PASSWORD).status_code == 429
    assert one.sign_in("boris", PASSWORD).status_code == 303
    house.now += dt.timedelta(minutes=15)
    assert one.sign_in("anna", PASSWORD).status_code == 303
    assert house.all(Failure, Failure.name == "anna") == []


def test_one_address_cannot_try_name_after_name(house):
    one = Browserless(house)
    tried = [one.sign_in(f"name{number}", "falsch").status_code for number in range(31)]
    assert tried == [401] * 30 + [429]


def test_an_unused_session_ends_after_half_an_hour(house):
    one = Browserless(house, "anna")
    house.now += dt.timedelta(minutes=29)
    assert one.get("/desk").status_code == 200
    house.now += dt.timedelta(minutes=31)
    assert one.get("/desk").status_code == 302


def test_a_session_ends_after_twelve_hours_however_much_it_is_used(house):
    one = Browserless(house, "anna")
    for _ in range(35):
        house.now += dt.timedelta(minutes=20)
        assert one.get("/desk").status_code == 200
    house.now += dt.timedelta(minutes=20)
    assert one.get("/desk").status_code == 302


def test_signing_out_ends_the_session_at_the_server_too(house):
    one = Browserless(house, "anna")
    token = one.client.get_cookie("hotline-desk").value
    one.post("/desk/sign-out")
    one.client.set_cookie("hotline-desk", token)
    assert one.get("/desk").status_code == 302
    assert house.all(Session) == []


def test_a_locked_account_is_out_at_once(house):
    one = Browserless(house, "anna")
    house.accounts.change("anna", active=False)
    assert one.get("/desk").status_code == 302
    assert one.sign_in("anna", PASSWORD).status_code == 401


def test_a_one_time_link_works_once_and_opening_it_does_not_use_it_up(house):
    token = house.accounts.link("anna")
    one = Browserless(house)
    headers = {"Sec-Fetch-Site": "same-origin"}
    assert one.get(f"/desk/enter/{token}").status_code == 200
    assert one.client.post(f"/desk/enter/{token}", headers=headers).status_code == 303
    assert one.get("/desk").status_code == 200
    assert Browserless(house).client.post(f"/desk/enter/{token}", headers=headers).status_code == 401


def test_a_one_time_link_runs_out(house):
    token = house.accounts.link("anna")
    house.now += dt.timedelta(hours=12)
    headers = {"Sec-Fetch-Site": "same-origin"}
    assert Browserless(house).client.post(f"/desk/enter/{token}", headers=headers).status_code == 401


@pytest.mark.parametrize("token", ["", "falsch"])
def test_a_change_without_the_page_s_token_is_refused(house, token):
    one = Browserless(house, "anna")
    answer = one.client.post("/desk/ready", data={"ready": "0"}, headers={"X-CSRF-Token": token})
    assert answer.status_code == 403
    [anna] = house.all(User, User.name == "anna")
    assert anna.ready


def test_another_site_cannot_sign_anybody_in(house):
    assert Browserless(house).sign_in("anna", PASSWORD, site="cross-site").status_code == 403


def test_the_cookie_is_for_the_browser_alone(house_with):
    house = house_with(public_url="https://hotline.example")
    house.agent("anna", "Anna Weber")
    cookie = Browserless(house).sign_in("anna", PASSWORD).headers["Set-Cookie"]
    assert cookie.startswith("__Host-")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))


@pytest.mark.parametrize("path", ["/desk/sign-in", "/desk", "/desk/static/desk.js"])
def test_every_answer_carries_the_security_headers(house, path):
    headers = Browserless(house, "anna").client.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


def test_pages_with_people_s_data_are_not_kept_by_the_browser(house):
    assert Browserless(house, "anna").client.get("/desk").headers["Cache-Control"] == "no-store"


def test_who_did_what_is_for_the_lead(house):
    house.agent("carla", "Carla Lutz", role=Role.LEAD)
    assert Browserless(house, "anna").get("/desk/audit").status_code == 403
    page = Browserless(house, "carla").get("/desk/audit").text
    assert "Warteschlange angesehen" in page
    assert "Anna Weber" in page


def test_every_look_at_a_call_is_written_down_without_the_caller_s_data(house):
    call = house.call()
    call.hears("Was brauchen Sie")
    one = Browserless(house, "anna")
    assert one.get(f"/desk/calls/{call.sid}").status_code == 200
    one.post(f"/desk/calls/{call.sid}/find", asked="+4917612345678")
    looked, found = house.all(Audit, Audit.action.in_(["look", "find"]))
    assert (looked.user, looked.subject, looked.address) == ("anna", call.sid, "127.0.0.1")
    assert "12345" not in found.subject
