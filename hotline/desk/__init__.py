"""The agents' web desk: who waits, taking a call over, working for the caller, calling back.

``app.py`` wires :func:`build` into the application. Where a call stands is in the database; see
:mod:`hotline.telephony.waiting` for the queue and :mod:`hotline.telephony.transfer` for the telephone's side.
"""

from hotline.desk.accounts import Accounts
from hotline.desk.building import build

__all__ = ["Accounts", "build"]
