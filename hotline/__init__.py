"""Hotline: the telephone hotline with which a city gives its citizens appointments."""
