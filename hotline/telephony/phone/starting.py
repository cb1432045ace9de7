"""Starts a hotline of one's own for a call, and stops it afterwards."""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import requests

from hotline.settings import ROOT

READY_SECONDS: Final = 180.0
"""So long a hotline may take to start: the first time it renders its prompts."""


class WillNotStart(Exception):  # noqa: N818
    """The hotline did not come up. The text is a German sentence."""


@contextlib.contextmanager
def running(auth_token: str, **settings: str) -> Iterator[str]:
    """Run ``hotline serve --demo`` on a free port; yields its base URL.

    :param settings: environment variables for it.

    :raises WillNotStart: if it ends or is not ready within :data:`READY_SECONDS`.
    """
    with tempfile.TemporaryDirectory(prefix="hotline-") as folder:
        port = _free_port()
        url = f"http://127.0.0.1:{port}"
        environment = {
            **os.environ,
            "TWILIO_AUTH_TOKEN": auth_token,
            "HOTLINE_PUBLIC_URL": url,
            "HOTLINE_PHONE": "1",
            "HOTLINE_DATABASE_URL": f"sqlite:///{Path(folder) / 'hotline.sqlite3'}",
            **settings,
        }
        command = [sys.executable, "-c", "from hotline.cli import main; main()"]
        output = Path(folder) / "output"
        with output.open("wb") as file:
            process = subprocess.Popen(  # noqa: S603  # it is this very program
                [*command, "serve", "--demo", "--port", str(port)], env=environment, stdout=file, stderr=file
            )
        try:
            _wait(process, url, output)
            yield url
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def demo_token() -> str:
    """Return the token that a hotline started with ``--demo`` from this folder keeps, or nothing."""
    path = ROOT / "var" / "demo-token"
    return path.read_text().strip() if path.is_file() else ""


def new_token() -> str:
    """Return a token for a hotline that nobody else is to call."""
    return secrets.token_hex(16)


def _wait(process: subprocess.Popen[bytes], url: str, output: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            said = output.read_text(errors="replace").strip().splitlines()
            raise WillNotStart("Die Hotline startet nicht:\n" + "\n".join(said[-15:]))
        with contextlib.suppress(requests.RequestException):
            if requests.get(f"{url}/healthz", timeout=2).ok:
                return
        time.sleep(0.2)
    raise WillNotStart(f"Die Hotline ist nach {READY_SECONDS:.0f} s noch nicht bereit.")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
