"""The telephone in the browser, in a real one: by keys, by voice, with the keyboard alone, and its sound."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import requests

from hotline.speech import audio
from hotline.telephony.phone.mouth import spoken
from hotline.telephony.phone.script import VoiceChoice
from hotline.telephony.phone.starting import new_token, running

sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]

Open = Callable[..., Any]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with running(new_token()) as base:
        yield base


@pytest.fixture
def page(url: str) -> Iterator[Open]:
    """Open the telephone; ``microphone`` is a recording to speak, ``None`` if none is allowed."""
    with sync_api.sync_playwright() as playwright:
        opened = []

        def open_(microphone: Path | None, **context: Any) -> Any:
            flags = ["--no-sandbox", "--autoplay-policy=no-user-gesture-required"]
            if microphone is not None:
                flags += ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
                flags += [f"--use-file-for-fake-audio-capture={microphone}%noloop"]
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
            opened.append(browser)
            shown = browser.new_page(**context)
            shown.on("pageerror", lambda error: pytest.fail(str(error)))
            shown.set_default_timeout(30_000)
            shown.goto(f"{url}/phone")
            return shown

        yield open_
        for browser in opened:
            browser.close()


def said(page: Any, text: str) -> None:
    page.locator("#transcript .hotline", has_text=text).last.wait_for()


def test_a_call_by_keyboard_alone_without_a_microphone(page: Open) -> None:
    phone = page(None)
    phone.keyboard.press("Enter")
    said(phone, "automatischer Assistent")
    assert "Mit den Tasten geht alles auch" in phone.inner_text("#microphone-state")
    phone.keyboard.press("1")
    phone.locator("#transcript .caller", has_text="Taste 1").wait_for()
    said(phone, "drücken Sie die")
    assert phone.inner_text("#digits") == "1"
    assert phone.inner_text("#state") == "Verbunden"
    phone.keyboard.press("Escape")
    phone.locator("#transcript .ended", has_text="Ohne Ergebnis beendet").wait_for()
    phone.get_by_role("status").get_by_text("Aufgelegt").wait_for()
    assert phone.evaluate("document.activeElement.id") == "call"


def test_a_withheld_number_can_be_chosen(page: Open) -> None:
    phone = page(None)
    phone.get_by_label("ohne Nummer").check()
    phone.get_by_role("button", name="Anrufen").click()
    said(phone, "automatischer Assistent")
    assert phone.get_by_label("ohne Nummer").is_disabled()
    phone.get_by_role("button", name="Auflegen").click()
    phone.locator("#transcript .ended").wait_for()


def test_what_is_said_into_the_microphone_is_understood(page: Open, url: str, tmp_path: Path) -> None:
    if requests.get(f"{url}/healthz", timeout=10).json()["ear"] is None:
        pytest.skip("no model of speech is here")
    words = audio.decode_mulaw(spoken("Ich brauche einen Personalausweis", VoiceChoice()))
    wide = audio.resample(
        np.concatenate([np.zeros(16000, np.int16), words, np.zeros(240000, np.int16)]), 8000, 48000
    )
    audio.write_wav(tmp_path / "words.wav", wide, 48000)
    phone = page(tmp_path / "words.wav")
    phone.get_by_role("button", name="Anrufen").click()
    phone.locator("#transcript .caller", has_text="personalausweis").wait_for()
    said(phone, "Der früheste Termin")
    assert "Das Mikrofon ist an" in phone.inner_text("#microphone-state")


def test_everything_has_a_name_and_nothing_comes_from_elsewhere(page: Open, url: str) -> None:
    phone = page(None)
    names = [
        phone.get_by_role("button", name=name, exact=True) for name in ("Anrufen", "Stern", "Raute", "5")
    ]
    assert [found.count() for found in names] == [1, 1, 1, 1]
    assert phone.get_by_role("log", name="Gespräch").get_attribute("aria-live") == "off"
    phone.get_by_label("Bildschirmleser").check()
    assert phone.get_by_role("log", name="Gespräch").get_attribute("aria-live") == "polite"
    policy = requests.get(f"{url}/phone", timeout=10).headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("width", [1280, 640, 320])
def test_the_page_fits_any_width(page: Open, width: int) -> None:
    """320 px is 1280 px at 400 % (WCAG 2.2, 1.4.10)."""
    phone = page(None, viewport={"width": width, "height": 700})
    assert phone.evaluate("document.documentElement.scrollWidth") <= width


def test_a_page_of_another_site_cannot_call(url: str) -> None:
    import websockets.sync.client
    from websockets.exceptions import InvalidStatus

    line = url.replace("http", "ws") + "/phone/line"
    with pytest.raises(InvalidStatus, match="403"):
        websockets.sync.client.connect(line, origin="https://elsewhere.example")


def test_mu_law_in_the_browser_is_that_of_g711(page: Open) -> None:
    phone = page(None)
    decoded, encoded = phone.evaluate(
        """async () => {
            const { encode, decode } = await import("/phone/static/sound.js");
            const all = Uint8Array.from({ length: 256 }, (_, i) => i);
            const samples = decode(all);
            return [[...samples].map((x) => Math.round(x * 32768)), [...encode(samples)]];
        }"""
    )
    assert decoded == audio.decode_mulaw(bytes(range(256))).tolist()
    assert encoded == [255 if code == 127 else code for code in range(256)]  # minus nought is nought


def test_the_microphone_is_brought_down_to_8_khz_without_aliasing(page: Open) -> None:
    phone = page(None)
    tones = phone.evaluate(
        """async () => {
            const heard = {};
            for (const hertz of [300, 1000, 3000, 5000, 7000]) {
                const context = new OfflineAudioContext(1, 48000, 48000);
                await context.audioWorklet.addModule("/phone/static/worklets.js");
                const tone = new OscillatorNode(context, { frequency: hertz });
                const microphone = new AudioWorkletNode(context, "microphone", { numberOfOutputs: 0 });
                const frames = [];
                microphone.port.onmessage = ({ data }) => frames.push(...data);
                tone.connect(microphone);
                tone.start();
                await context.startRendering();
                await new Promise((resolve) => setTimeout(resolve, 200));
                heard[hertz] = frames;
            }
            return heard;
        }"""
    )
    level = {}
    for hertz, frames in tones.items():
        samples = np.array(frames)
        assert 7600 <= len(samples) <= 8000
        level[int(hertz)] = 20 * np.log10(np.sqrt(np.mean(samples[800:-800] ** 2)) * np.sqrt(2) + 1e-9)
        if int(hertz) < 4000:
            spectrum = np.abs(np.fft.rfft(samples[800:7200]))
            assert np.argmax(spectrum) * 8000 / 6400 == pytest.approx(int(hertz), abs=3)
    assert all(abs(level[hertz]) < 1 for hertz in (300, 1000, 3000))
    assert level[5000] < -40
    assert level[7000] < -40


def test_the_axes_of_the_page_are_sound(page: Open) -> None:
    """No id twice, every control labelled, headings in order: what a quick audit would complain of."""
    phone = page(None)
    problems = phone.evaluate(
        """() => {
            const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
            const twice = ids.filter((id, at) => ids.indexOf(id) !== at);
            const nameless = [...document.querySelectorAll("button, input")].filter(
                (one) => !(one.getAttribute("aria-label") || one.textContent.trim() || one.closest("label")),
            );
            const levels = [...document.querySelectorAll("h1, h2, h3")].map((one) => Number(one.tagName[1]));
            return [twice, nameless.length, levels];
        }"""
    )
    assert problems == [[], 0, [1, 2, 2]]


def test_the_server_script_says_when_a_hotline_will_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    from hotline.telephony.phone.starting import WillNotStart

    monkeypatch.setenv("HOTLINE_EARS", "viele")
    with pytest.raises(WillNotStart, match="startet nicht"), running(new_token()):
        pass
