"""A call as a dialogue on the terminal, in German, while it goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from hotline.telephony.phone.outcomes import in_words

if TYPE_CHECKING:
    from rich.console import Console

    from hotline.telephony.phone.record import Check, Record, TurnRecord

_DOES = {"press": "drückt", "silent": "schweigt", "play": "spielt ab:", "hang_up": "legt auf"}
_WHAT = {"says": "gesagt", "understood": "verstanden", "outcome": "Ergebnis", "turns": "Verlauf"}
_WIDTH = 10


class Dialogue:
    """Prints a call; see :class:`.caller.Audience`."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def hotline(self, text: str) -> None:
        """Print what the hotline said."""
        self._line("Hotline", text, "bold cyan")

    def caller(self, turn: TurnRecord) -> None:
        """Print what the caller did."""
        text = turn.said if turn.action == "say" else f"({_DOES[turn.action]} {turn.said})".replace(" )", ")")
        self._line("Anruf", text, "bold green")

    def understood(self, turn: TurnRecord) -> None:
        """Print what the hotline made of it, how sure it was and how long it took."""
        parts = []
        if turn.recognised:
            parts.append(f"gehört „{turn.recognised}“")
        if turn.made:
            parts.append(f"verstanden: {turn.made}")
        if turn.confidence is not None:
            parts.append(f"sicher zu {turn.confidence:.0%}".replace("%", " %"))
        latency = turn.latency.server_ms or turn.latency.wall_ms
        if latency is not None:
            parts.append(f"Antwort nach {latency:.0f} ms")
        if parts:
            self._line("", " · ".join(parts), "dim")

    def check(self, check: Check) -> None:
        """Print an expectation that was not met."""
        if not check.ok:
            what = _WHAT.get(check.what, check.what)
            self._line("", f"✗ {what}: erwartet {check.wanted!r}, war {check.found!r}", "bold red")

    def end(self, record: Record) -> None:
        """Print how the call ended."""
        seconds = f"{record.seconds:.0f} s Gespräch in {record.wall_seconds:.0f} s"
        self._line("Ende", f"{in_words(record.outcome)} ({seconds})", "bold")
        for problem in record.problems:
            self._line("", f"Twilio würde melden: {problem['code']} {problem['text']}", "yellow")

    def _line(self, who: str, text: str, style: str) -> None:
        # rich wraps long lines; the indent keeps the speakers' names in a column of their own.
        label = Text(f"{who:<{_WIDTH}}", style)
        body = Text(text, "" if who else style)
        width = max(20, self._console.width - _WIDTH)
        for number, line in enumerate(body.wrap(self._console, width)):
            self._console.print((label if number == 0 else Text(" " * _WIDTH)) + line)
