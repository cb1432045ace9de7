import re

import pytest
from flask import Flask

from hotline.messages.page import local_page
from hotline.messages.senders import LocalSender
from hotline.messages.worker import run_once

from .conftest import appointment, queue


@pytest.fixture
def browser(database):
    app = Flask(__name__)
    app.register_blueprint(local_page(database))
    return app.test_client()


def test_without_sms_the_page_says_how_to_get_one(browser):
    page = browser.get("/messages").text
    assert "Noch keine SMS" in page
    assert '<html lang="de">' in page


def test_local_sms_are_shown_newest_first_with_their_status(browser, database, outbox, clock):
    queue(database, outbox, appointment("111222333"))
    run_once(database, LocalSender(), clock)
    clock.turn(minutes=5)
    queue(database, outbox, appointment("444555666", site_name="Kundenzentrum Süderelbe"))
    page = browser.get("/messages").text
    assert page.index("444 555 666") < page.index("111 222 333")
    assert "0176 12345678" in page
    assert "02.03.2026, 10:00 Uhr" in page
    assert page.index("wartet") < page.index("gesendet")
    assert "Süderelbe" in page


def test_what_an_sms_says_cannot_become_markup(browser, database, outbox):
    queue(database, outbox, appointment(site_name="<script>alert(1)</script>"))
    page = browser.get("/messages").text
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page


def test_the_policy_forbids_inline_code_and_the_page_has_none(browser, database, outbox):
    queue(database, outbox, appointment())
    answer = browser.get("/messages")
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert re.findall(r"<script(?![^>]* src=)|<style|\sstyle=|\son\w+=", answer.text) == []
    for asset in re.findall(r'(?:src|href)="(/messages/static/[^"]+)"', answer.text):
        assert browser.get(asset).status_code == 200


def test_the_list_is_sent_again_only_when_it_has_changed(browser, database, outbox):
    first = browser.get("/messages/list")
    again = browser.get("/messages/list", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    queue(database, outbox, appointment())
    changed = browser.get("/messages/list", headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200
    assert "482 107 365" in changed.text
