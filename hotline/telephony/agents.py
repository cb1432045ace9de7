"""When agents answer the telephone, and by when a call-back is promised."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from hotline.settings import Settings
from hotline.terms import BERLIN

STEP = dt.timedelta(minutes=15)
"""Promises are made in steps of a quarter of an hour."""

SATURDAY = 5


@dataclass(frozen=True)
class Agents:
    """The agents' hours: Monday to Friday but for holidays, from opening to closing, Europe/Berlin.

    :ivar number: where their telephone rings, E.164; empty if there are none.
    :ivar callback_hours: how many of their hours a call-back may take.
    :ivar always: whether they answer at any hour, so that the hours are only for promising call-backs.
    """

    number: str
    opens: dt.time
    closes: dt.time
    callback_hours: int
    holiday: Callable[[dt.date], bool]
    always: bool = False

    @classmethod
    def of(cls, settings: Settings, holiday: Callable[[dt.date], bool]) -> Agents:
        """Return the agents of the settings."""
        return cls(
            settings.agents_number,
            settings.agents_from,
            settings.agents_until,
            settings.callback_hours,
            holiday,
            settings.agents_always,
        )

    def there(self, now: dt.datetime) -> bool:
        """Tell whether a human answers at the configured number at ``now``."""
        return bool(self.number) and self.on_duty(now)

    def on_duty(self, now: dt.datetime) -> bool:
        """Tell whether ``now`` is in the agents' hours."""
        local = now.astimezone(BERLIN)
        in_hours = self._open_on(local.date()) and self.opens <= local.time() < self.closes
        return self.always or in_hours

    def call_back_by(self, now: dt.datetime) -> dt.datetime:
        """Return the time, UTC, by which a call-back is promised at ``now``."""
        wanted = dt.timedelta(hours=self.callback_hours)
        local = now.astimezone(BERLIN)
        day = local.date()
        while True:
            begin = max(local, dt.datetime.combine(day, self.opens, BERLIN))
            end = dt.datetime.combine(day, self.closes, BERLIN)
            if self._open_on(day) and begin < end:
                if end - begin >= wanted:
                    by = (begin + wanted).astimezone(dt.UTC)
                    return by + (-(by - dt.datetime.min.replace(tzinfo=dt.UTC)) % STEP)
                wanted -= end - begin
            day += dt.timedelta(days=1)

    def _open_on(self, day: dt.date) -> bool:
        return day.weekday() < SATURDAY and not self.holiday(day)
