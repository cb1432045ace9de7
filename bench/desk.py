"""How soon a desk shows that a call waits: 50 waiting calls, 20 desks, one of them a real browser.

The server is a process of its own, as in operation; calls join the queue from this one, as from another node.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import math
import secrets
import shutil
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from twilio.twiml.voice_response import VoiceResponse

from hotline.app import create_app, utc_now
from hotline.desk import Accounts
from hotline.desk.tables import Role
from hotline.dialog.log import Caller, Keys, Start
from hotline.serving import prepare
from hotline.settings import Settings
from hotline.storage import Database
from hotline.telephony.exchange import Exchange
from hotline.telephony.handover import hand_over
from hotline.telephony.phone.starting import running

WAITING, DESKS, MEASURED = 50, 20, 50
STAYS_SECONDS, BETWEEN_SECONDS = 0.7, 0.2
PATIENCE_SECONDS = 20.0

BROWSER = """() => {
    window.seen = {};
    new MutationObserver(() => {
        for (const card of document.querySelectorAll(".cards li"))
            window.seen[card.id.slice(2)] ??= Date.now() / 1000;
    }).observe(document.getElementById("queue"), {childList: true, subtree: true});
}"""
"""Notes when each waiting call was first in the page."""


class Desks:
    """When every desk first saw each call."""

    def __init__(self) -> None:
        self.seen: dict[str, list[float]] = defaultdict(list)
        self.ready = threading.Semaphore(0)
        self._lock = threading.Lock()

    def listen(self, url: str, cookie: str) -> None:
        """Follow the events for one desk until the server ends."""
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
        connection.request("GET", "/desk/events", headers={"Cookie": f"hotline-desk={cookie}"})
        answer = connection.getresponse()
        before: set[str] = set()
        with contextlib.suppress(OSError, http.client.HTTPException):
            while line := answer.readline():
                if not line.startswith(b"data: "):
                    continue
                now = time.time()
                waiting = set(json.loads(line.removeprefix(b"data: "))["waiting"])
                with self._lock:
                    for sid in waiting - before:
                        self.seen[sid].append(now)
                if not before:
                    self.ready.release()
                before = waiting


def run(report: Callable[[str], None]) -> None:
    token = secrets.token_hex(16)
    with tempfile.TemporaryDirectory(prefix="hotline-bench-") as folder:
        settings = Settings(
            _env_file=None,
            database_url=f"sqlite:///{Path(folder) / 'hotline.sqlite3'}",
            twilio_auth_token=token,
            agents_always=True,
            model=Path(folder) / "none",
            cache=Path(folder) / "voice",
        )
        prepare(settings)
        accounts = Accounts(Database(settings.database_url), utc_now)
        names = [f"agent{number}" for number in range(DESKS)]
        for number, name in enumerate(names):
            accounts.add(name, name.title(), Role.AGENT, f"+4940428281{number:02}")
        one: Exchange = create_app(settings).extensions["hotline"]
        own = {
            "HOTLINE_DATABASE_URL": settings.database_url,
            "HOTLINE_MODEL": str(settings.model),
            "HOTLINE_CACHE": str(settings.cache),
        }
        with running(token, **own) as url:
            _measure(one, accounts, names, url, report)


def _measure(
    one: Exchange, accounts: Accounts, names: list[str], url: str, report: Callable[[str], None]
) -> None:
    cookies = [accounts.use_link(accounts.link(name)) or "" for name in names]
    for number in range(WAITING):
        _enqueue(one, f"CAwaiting{number}")
    desks = Desks()
    with _browser(url, cookies[0]) as in_browser:
        listening = cookies[1:] if in_browser else cookies
        for cookie in listening:
            threading.Thread(target=desks.listen, args=(url, cookie), daemon=True).start()
        for _ in listening:
            if not desks.ready.acquire(timeout=PATIENCE_SECONDS):
                raise TimeoutError("a desk does not get the queue")
        joined: dict[str, float] = {}
        for number in range(MEASURED):
            sid = f"CAnew{number}"
            joined[sid] = _enqueue(one, sid)
            time.sleep(STAYS_SECONDS)
            # One comes, one goes: there are always as many.
            one.waiting.end(sid, "hung_up")
            time.sleep(BETWEEN_SECONDS)
        shown = in_browser() if in_browser else {}
    streams = [at - joined[sid] for sid, all_ in desks.seen.items() if sid in joined for at in all_]
    pages = [at - joined[sid] for sid, at in shown.items() if sid in joined]
    report(f"  {WAITING} calls wait, {DESKS} desks, {MEASURED} calls join, SQLite")
    report(_line("  enqueued until sent to a desk", streams, MEASURED * len(listening)))
    if pages:
        report(_line("  enqueued until shown in a browser", pages, MEASURED))
    else:
        report("  no Chromium: not measured in a browser")


def _enqueue(one: Exchange, sid: str) -> float:
    """Have a caller ask for a human; return when the call joined the queue."""
    one.calls.begin(sid, "+4915228817386")
    conversation = one.calls.conversation(sid)
    one.calls.advance(sid, conversation, Start(Caller("+4915228817386", mobile=True), keypad=True))
    one.calls.advance(sid, conversation, Keys("1"))
    one.calls.advance(sid, conversation, Keys("0"))
    at = time.time()
    hand_over(VoiceResponse(), one, sid, conversation)
    return at


@contextlib.contextmanager
def _browser(url: str, cookie: str) -> Iterator[Callable[[], dict[str, float]] | None]:
    """Open a desk in Chromium; yield what returns when each call was first seen, or nothing without one."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        yield None
        return
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  # it is a tool for development

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        context = browser.new_context()
        context.add_cookies([{"name": "hotline-desk", "value": cookie, "url": url}])
        page = context.new_page()
        page.goto(f"{url}/desk")
        page.wait_for_selector(".cards li")
        page.evaluate(BROWSER)
        yield lambda: page.evaluate("() => window.seen")
        browser.close()


def _line(what: str, seconds: list[float], expected: int) -> str:
    """Return a line with percentiles in ms, and how many were never seen."""
    ordered = sorted(seconds)

    def percentile(percent: int) -> str:
        return f"{1000 * ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]:.0f}"

    lost = expected - len(ordered)
    figures = f"p50 {percentile(50)} ms, p95 {percentile(95)} ms, at most {percentile(100)} ms"
    return f"{what}: {figures} ({len(ordered)} times{f', {lost} missing' if lost else ''})"
