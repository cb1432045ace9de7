"""Who may do what at the desk: sessions, forged requests, security headers, the record of who saw what."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Final, ParamSpec, cast
from urllib.parse import urlsplit

from flask import Response, current_app, g, jsonify, redirect, request

from hotline.desk.tables import Audit, Role

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from hotline.desk.accounts import SignedIn
    from hotline.desk.desk import Desk

P = ParamSpec("P")

log = logging.getLogger(__name__)

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Content-Security-Policy: nothing but our own files, and nothing inline."""

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def desk() -> Desk:
    """Return the desk of the current application."""
    return cast("Desk", current_app.extensions["desk"])


def who() -> SignedIn:
    """Return who is signed in; only in a view that is not public."""
    return cast("SignedIn", g.who)


def cookie_name() -> str:
    """Return the cookie's name; ``__Host-`` has browsers insist on TLS and this very host (RFC 6265bis)."""
    return "__Host-hotline-desk" if _secure() else "hotline-desk"


def set_cookie(response: Response, token: str) -> None:
    """Give the browser a session's token, which scripts cannot read and other sites cannot send."""
    response.set_cookie(cookie_name(), token, secure=_secure(), httponly=True, samesite="Lax", path="/")


def recognise() -> None:
    """Find out who is asking."""
    token = request.cookies.get(cookie_name(), "")
    g.who = desk().accounts.session(token) if token else None


def protect(response: Response) -> Response:
    """Add security headers. Source: OWASP, HTTP Headers Cheat Sheet."""
    headers = response.headers
    headers["Content-Security-Policy"] = POLICY
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
    if _secure():
        headers["Strict-Transport-Security"] = "max-age=31536000"
    if request.endpoint != "desk.static":
        headers["Cache-Control"] = "no-store"
    return response


def same_site() -> bool:
    """Tell whether a request comes from one of our own pages, as the browser says."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("Origin", "")
    public = urlsplit(desk().one.settings.public_url).netloc
    return urlsplit(origin).netloc in {request.host, public}


def signed_in(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """Let only agents in who are signed in, and change things only for our own pages."""
    return needs(Role.AGENT)(view)


def needs(
    role: Role,
) -> Callable[[Callable[P, ResponseReturnValue]], Callable[P, ResponseReturnValue]]:
    """Let only those in who have at least this role."""

    def decorate(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
        @wraps(view)
        def checked(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            if g.who is None:
                if request.method in SAFE and "text/html" in request.headers.get("Accept", ""):
                    return redirect("/desk/sign-in")
                return jsonify(go="/desk/sign-in"), 401
            if request.method not in SAFE and not _ours():
                log.warning("refused a forged request of %s from %s", request.path, request.remote_addr)
                return jsonify(message="Bitte laden Sie die Seite neu und versuchen Sie es noch einmal."), 403
            if g.who.role.rank < role.rank:
                return Response("Dafür reicht Ihre Berechtigung nicht.\n", status=403, mimetype="text/plain")
            return view(*args, **kwargs)

        return checked

    return decorate


def audit(action: str, subject: str) -> None:
    """Write down that somebody looks at, or changes, a citizen's data."""
    place = desk()
    with place.one.calls.database.writing() as session:
        session.add(
            Audit(
                at=place.one.clock(),
                user=who().name,
                action=action[:20],
                subject=subject[:80],
                address=address(),
            )
        )


def address() -> str:
    """Return where the request comes from."""
    return (request.remote_addr or "?")[:60]


def _ours() -> bool:
    sent = request.headers.get("X-CSRF-Token") or request.form.get("csrf", "")
    return hmac.compare_digest(sent.encode(), g.who.csrf.encode())


def _secure() -> bool:
    return desk().one.settings.public_url.startswith("https:")
