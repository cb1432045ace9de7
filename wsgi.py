"""The entry point for gunicorn: ``gunicorn --worker-class gthread --threads 48 wsgi:app``.

``hotline serve`` does the same, after it has brought tables, city and prompts up to date.
"""

from hotline.app import create_app

app = create_app()
