"""``hotline call`` and ``hotline load``: scripted callers on the test telephone."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

import click

_URL = click.option(
    "--url", help="Basis-URL einer laufenden Hotline, wie Twilio sie kennt. Ohne: eine eigene wird gestartet."
)
_CONNECT_TO = click.option(
    "--connect-to", help="Wohin die Verbindungen wirklich gehen, z. B. http://127.0.0.1:8000."
)


@click.command(help="Ruft die Hotline nach einem Drehbuch an (Beschreibung: docs/telephone.md).")
@click.argument("script", type=click.Path(path_type=Path, dir_okay=False))
@_URL
@_CONNECT_TO
@click.option(
    "--json", "json_to", help="Schreibt das Protokoll als JSON in diese Datei; „-“: auf den Bildschirm."
)
@click.option(
    "--save", type=click.Path(path_type=Path, dir_okay=False), help="Speichert als WAV, was zu hören war."
)
@click.option("--live", is_flag=True, help="In Echtzeit statt so schnell wie möglich.")
@click.option("--seed", default=1, show_default=True, help="Anfang des Rauschens hinter der Stimme.")
def call(  # noqa: PLR0917  # click passes by name
    script: Path,
    url: str | None,
    connect_to: str | None,
    json_to: str | None,
    save: Path | None,
    live: bool,
    seed: int,
) -> None:
    """Place one scripted call; exit status 1: an expectation was not met, 2: there was no call."""
    from rich.console import Console

    from hotline.speech.audio import decode_mulaw, write_wav
    from hotline.telephony.phone.caller import Caller
    from hotline.telephony.phone.dial import Callee
    from hotline.telephony.phone.mouth import NoVoice
    from hotline.telephony.phone.remote import reachable
    from hotline.telephony.phone.script import load as load_script
    from hotline.telephony.phone.show import Dialogue
    from hotline.telephony.phone.starting import WillNotStart
    from hotline.telephony.phone.telephone import Telephone
    from hotline.yamlfile import DataError

    dialogue = Dialogue(Console(stderr=json_to == "-", highlight=False))
    try:
        what = load_script(script)
        with _hotline(url) as (base, token):
            phone = Telephone(
                base,
                token,
                connect_to=connect_to,
                from_=what.from_,
                callees=Callee(**what.agent.model_dump()),
                live=live,
            )
            with reachable(phone):
                record = Caller(phone, what, dialogue, seed=seed).call()
    except (DataError, NoVoice, WillNotStart, OSError) as error:
        raise _Impossible(str(error)) from error
    dialogue.end(record)
    if save is not None:
        write_wav(save, decode_mulaw(bytes(phone.heard)))
    if json_to is not None:
        text = json.dumps(record.as_json(), ensure_ascii=False, indent=2) + "\n"
        if json_to == "-":
            click.echo(text, nl=False)
        else:
            Path(json_to).write_text(text, encoding="utf-8")
    if not record.ok:
        raise SystemExit(1)


@click.command(help="Ruft die Hotline gleichzeitig in Echtzeit an und misst, wie schnell sie antwortet.")
@click.argument("calls", type=click.IntRange(1, 500))
@click.option(
    "--script", type=click.Path(path_type=Path, dir_okay=False), required=True, help="Was jeder Anrufer tut."
)
@_URL
@_CONNECT_TO
@click.option("--ramp", default=5.0, show_default=True, help="Sekunden, über die sich die Anrufe verteilen.")
def load(calls: int, script: Path, url: str | None, connect_to: str | None, ramp: float) -> None:
    """Place many live calls at once and print the percentiles."""
    from rich.console import Console
    from rich.table import Table

    from hotline.telephony.phone.load import place
    from hotline.telephony.phone.mouth import NoVoice
    from hotline.telephony.phone.script import load as load_script
    from hotline.telephony.phone.starting import WillNotStart
    from hotline.yamlfile import DataError

    try:
        what = load_script(script)
        with _hotline(url) as (base, token):
            figures = place(calls, what, base, token, connect_to=connect_to, ramp=ramp)
    except (DataError, NoVoice, WillNotStart, OSError) as error:
        raise _Impossible(str(error)) from error
    table = Table("", "Anzahl", "p50", "p95", "höchstens", title=f"{calls} Anrufe zugleich")
    for figure in figures.all():
        table.add_row(*figure.row())
    Console(highlight=False).print(table)
    for kind, count in sorted(figures.outcomes.items()):
        click.echo(f"{count:5d} × {kind}")


class _Impossible(click.ClickException):
    exit_code = 2


@contextlib.contextmanager
def _hotline(url: str | None) -> Iterator[tuple[str, str]]:
    """Yield base URL and token of the hotline at ``url``, or of one that is started for the occasion."""
    from hotline.settings import Settings
    from hotline.telephony.phone.starting import demo_token, new_token, running

    if url is not None:
        token = Settings().twilio_auth_token.get_secret_value() or demo_token()
        if not token:
            raise _Impossible(
                "TWILIO_AUTH_TOKEN ist nicht gesetzt; ohne ihn nimmt die Hotline keinen Anruf an."
            )
        yield url, token
        return
    token = new_token()
    with running(token) as own:
        yield own, token
