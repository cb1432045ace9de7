"""What an SMS says: the texts of ``prompts/sms.de.yaml``, and the one that fits."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from annotated_types import Len
from pydantic import AfterValidator, BaseModel, ConfigDict

from hotline.messages import gsm
from hotline.messages.numbers import written
from hotline.messages.senders import can_be_answered
from hotline.messages.tables import Kind
from hotline.terms import BERLIN
from hotline.yamlfile import load

if TYPE_CHECKING:
    from pathlib import Path

    from hotline.settings import Settings
    from hotline.terms import Appointment

_FIELDS = dict.fromkeys(
    (
        *("service", "site", "address", "weekday", "wd", "time", "date", "date_short"),
        *("reference", "digits", "cancel", "cancel_short", "hotline"),
    ),
    "x",
)


def _usable(text: str) -> str:
    """Refuse an unknown placeholder, and what would turn every SMS into the costly alphabet."""
    try:
        filled = text.format_map(_FIELDS)
    except (KeyError, IndexError, ValueError) as error:
        msg = f"unknown or broken placeholder: {error}; known are {', '.join(_FIELDS)}"
        raise ValueError(msg) from error
    foreign = sorted({character for character in gsm.plain(filled) if gsm.septets(character) is None})
    if foreign:
        msg = f"not in the SMS alphabet (GSM 03.38): {' '.join(foreign)}"
        raise ValueError(msg)
    return text


Text = Annotated[str, AfterValidator(_usable)]
Variants = Annotated[list[Text], Len(min_length=1)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Cancel(_Model):
    reply: Text
    phone: Text
    unknown: Text


class Replies(_Model):
    """Answers to SMS that come in."""

    cancelled: Text
    not_found: Text
    reference_missing: Text
    other: Text


class Texts(_Model):
    """The texts, as in the file."""

    weekdays: Annotated[list[str], Len(7, 7)]
    cancel: _Cancel
    confirmation: Variants
    move: Variants
    cancellation: Variants
    call_back: Variants
    cancel_words: Annotated[list[str], Len(min_length=1)]
    replies: Replies


def load_texts(prompts: Path, language: str = "de") -> Texts:
    """Read ``sms.<language>.yaml`` of the folder.

    :raises hotline.yamlfile.DataError: naming file and line, if it cannot be used.
    """
    return load(prompts / f"sms.{language}.yaml", Texts)


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes SMS: the texts with what they need to know of this city."""

    texts: Texts
    hotline: str = ""
    """The hotline's number as people write it; empty if it has none."""
    replies: bool = False
    """Whether a reply to the SMS reaches us."""

    @classmethod
    def of(cls, settings: Settings) -> Writer:
        """Return the writer for the settings.

        :raises hotline.yamlfile.DataError: if the texts are wrong.
        """
        number = settings.twilio_phone_number
        return cls(load_texts(settings.prompts), written(number) if number else "", can_be_answered(settings))

    def about(self, kind: Kind, appointment: Appointment, service: str) -> str:
        """Write about an appointment.

        :param service: the service's name as people know it.
        """
        offer, reference = appointment.offer, appointment.reference
        ways = self.texts.cancel
        by_phone = ways.phone if self.hotline else ways.unknown
        fields = {
            **self._when(offer.starts_at),
            "service": service,
            "site": offer.site_name,
            "address": offer.address,
            "reference": grouped(reference),
            "digits": reference,
            "hotline": self.hotline,
        }
        fields["cancel"] = (ways.reply if self.replies else by_phone).format_map(fields)
        fields["cancel_short"] = by_phone.format_map(fields)
        return _fitting(getattr(self.texts, kind), fields)

    def call_back(self, by: dt.datetime) -> str:
        """Write that somebody will call until ``by``."""
        return _fitting(self.texts.call_back, {**self._when(by), "hotline": self.hotline})

    def reply(self, text: str, reference: str = "") -> str:
        """Write one of the answers of :class:`Replies`."""
        return _fitting([text], {"hotline": self.hotline, "reference": grouped(reference)})

    def _when(self, moment: dt.datetime) -> dict[str, Any]:
        local = moment.astimezone(BERLIN)
        weekday = self.texts.weekdays[local.weekday()]
        return {
            "weekday": weekday,
            "wd": weekday[:2],  # the usual abbreviation of every German weekday
            "date": f"{local:%d.%m.%Y}",
            "date_short": f"{local.day}.{local.month}.",
            "time": f"{local.hour}:{local:%M}",
        }


def grouped(reference: str) -> str:
    """Return a reference in groups of three digits from the left, as it is read aloud."""
    return " ".join(reference[start : start + 3] for start in range(0, len(reference), 3))


def _fitting(variants: list[str], fields: dict[str, Any]) -> str:
    """Return the first variant of those that need the fewest SMS."""
    unset = dict.fromkeys(_FIELDS, "")
    written = (gsm.plain(" ".join(text.format_map(unset | fields).split())) for text in variants)
    return min(written, key=gsm.segments)
