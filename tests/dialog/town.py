"""A small town with one counter in each of its offices, which really holds, books, moves and cancels."""

import datetime as dt
from dataclasses import dataclass, field, replace

from hotline.booking.references import check_digit
from hotline.dialog import effects
from hotline.messages import Allowed, allowed_mobile, normalise
from hotline.terms import BERLIN, Appointment, Offer

NOW = dt.datetime(2026, 12, 2, 9, 0, tzinfo=dt.UTC)
"""Wednesday, ten in the morning in Berlin."""

MOBILE = "+4917612345678"
LANDLINE = "+494012345678"
FOREIGN = "+33612345678"

BOOKED = "482107360"
"""The reference of an appointment that somebody made before."""


@dataclass(frozen=True)
class Service:
    id: str
    name: str
    accusative: str
    synonyms: tuple[str, ...]
    category: str
    bring: tuple[str, ...] = ()
    fee_cents: int | None = None
    online: str | None = None
    appointment_needed: bool = True
    deadline_days: int | None = None


@dataclass(frozen=True)
class Named:
    id: str
    name: str
    synonyms: tuple[str, ...] = ()


@dataclass(frozen=True)
class Site(Named):
    district: str = ""
    address: str = ""
    step_free: bool = True


SERVICES = (
    Service(
        "personalausweis",
        "Personalausweis",
        "einen Personalausweis",
        ("personalausweis", "ausweis", "neuen ausweis"),
        "ausweise",
        bring=("Ihren bisherigen Ausweis", "ein digitales Foto"),
        fee_cents=4600,
    ),
    Service("reisepass", "Reisepass", "einen Reisepass", ("reisepass", "pass"), "ausweise", fee_cents=7000),
    Service(
        "ummeldung",
        "Ummeldung",
        "eine Ummeldung",
        ("ummeldung", "ummelden", "umgezogen", "neue adresse"),
        "wohnen",
        online="Mit dem Online-Ausweis können Sie sich auch im Internet ummelden.",
        deadline_days=14,
    ),
    Service(
        "bewohnerparken",
        "Bewohnerparkausweis",
        "einen Bewohnerparkausweis",
        ("bewohnerparken", "parkausweis"),
        "wohnen",
        online="Den gibt es nur im Internet.",
        appointment_needed=False,
    ),
)
CATEGORIES = (Named("ausweise", "Ausweise und Pässe"), Named("wohnen", "Wohnen und Meldewesen"))
DISTRICTS = (
    Named("mitte", "Mitte", ("mitte", "innenstadt", "sankt pauli")),
    Named("altona", "Altona", ("altona", "ottensen")),
    Named("harburg", "Harburg", ("harburg",)),
    Named("wandsbek", "Wandsbek", ("wandsbek",)),
    Named("bergedorf", "Bergedorf", ("bergedorf",)),
)
SITES = (
    Site("rathaus", "Kundenzentrum Mitte", ("rathaus",), "mitte", "Klosterwall zwei", step_free=False),
    Site("altona", "Kundenzentrum Altona", ("altona",), "altona", "Platz der Republik eins"),
    Site("harburg", "Kundenzentrum Harburg", ("harburg",), "harburg", "Harburger Rathausplatz vier"),
    Site("wandsbek", "Kundenzentrum Wandsbek", ("wandsbek",), "wandsbek", "Schloßstraße acht"),
    Site("bergedorf", "Kundenzentrum Bergedorf", ("bergedorf",), "bergedorf", "Weidenbaumsweg sechs"),
)


@dataclass
class Town:
    """The town: names for the dialog, and one counter in each office, open Monday to Friday from 8 to 16.

    :ivar agents: whether somebody answers the agents' telephone.
    """

    city = "Kleinstadt"
    services = SERVICES
    categories = CATEGORIES
    sites = SITES
    districts = DISTRICTS

    agents: bool = True
    now: dt.datetime = NOW
    days: int = 20
    held: dict[str, Offer] = field(default_factory=dict)
    booked: dict[str, Appointment] = field(default_factory=dict)
    callbacks: list[effects.NoteCallback] = field(default_factory=list)
    done: dict[str, object] = field(default_factory=dict)

    def __post_init__(self):
        self.book_for_somebody(BOOKED)

    def book_for_somebody(self, reference):
        last = self.slots("personalausweis")[-1]
        self.booked[reference] = Appointment(reference, last, MOBILE)

    def slots(self, service):
        """Every slot there ever was, the earliest first."""
        today = self.now.astimezone(BERLIN).date()
        return [
            Offer(
                service,
                site.id,
                dt.datetime.combine(today + dt.timedelta(days=day), dt.time(hour), BERLIN).astimezone(dt.UTC),
                15,
                site.name,
                site.address,
                site.district,
                site.step_free,
            )
            for day in range(self.days)
            if (today + dt.timedelta(days=day)).weekday() < 5
            for hour in range(8, 16)
            for site in self.sites
        ]

    def earliest(self, service, wishes, refused=()):
        taken = {(one.site, one.starts_at) for one in self.held.values()}
        taken |= {(one.offer.site, one.offer.starts_at) for one in self.booked.values()}
        taken |= {(one.site, one.starts_at) for one in refused}
        return next(
            (
                slot
                for slot in self.slots(service)
                if slot.starts_at > self.now
                and (slot.site, slot.starts_at) not in taken
                and suits(slot, wishes)
            ),
            None,
        )

    def take_all(self):
        """Let others take every slot that is free."""
        self.held |= {f"another/{number}": slot for number, slot in enumerate(self.slots("personalausweis"))}

    def perform(self, sid, effect, turn):
        """Perform an effect, once under each ``turn``."""
        key = f"{sid}/{turn}"
        if key not in self.done:
            self.done[key] = self._perform(effect, key)
        return self.done[key]

    def _perform(self, effect, key):
        match effect:
            case effects.HoldEarliest():
                if effect.replacing:
                    self.held.pop(effect.replacing, None)
                offer = self.earliest(effect.service, effect.wishes, effect.refused)
                if offer is None:
                    return None
                self.held[key] = offer
                return effects.Held(offer, key)
            case effects.Relax():
                return self._relax(effect)
            case effects.Release():
                self.held.pop(effect.hold, None)
                return None
            case effects.Book():
                offer = self.held.pop(effect.held.hold, None)
                if offer is None:
                    return None
                first = f"{10000000 + len(self.booked) * 1234567:08d}"
                reference = first + check_digit(first)
                self.booked[reference] = Appointment(reference, offer, effect.phone)
                return self.booked[reference]
            case effects.Find():
                return self.booked.get(effect.reference)
            case effects.FindByDay():
                return next(
                    (one for one in self.booked.values() if one.offer.local_start.date() == effect.day), None
                )
            case effects.Cancel():
                return self.booked.pop(effect.reference, None) is not None
            case effects.Move():
                offer = self.held.pop(effect.held.hold, None)
                old = self.booked.get(effect.reference)
                if offer is None or old is None:
                    return None
                self.booked[effect.reference] = replace(old, offer=offer)
                return self.booked[effect.reference]
            case effects.CheckPhone():
                number = normalise(effect.digits)
                sms = number is not None and isinstance(allowed_mobile(number, frozenset({49})), Allowed)
                return effects.PhoneNumber(number, sms)
            case effects.AgentsThere():
                return self.agents
            case effects.NoteCallback():
                self.callbacks.append(effect)
                return self.now + dt.timedelta(hours=24)
        raise TypeError(f"nobody performs {effect!r}")

    def _relax(self, effect):
        fewer = [
            replace(effect.wishes, sites=(), districts=()),
            replace(effect.wishes, weekdays=(), first_date=None, last_date=None),
            replace(effect.wishes, first_time=None, last_time=None),
            replace(effect.wishes, step_free=False),
        ]
        found = [
            (wishes, self.earliest(effect.service, wishes)) for wishes in fewer if wishes != effect.wishes
        ]
        found = [(wishes, offer) for wishes, offer in found if offer]
        return effects.Relaxed(*min(found, key=lambda one: one[1].starts_at)) if found else None


def suits(slot, wishes):
    start = slot.local_start
    return (
        (
            not (wishes.sites or wishes.districts)
            or slot.site in wishes.sites
            or slot.district in wishes.districts
        )
        and (not wishes.weekdays or start.weekday() in wishes.weekdays)
        and (wishes.first_date is None or start.date() >= wishes.first_date)
        and (wishes.last_date is None or start.date() <= wishes.last_date)
        and (wishes.first_time is None or start.time() >= wishes.first_time)
        and (wishes.last_time is None or start.time() < wishes.last_time)
        and (slot.step_free or not wishes.step_free)
    )
