"""References of bookings: nine digits, the last a check digit, so that a slip is noticed at once."""

from __future__ import annotations

import secrets

LENGTH = 9
"""Digits, to be spoken in three groups of three. With 100,000 open bookings one guess in 900 hits, which is
why guessing is limited (see :mod:`hotline.booking.guesses`)."""

_TABLE = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)
"""A totally anti-symmetric quasigroup of order 10 (H. M. Damm, "Total anti-symmetrische Quasigruppen",
dissertation, Marburg 2004). It finds every single wrong digit and every swap of neighbours, which Luhn's sum
does not (09 and 90)."""


def check_digit(digits: str) -> str:
    """Return Damm's check digit of ``digits``."""
    interim = 0
    for digit in digits:
        interim = _TABLE[interim][int(digit)]
    return str(interim)


def is_valid(reference: str) -> bool:
    """Say whether ``reference`` could be one of ours."""
    return (
        len(reference) == LENGTH
        and reference.isascii()
        and reference.isdigit()
        and check_digit(reference) == "0"
    )


def new_reference() -> str:
    """Draw a reference at random, so that none follows from another."""
    digits = str(secrets.randbelow(9 * 10 ** (LENGTH - 2)) + 10 ** (LENGTH - 2))
    return digits + check_digit(digits)
