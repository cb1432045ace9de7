"""What the dialog knows of the city: names to say and to understand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence


class Named(Protocol):
    """Something with an id, a name to say, and phrases (lower case) by which callers call it."""

    @property
    def id(self) -> str: ...  # noqa: D102
    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def synonyms(self) -> Sequence[str]: ...  # noqa: D102


class Service(Named, Protocol):
    """A service (*Anliegen*)."""

    @property
    def accusative(self) -> str:
        """The name in the accusative, to say "Für einen Personalausweis drücken Sie die eins"."""

    @property
    def category(self) -> str: ...  # noqa: D102
    @property
    def bring(self) -> Sequence[str]:
        """What to bring along, as spoken."""

    @property
    def fee_cents(self) -> int | None: ...  # noqa: D102
    @property
    def online(self) -> str | None:
        """What can be done online instead, as a spoken sentence."""

    @property
    def appointment_needed(self) -> bool: ...  # noqa: D102
    @property
    def deadline_days(self) -> int | None:
        """Within how many days of the event (moving in) it is to be done, if within any."""


class Category(Protocol):
    """A group of services in the keypad menu."""

    @property
    def id(self) -> str: ...  # noqa: D102
    @property
    def name(self) -> str: ...  # noqa: D102


class City(Protocol):
    """The city as the dialog sees it."""

    @property
    def city(self) -> str:
        """Its name."""

    @property
    def services(self) -> Sequence[Service]: ...  # noqa: D102
    @property
    def categories(self) -> Sequence[Category]: ...  # noqa: D102
    @property
    def sites(self) -> Sequence[Named]: ...  # noqa: D102
    @property
    def districts(self) -> Sequence[Named]: ...  # noqa: D102
