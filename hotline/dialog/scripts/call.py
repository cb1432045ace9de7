"""The whole call, from greeting to goodbye."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from hotline.dialog.scripts.appointment import make_appointment
from hotline.dialog.scripts.case import Case
from hotline.dialog.scripts.change import change_appointment
from hotline.dialog.scripts.human import find_human
from hotline.dialog.scripts.service import ask_task
from hotline.dialog.steps import End, Script, ask, say

if TYPE_CHECKING:
    from hotline.dialog.city import City
    from hotline.dialog.log import Caller


class CallScripts:
    """The scripts of one call, with its case."""

    def __init__(self, caller: Caller, city: City, began: dt.datetime) -> None:
        self.case = Case(caller, city, began)

    @property
    def outcome(self) -> dict[str, Any]:
        """What has come of the call so far."""
        return self.case.outcome

    @property
    def assisting(self) -> bool:
        """Whether the assistant goes on after a human was there."""
        return self.case.assisting

    def main(self) -> Script[None]:
        """Greet, do what is asked for, as often as it is asked for, and say goodbye."""
        yield from say("greeting", city=self.case.city.city)
        yield from self.tasks()

    def tasks(self) -> Script[None]:
        """Do what is asked for, as often as it is asked for, and say goodbye."""
        while True:
            task = yield from ask_task(self.case)
            if task == "change":
                yield from change_appointment(self.case)
            elif task == "appointment":
                yield from make_appointment(self.case)
            more = yield from ask("more")
            if more.intent == "no":
                break
        yield from say("goodbye")
        yield End()

    def human(self, reason: str) -> Script[None]:
        """Find a human, for the reason given."""
        return find_human(self.case, reason, self.tasks)
