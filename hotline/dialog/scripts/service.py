"""What does the caller need?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from hotline.dialog.steps import Meaning, Option, Script, ask, say
from hotline.terms import Wishes

if TYPE_CHECKING:
    from hotline.dialog.city import Service
    from hotline.dialog.scripts.case import Case

Task = Literal["appointment", "change", "nothing"]


def ask_task(case: Case) -> Script[Task]:
    """Ask what the caller needs. The service, if it is one, is noted in the case.

    "nothing": the caller needs no appointment, or prefers to do it online.
    """
    categories = tuple(Option(one.name, Meaning("category", one.id)) for one in case.city.categories)
    answer = yield from ask("service", *categories)
    if answer.intent == "change":
        return "change"
    if answer.intent == "category":
        answer = yield from ask("service_of_category", *_services_of(case, str(answer.value)))
    service = next(one for one in case.city.services if one.id == answer.value)
    case.service, case.wishes, case.held, case.appointment = service, Wishes(), None, None
    return (yield from _online(service))


def _services_of(case: Case, category: str) -> tuple[Option, ...]:
    return tuple(
        Option(one.accusative, Meaning("service", one.id), tuple(one.synonyms))
        for one in case.city.services
        if one.category == category
    )


def _online(service: Service) -> Script[Task]:
    """Say so if nobody needs to come; the caller may come all the same, where that is possible."""
    if not service.appointment_needed:
        yield from say("no_appointment", service=service.name, online=service.online or "")
        return "nothing"
    if service.online:
        reply = yield from ask("online", service=service.name, online=service.online)
        return "appointment" if reply.intent == "yes" else "nothing"
    return "appointment"
