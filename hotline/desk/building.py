"""Puts the desk into the application."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from hotline.booking.records import Records
from hotline.desk import call_pages, callback_pages
from hotline.desk.desk import Desk
from hotline.desk.pages import pages
from hotline.desk.work import Work
from hotline.messages import written

if TYPE_CHECKING:
    from flask import Flask

    from hotline.booking import Calendar
    from hotline.desk.accounts import Accounts
    from hotline.messages import Outbox
    from hotline.telephony.exchange import Exchange

VIEWS = (call_pages, callback_pages)
"""Modules that add their views to the blueprint when they are imported."""


def build(app: Flask, one: Exchange, accounts: Accounts, calendar: Calendar, outbox: Outbox) -> None:
    """Add the desk to an application."""
    records = Records(one.calls.database, calendar, one.clock)
    work = Work(one.calls, calendar, records, outbox, one.settings.sms_country_codes)
    app.extensions["desk"] = Desk(one, accounts, work)
    app.jinja_env.filters |= {"written": written, "safe_json": _safe_json}
    app.register_blueprint(pages)


def _safe_json(text: str) -> Markup:
    """Let JSON stand in a script element, which ends at ``</script>`` wherever that is written."""
    return Markup(text.replace("<", "\\u003c"))  # noqa: S704  this is the escaping
