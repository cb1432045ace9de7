"""Whether this process can take calls: for load balancers and for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from flask import Blueprint, jsonify
from sqlalchemy.exc import SQLAlchemyError

from hotline.telephony.exchange import exchange

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

health = Blueprint("health", __name__)


@health.get("/healthz")
def healthz() -> ResponseReturnValue:
    """Answer 200 if the database answers, else 503, and say what this process hears and speaks with."""
    one = exchange()
    try:
        with one.calls.database.reading() as session:
            session.execute(sa.text("SELECT 1"))
        database = True
    except SQLAlchemyError:
        database = False
    state = {
        "database": database,
        "ear": one.ear.name if one.ear else None,
        "ears": one.seats.count,
        "voice": one.speaker.voice.name,
    }
    return jsonify(state), 200 if database else 503
