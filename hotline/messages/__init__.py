"""SMS: the outbox, what is written, how it is sent and reported, and what comes back.

``app.py`` wires :class:`Outbox` (rows in a booking's transaction), :class:`Worker` (sends them),
:func:`webhooks` (what Twilio reports) and :func:`local_page` (for trying out).
"""

from hotline.messages.numbers import Allowed, Reason, allowed_mobile, masked, normalise, written
from hotline.messages.outbox import Outbox
from hotline.messages.page import local_page
from hotline.messages.replies import Replies
from hotline.messages.senders import can_be_answered, sender_for
from hotline.messages.tables import Kind, purge
from hotline.messages.texts import Writer, load_texts
from hotline.messages.webhooks import webhooks
from hotline.messages.worker import Worker, run_once

__all__ = [
    "Allowed",
    "Kind",
    "Outbox",
    "Reason",
    "Replies",
    "Worker",
    "Writer",
    "allowed_mobile",
    "can_be_answered",
    "load_texts",
    "local_page",
    "masked",
    "normalise",
    "purge",
    "run_once",
    "sender_for",
    "webhooks",
    "written",
]
