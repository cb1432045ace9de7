"""What a call is about: what the caller wants and has got so far."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hotline.dialog.german import speak
from hotline.dialog.phrasing import when, wishes_in_words
from hotline.terms import BERLIN, Appointment, Wishes

if TYPE_CHECKING:
    from hotline.dialog.city import City, Service
    from hotline.dialog.effects import Held
    from hotline.dialog.log import Caller


@dataclass
class Case:
    """One call's facts, filled in by the scripts as they go."""

    caller: Caller
    city: City
    began: dt.datetime
    """When the call began, UTC."""
    service: Service | None = None
    wishes: Wishes = field(default_factory=Wishes)
    held: Held | None = None
    phone: str | None = None
    appointment: Appointment | None = None
    outcome: dict[str, Any] = field(default_factory=dict)
    assisting: bool = False
    """Whether the assistant goes on after a human has done what was wanted."""

    @property
    def today(self) -> dt.date:
        """The local date of the call."""
        return self.began.astimezone(BERLIN).date()

    def summary(self, *, later: bool = False) -> str:
        """What an agent needs to know, in short spoken sentences.

        :param later: it is for a call-back, when nothing is held any more.
        """
        parts = []
        if self.service:
            parts.append(f"Es geht um {self.service.accusative}.")
        if self.wishes != Wishes():
            parts.append(f"Gewünscht: {wishes_in_words(self.wishes, self.city, self.today)}.")
        if self.appointment:
            offer = self.appointment.offer
            number = speak.speak_digits(self.appointment.reference)
            parts.append(f"Gebucht ist {when(offer, self.today)}, {offer.site_name}, Nummer {number}.")
        elif self.held:
            offer = self.held.offer
            what = "Zuletzt angeboten war" if later else "Vorgemerkt ist"
            parts.append(f"{what} {when(offer, self.today)}, {offer.site_name}.")
        return " ".join(parts) or "Das Anliegen ist noch nicht bekannt."
