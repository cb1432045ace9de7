"""For trying out: an account without a password, a link into it, and an agent's telephone that answers."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final

from hotline.desk.accounts import AccountError
from hotline.desk.tables import Role

if TYPE_CHECKING:
    from hotline.desk.accounts import Accounts

NAME: Final = "demo"
PHONE: Final = "+494042828199"


def demo_link(accounts: Accounts, public_url: str) -> str:
    """Return a link that signs in once as somebody who may do everything."""
    with contextlib.suppress(AccountError):  # It is there from the last time.
        accounts.add(NAME, "Demo", Role.ADMIN, PHONE)
    return f"{public_url}/desk/enter/{accounts.link(NAME)}"
