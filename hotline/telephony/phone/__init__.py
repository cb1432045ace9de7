"""The test telephone: it speaks Twilio's wire from the other side.

It posts signed webhooks, interprets the TwiML that comes back, streams real audio, presses keys and records
what the caller hears. The tests, ``hotline call``, ``hotline load`` and the browser telephone all use it: it
lets a city try the hotline before it buys a number.

:mod:`.wire` sends requests and signs them, :mod:`.twiml` reads answers, :mod:`.leg` runs one party's side of
a call (:mod:`.verbs`, :mod:`.stream`, :mod:`.dial`, :mod:`.queue`), and :class:`.telephone.Telephone` is the
apparatus in the caller's hand. :mod:`.script` and :mod:`.caller` put somebody on it.
"""

from hotline.telephony.phone.dial import Callee
from hotline.telephony.phone.telephone import Telephone

__all__ = ["Callee", "Telephone"]
