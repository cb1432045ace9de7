"""Scripted callers: who speaks when, what is written down, and what counts as a failure."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from typing import Any

import pytest
from counterpart import Hotline, speak
from flask import jsonify
from rich.console import Console

from hotline.settings import ROOT
from hotline.telephony.phone.caller import YOUR_TURN_MS, Caller
from hotline.telephony.phone.mouth import spoken
from hotline.telephony.phone.record import Record
from hotline.telephony.phone.script import Script, VoiceChoice, load, occurs
from hotline.telephony.phone.show import Dialogue
from hotline.telephony.phone.telephone import Telephone
from hotline.telephony.websocket import WebSocket
from hotline.yamlfile import DataError

EXAMPLES = ROOT / "docs" / "calls"
GREETING = "Guten Tag, drücken Sie die eins"
ASK = (
    f'<Gather numDigits="1" action="/key" timeout="5"><Say>{GREETING}</Say></Gather><Say>Nichts gehört</Say>'
)


def script(*turns: dict[str, Any], **more: Any) -> Script:
    return Script.model_validate({"turns": turns, **more})


def call(hotline: Hotline, what: Script) -> tuple[Record, Telephone, str]:
    console = Console(record=True, width=100, file=io.StringIO(), highlight=False)
    dialogue = Dialogue(console)
    phone = hotline.phone(from_=what.from_)
    record = Caller(phone, what, dialogue).call()
    dialogue.end(record)
    return record, phone, console.export_text()


@pytest.fixture
def keypad(hotline: Hotline) -> Hotline:
    hotline.answers = {"/voice/incoming": ASK, "/key": "<Say>Gebucht, auf Wiederhören</Say>"}
    return hotline


def test_the_caller_waits_until_the_hotline_has_finished(keypad: Hotline) -> None:
    record, phone, _ = call(keypad, script({"press": "1"}))
    [pressed] = phone.log.of("key")
    assert pressed.at_ms == pytest.approx(len(GREETING) * 20 + YOUR_TURN_MS, abs=60)
    assert record.greeting == [GREETING]
    assert record.turns[0].heard == ["Gebucht, auf Wiederhören"]
    assert record.status == "completed"


def test_a_caller_who_barges_in_does_not_wait(keypad: Hotline) -> None:
    _, phone, _ = call(keypad, script({"press": "1", "barge_in": 0.2}))
    assert phone.log.of("key")[0].at_ms == pytest.approx(200, abs=60)


def test_a_silent_caller_hears_what_follows_silence(keypad: Hotline) -> None:
    record, _, _ = call(keypad, script({"silent": 6.5}))
    assert record.turns[0].heard == ["Nichts gehört"]


def test_a_caller_can_hang_up(keypad: Hotline) -> None:
    record, phone, _ = call(keypad, script({"hang_up": True}))
    assert phone.ended
    assert keypad.asked_for("/key") == []
    assert record.turns[0].action == "hang_up"


def test_what_the_hotline_tells_is_written_down(keypad: Hotline) -> None:
    turns = [
        {"number": 0, "said": GREETING, "question": None, "meaning": None},
        {
            "number": 1,
            "question": "service",
            "heard": "eins",
            "meaning": {"service": "ausweis"},
            "confidence": 0.93,
            "decision": "accept",
            "said": "Gebucht",
            "effects": [],
            "latency_ms": 41.5,
        },
    ]

    def told() -> Any:
        seen = turns if keypad.asked_for("/key") else turns[:1]
        booked = {"kind": "booked", "site": "Altona", "reference": "123"} if len(seen) == 2 else None
        return jsonify(turns=seen, outcome=booked)

    keypad.answers["/phone/calls"] = told
    wanted = {"says": "gebucht", "understood": "/AUS.EIS/"}
    record, phone, text = call(keypad, script({"press": "1", "expect": wanted}, expect={"outcome": "booked"}))
    assert record.ok
    [turn] = record.turns
    assert (turn.prompt, turn.recognised, turn.understood) == ("service", "eins", {"service": "ausweis"})
    assert (turn.confidence, turn.decision, turn.heard) == (0.93, "accept", ["Gebucht"])
    assert turn.latency.server_ms == 41.5
    assert record.outcome == {"kind": "booked", "site": "Altona", "reference": "123"}
    assert "Hotline   Guten Tag, drücken Sie die eins" in text
    assert "Anruf     (drückt 1)" in text
    assert "sicher zu 93 %" in text
    assert "Termin gebucht: Altona, Nummer 123" in text
    plain = json.loads(json.dumps(record.as_json()))
    assert plain["call_sid"] == phone.call_sid
    assert plain["ok"] is True
    assert plain["turns"][0]["latency"]["server_ms"] == 41.5
    asked = next(one for one in keypad.asked if one.path.startswith("/phone/calls/"))
    assert asked.signed


def test_an_expectation_that_is_not_met_fails_the_call(keypad: Hotline) -> None:
    record, _, text = call(keypad, script({"press": "1", "expect": {"says": ["Gebucht", "Storniert"]}}))
    assert [check.ok for check in record.turns[0].checks] == [True, False]
    assert not record.ok
    assert "erwartet 'Storniert'" in text


def test_a_call_that_ends_too_early_fails(keypad: Hotline) -> None:
    record, _, text = call(keypad, script({"press": "1", "expect": {"says": "Gebucht"}}, {"press": "2"}))
    assert not record.ok
    assert [check.what for check in record.all_checks] == ["says", "turns"]
    assert text.count("Gebucht, auf Wiederhören") == 1
    assert len(record.turns) == 1


def test_the_first_turn_may_just_listen(keypad: Hotline) -> None:
    record, _, _ = call(keypad, script({"expect": {"says": "Guten Tag"}}, {"press": "1"}))
    assert record.ok


def test_what_is_said_travels_as_sound(hotline: Hotline) -> None:
    def talk(line: WebSocket, start: dict[str, Any]) -> None:
        speak(line, start, b"\x33" * 1600)
        for _ in hotline.stream(line):
            pass

    hotline.talk = talk
    hotline.answers = {"/voice/incoming": '<Connect><Stream url="wss://hotline.example/media"/></Connect>'}
    record, phone, _ = call(hotline, script({"say": "Personalausweis"}))
    sent = b"".join(base64.b64decode(message["media"]["payload"]) for message in hotline.sent("media"))
    words = spoken("Personalausweis", VoiceChoice())
    assert words in sent
    assert len(sent) == phone.ticks * 160
    assert record.turns[0].latency.audio_ms is None


def test_a_script_is_read_with_its_recordings(tmp_path: Path) -> None:
    (tmp_path / "ja.wav").write_bytes(b"")
    file = tmp_path / "anruf.yaml"
    file.write_text(
        'from: "+494012345"\nvoice: {name: de+f2, noise: 20}\nturns:\n  - play: ja.wav\n  - press: "1#"\n'
    )
    what = load(file)
    assert what.from_ == "+494012345"
    assert what.turns[0].play == tmp_path / "ja.wav"
    assert what.voice.noise == 20


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("turns:\n  - say: Hallo\n    press: '1'\n", 2),
        ("turns:\n  - say: Hallo\n  - press: 1a\n", 3),
        ("turns:\n  - say: Hallo\n    lauter: ja\n", 3),
        ("turns:\n  - say: Hallo\n  - play: fehlt.wav\n", 3),
        ("from: unbekannt\nturns:\n  - say: Hallo\n", 1),
        ("turns: []\n", 1),
    ],
)
def test_a_mistake_in_a_script_is_named_with_its_line(tmp_path: Path, text: str, line: int) -> None:
    file = tmp_path / "anruf.yaml"
    file.write_text(text)
    with pytest.raises(DataError, match=rf"anruf.yaml:{line}: "):
        load(file)


def test_expectations_are_words_or_regular_expressions() -> None:
    assert occurs("altona", "Kundenzentrum Altona")
    assert occurs("/zentrum .lto/", "Kundenzentrum Altona")
    assert not occurs("zentrum .lto", "Kundenzentrum Altona")


@pytest.mark.parametrize("file", sorted(EXAMPLES.glob("*.yaml")), ids=lambda file: file.stem)
def test_the_examples_in_the_documents_are_scripts(file: Path) -> None:
    assert load(file).turns


def test_the_script_described_in_the_documents_is_one(tmp_path: Path) -> None:
    text = (EXAMPLES.parent / "telephone.md").read_text(encoding="utf-8")
    file = tmp_path / "anruf.yaml"
    file.write_text(text.partition("```yaml\n")[2].partition("```")[0], encoding="utf-8")
    (tmp_path / "aufnahme.wav").write_bytes(b"")
    assert [turn.action for turn in load(file).turns] == [
        "listen",
        "say",
        "press",
        "play",
        "silent",
        "hang_up",
    ]
