import shutil
import threading

import pytest
from flask import Flask
from werkzeug.serving import make_server

from hotline.messages.page import local_page

from .conftest import appointment, queue

pytestmark = pytest.mark.browser


@pytest.fixture
def browser():
    playwright = pytest.importorskip("playwright.sync_api")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with playwright.sync_playwright() as driver:
        try:
            browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        except playwright.Error as error:
            pytest.skip(f"no Chromium: {error.message.splitlines()[0]}")
        yield browser
        browser.close()


@pytest.fixture
def url(database):
    app = Flask(__name__)
    app.register_blueprint(local_page(database))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}/messages"
    server.shutdown()
    thread.join()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_new_sms_appears_and_is_announced_without_a_reload(browser, url, database, outbox):
    page = browser.new_page()
    complaints = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(url)
    page.evaluate("window.sameDocument = true")
    queue(database, outbox, appointment())
    page.wait_for_selector("li .bubble", timeout=60_000)
    assert "Personalausweis" in page.inner_text(".bubble")
    assert page.inner_text("#news") == "Neue SMS an 0176 12345678"
    assert page.evaluate("window.sameDocument") is True
    assert [complaint for complaint in complaints if "favicon" not in complaint] == []
