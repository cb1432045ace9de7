"""The search as one would write it first, a loop over days and sites: slow, and a judge of the real one."""

import datetime as dt

import sqlalchemy as sa

from hotline.booking.search import instant
from hotline.booking.tables import CELL, Cell, Day
from hotline.terms import BERLIN


def earliest(session, finder, service, wishes):
    """Return date, minute and sites of the earliest start, or nothing."""
    first, first_minute, last = finder.window()
    date = max(first, wishes.first_date or first)
    while date <= min(last, wishes.last_date or last):
        best = {}
        if not wishes.weekdays or date.weekday() in wishes.weekdays:
            for site, cells in finder.catalogue.offerings.get(service, {}).items():
                for minute in starts(session, finder, service, wishes, date, site, cells):
                    if (date, minute) >= (first, first_minute):
                        best.setdefault(minute, set()).add(site)
                        break
        if best:
            return date, min(best), best[min(best)]
        date += dt.timedelta(days=1)
    return None


def starts(session, finder, service, wishes, date, site, cells):
    """Yield the minutes at which ``site`` could serve ``service`` on ``date``, in order."""
    if wishes.sites and site not in wishes.sites:
        return
    found = set()
    for day in session.execute(sa.select(Day).where(Day.site == site, Day.date == date)).scalars():
        place = finder.catalogue.places[day.place]
        if wishes.districts and place.district not in wishes.districts:
            continue
        if wishes.step_free and not place.step_free:
            continue
        for pool in finder.pools(service, date):
            rows = session.execute(
                sa.select(Cell.minute, Cell.capacity - Cell.load).where(Cell.day == day.id, Cell.pool == pool)
            )
            free = {minute for minute, left in rows if left > 0}
            for minute in free:
                if all(minute + CELL * number in free for number in range(cells)) and suits(
                    wishes, date, minute
                ):
                    found.add(minute)
    yield from sorted(found)


def suits(wishes, date, minute):
    time = instant(date, minute).astimezone(BERLIN).time()
    return (wishes.first_time is None or time >= wishes.first_time) and (
        wishes.last_time is None or time < wishes.last_time
    )
