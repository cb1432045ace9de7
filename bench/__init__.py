"""Benchmarks: ``make bench``, or ``python -m bench PART …``. They report; they never fail a build."""
