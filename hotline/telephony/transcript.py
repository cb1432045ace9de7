"""What a call has come to so far, for those who try the hotline out: the test telephone reads it.

Registered only where the setting ``phone`` is on, and signed like a webhook all the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from flask import Blueprint, jsonify

from hotline.dialog.log import TURN, Keys, Speech, Turn
from hotline.telephony.exchange import exchange
from hotline.telephony.signature import signed
from hotline.telephony.tables import CallRow, TurnRow

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

transcript = Blueprint("transcript", __name__, url_prefix="/phone/calls")


@transcript.get("/<sid>")
@signed
def show(sid: str) -> ResponseReturnValue:
    """Return the turns of a call and its outcome as JSON."""
    with exchange().calls.database.reading() as session:
        call = session.get(CallRow, sid)
        if call is None:
            return jsonify(error="no such call"), 404
        rows = session.scalars(
            sa.select(TurnRow).where(TurnRow.call_sid == sid).order_by(TurnRow.number)
        ).all()
        turns = [_turn(TURN.validate_python(row.data), row.latency_ms) for row in rows]
        return jsonify(turns=turns, outcome=call.outcome or None, ended=call.ended_at is not None)


def _turn(turn: Turn, latency: float | None) -> dict[str, Any]:
    heard: str | None = None
    match turn.event:
        case Speech(words=words):
            heard = " ".join(word.text for word in words)
        case Keys(keys=keys):
            heard = keys
    return {
        "number": turn.number,
        "event": turn.event.kind,
        "question": turn.question,
        "heard": heard,
        "meaning": {"intent": turn.meaning.intent, "value": turn.meaning.value} if turn.meaning else None,
        "confidence": turn.confidence,
        "decision": turn.decision,
        "said": [utterance.text for utterance in turn.said],
        "prompts": [utterance.prompt for utterance in turn.said],
        "effects": [entry.name for entry in turn.entries if entry.kind == "result"],
        "then": turn.then,
        "latency_ms": latency,
    }
