"""The desk in a real browser: by keyboard alone, in a narrow window, at 200 %, and for everybody."""

from importlib.resources import files

import pytest

from hotline.desk.tables import Role

from .conftest import PASSWORD, until

pytestmark = pytest.mark.browser

WIDTHS = {"beside another program": (480, 800), "at 200 %": (640, 450), "at 400 %": (320, 256)}
"""CSS pixels. 1280 pixels wide at 200 % and 400 % are 640 and 320: WCAG 2.2, 1.4.10."""


@pytest.fixture(scope="session")
def violations():
    """Return a function that lists what axe finds wrong in a page."""
    axe = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
    everything = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

    def find(page, rules=None):
        if not page.evaluate("() => 'axe' in window"):
            page.evaluate(axe)
        found = page.evaluate("rules => axe.run(document, rules)", {"runOnly": rules or everything})
        found = found["violations"]
        return [(one["id"], one["impact"], one["nodes"][0]["html"]) for one in found]

    return find


def overflow(page):
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def check(page, violations):
    """Axe finds nothing, and nothing sticks out however narrow the window is."""
    size = page.viewport_size
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    assert violations(page, ["color-contrast"]) == []
    for name, (width, height) in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": height})
        assert overflow(page) <= 0, name
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(size)


def test_every_page_is_for_everybody(house, chromium, sign_in, violations):
    house.agent("carla", "Carla Lutz", "+494042828103", role=Role.LEAD)
    outside = chromium.new_page()
    for path in ("sign-in", f"enter/{house.accounts.link('carla')}"):
        outside.goto(f"{house.url}/desk/{path}")
        check(outside, violations)
    outside.close()

    carla, boris = sign_in(house, "carla"), sign_in(house, "boris")
    call, other = house.booking_call(), house.waiting_call(from_="anonymous")
    boris.click(f"#w-{other.sid} button.take")
    carla.wait_for_selector(f"#t-{other.sid}")
    check(carla, violations)

    carla.click(f"#w-{call.sid} button.take")
    carla.wait_for_selector("#status :text('Im Gespräch')")
    carla.click("#search-form button")
    carla.wait_for_selector(".offers button")
    check(carla, violations)
    carla.click(".offers button")
    carla.wait_for_selector("#held .slot")
    carla.click("#held button")
    carla.wait_for_selector("#mine .booking")
    carla.fill("#asked", "0176 12345678")
    carla.press("#asked", "Enter")
    carla.click("#found summary")
    check(carla, violations)

    later = house.waiting_call(from_="+4917612345679")
    later.press("1", after="Für einen Rückruf")
    later.press("1", after="Soll Sie jemand zurückrufen")
    until(house.callbacks, "the call-back is noted")
    for path in ("callbacks", "audit", f"calls/{later.sid}"):
        carla.goto(f"{house.url}/desk/{path}")
        check(carla, violations)


def focus(page):
    """Return what has the focus; it must be visible, with a ring, and under no message."""
    found = page.evaluate("""() => {
        const one = document.activeElement, box = one.getBoundingClientRect(), style = getComputedStyle(one);
        const x = box.x + box.width / 2, y = box.y + Math.min(box.height / 2, 20);
        const top = document.elementFromPoint(x, y);
        return {id: one.id, text: (one.innerText || "").trim(), ring: style.outlineStyle,
                seen: one.contains(top) || (top && top.contains(one))};
    }""")
    assert found["ring"] == "solid", found
    assert found["seen"], found
    return found["id"] or found["text"]


def tab_to(page, wanted, most=40):
    for _ in range(most):
        page.keyboard.press("Tab")
        if wanted in focus(page):
            return
    pytest.fail(f"no way to {wanted}")


def test_a_whole_call_without_a_mouse(house, chromium):
    context = chromium.new_context(viewport={"width": 1000, "height": 700})
    page = context.new_page()
    page.goto(f"{house.url}/desk")
    page.wait_for_function("() => document.activeElement.matches('[autofocus]')")
    page.keyboard.type("anna")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:text('Warteschlange')")
    call = house.booking_call()
    page.wait_for_selector(f"#w-{call.sid}")

    page.keyboard.press("F2")
    page.wait_for_url(f"**/calls/{call.sid}")
    page.wait_for_selector("#status :text('Im Gespräch')")
    page.keyboard.press("F4")
    assert focus(page) == "service"
    page.keyboard.press("F4")
    page.wait_for_selector(".offers button")
    page.wait_for_function("() => document.activeElement.closest('.offers')")
    focus(page)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.activeElement.id === 'book-phone'")
    focus(page)
    page.keyboard.press("Tab")
    page.keyboard.type("Erika Beispiel")
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.activeElement.id === 'outcome'")
    [booked] = house.appointments()
    assert booked.name == "Erika Beispiel"
    assert page.input_value("#outcome") == "booked"
    page.keyboard.press("F8")
    page.keyboard.press("Tab")
    page.keyboard.type("Bringt das Kind mit.")
    page.keyboard.press("Enter")
    until(lambda: "noted" in house.did(call.sid), "it is noted")
    page.focus("#main")
    tab_to(page, "how")
    tab_to(page, "Auflegen")
    page.keyboard.press("Enter")
    until(lambda: call.phone.ended, "the call is over")
    page.wait_for_selector("#status :text('zu Ende')")
    context.close()


def test_what_is_being_typed_survives_news(house, sign_in):
    anna = sign_in(house, "anna")
    call = house.booking_call()
    anna.click(f"#w-{call.sid} button.take")
    anna.wait_for_selector("#status :text('Im Gespräch')")
    anna.fill("#book-name", "Erika Bei")
    anna.focus("#book-name")
    before = anna.get_attribute("#talk", "data-version")
    house.app.extensions["desk"].work.note(call.sid, "boris", "informed", "")
    anna.wait_for_function("before => document.querySelector('#talk').dataset.version !== before", arg=before)
    anna.keyboard.type("spiel")
    assert anna.input_value("#book-name") == "Erika Beispiel"


def test_a_lost_connection_is_said_and_mended(house, sign_in):
    anna = sign_in(house, "anna")
    until(lambda: house.app.extensions["desk"].hub._thread, "the page is live")
    house.stop()
    anna.wait_for_selector("#offline:not([hidden])")
    house.start()
    call = house.waiting_call()
    anna.wait_for_selector(f"#w-{call.sid}")
    anna.wait_for_selector("#offline", state="hidden")


def test_more_desks_than_places_are_kept_up_to_date_all_the_same(house_with, sign_in):
    house = house_with(desks=0)
    house.agent("anna", "Anna Weber")
    anna = sign_in(house, "anna")
    call = house.waiting_call()
    anna.wait_for_selector(f"#w-{call.sid}")
