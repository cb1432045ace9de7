"""Sites, services, opening hours, slots, search, holds and appointments: the city's calendar."""

from hotline.booking.calendar import Calendar
from hotline.booking.catalogue import Catalogue, Category, District, Service, Site
from hotline.booking.guesses import TooManyGuesses
from hotline.booking.loading import load_city
from hotline.booking.reading import read_city
from hotline.booking.relaxation import Relaxation

__all__ = [
    "Calendar",
    "Catalogue",
    "Category",
    "District",
    "Relaxation",
    "Service",
    "Site",
    "TooManyGuesses",
    "load_city",
    "read_city",
]
