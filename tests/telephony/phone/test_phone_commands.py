"""``hotline call`` and ``hotline load`` from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import soundfile
from click.testing import CliRunner, Result
from counterpart import PUBLIC, TOKEN, Hotline

from hotline.cli import main
from hotline.telephony.phone import telephone

GATHER = '<Gather numDigits="1" action="/key"><Say>Guten Tag</Say></Gather>'


@pytest.fixture
def script(tmp_path: Path) -> Path:
    file = tmp_path / "anruf.yaml"
    file.write_text('name: Probe\nturns:\n  - press: "1"\n    expect: {says: Gebucht}\n')
    return file


@pytest.fixture
def reached(hotline: Hotline, monkeypatch: pytest.MonkeyPatch) -> Hotline:
    hotline.answers = {"/voice/incoming": GATHER, "/key": "<Say>Gebucht</Say>"}
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", TOKEN)
    monkeypatch.setattr(telephone, "own_voice", lambda: lambda text: b"\x20" * 160 * len(text))
    return hotline


def hotline_(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_a_call_is_printed_and_recorded(reached: Hotline, script: Path, tmp_path: Path) -> None:
    to = ("--url", PUBLIC, "--connect-to", reached.url)
    result = hotline_("call", script, *to, "--json", tmp_path / "a.json", "--save", tmp_path / "a.wav")
    assert result.exit_code == 0, result.output
    assert "Hotline   Guten Tag" in result.output
    record = json.loads((tmp_path / "a.json").read_text())
    assert record["script"] == "Probe"
    assert record["turns"][0]["heard"] == ["Gebucht"]
    assert all(one.signed for one in reached.asked)
    assert soundfile.info(tmp_path / "a.wav").duration == pytest.approx(record["seconds"], abs=0.05)


def test_the_record_can_be_piped(reached: Hotline, script: Path) -> None:
    result = hotline_("call", script, "--url", PUBLIC, "--connect-to", reached.url, "--json", "-")
    assert json.loads(result.stdout)["ok"] is True
    assert "Guten Tag" in result.stderr


def test_an_expectation_that_is_not_met_is_exit_status_1(reached: Hotline, script: Path) -> None:
    reached.answers["/key"] = "<Say>Leider nein</Say>"
    result = hotline_("call", script, "--url", PUBLIC, "--connect-to", reached.url)
    assert result.exit_code == 1
    assert "erwartet 'Gebucht'" in result.output


def test_a_call_that_could_not_be_made_is_exit_status_2(tmp_path: Path) -> None:
    (tmp_path / "anruf.yaml").write_text("turns:\n  - sing: laut\n")
    result = hotline_("call", tmp_path / "anruf.yaml", "--url", PUBLIC)
    assert result.exit_code == 2
    assert "anruf.yaml:2: turns.0.sing" in result.output


def test_many_calls_are_measured(reached: Hotline, script: Path) -> None:
    to = ("--url", PUBLIC, "--connect-to", reached.url)
    result = hotline_("load", 3, "--script", script, *to, "--ramp", 0.1)
    assert result.exit_code == 0, result.output
    assert "3 Anrufe zugleich" in result.output
    assert "3 × completed" in result.output
    assert len(reached.asked_for("/voice/status")) == 3
