"""Live calls: how long callers wait for an answer, and how many calls the machine can hold at once.

A hotline of its own is started, and callers with a script phone it in real time over HTTP and WebSockets.
Hotline and callers share this machine: what the callers need is stated, and has to be taken off.
"""

import os
import time
from collections.abc import Callable

from hotline.telephony.phone.load import Figure, place
from hotline.telephony.phone.script import Script
from hotline.telephony.phone.starting import new_token, running

LEVELS = (1, 8, 16, 24, 32)
"""Calls at once. It stops where the hotline falls behind."""
FRAME_DELAY_MS = 200
"""The 95th percentile of frame delay beyond which callers are no longer served live."""
RAMP_SECONDS = 4.0

SCRIPT = Script.model_validate(
    {
        "name": "Personalausweis, ungeduldig",
        "voice": {"noise": 20},
        "turns": [
            {"say": "Ich brauche einen neuen Personalausweis", "barge_in": 3},
            {"say": "Den nächsten bitte", "barge_in": 4},
            {"say": "Wiederholen", "barge_in": 3},
            {"say": "Lieber am Nachmittag", "barge_in": 3},
            {"say": "Ja bitte", "barge_in": 4},
            {"hang_up": True, "barge_in": 3},
        ],
    }
)
"""Five answers in about 35 s."""


def run(report: Callable[[str], None]) -> None:
    """Print percentiles for every level, and the calls per core that were held."""
    cores = os.cpu_count() or 1
    held = 0
    token = new_token()
    with running(token, HOTLINE_EARS=str(max(LEVELS))) as url:
        place(1, SCRIPT, url, token, ramp=0)  # the first call of a process warms caches
        for level in LEVELS:
            began, cpu = time.perf_counter(), time.process_time()
            figures = place(level, SCRIPT, url, token, ramp=RAMP_SECONDS)
            seconds = time.perf_counter() - began
            callers = (time.process_time() - cpu) / seconds
            report(
                f"{level} calls at once ({seconds:.0f} s; the callers took {callers:.2f} of {cores} cores)"
            )
            for name, figure in (
                ("turn latency, server", figures.server),
                ("caller's end to answer", figures.answers),
                ("frame delay", figures.frames),
            ):
                report(f"  {name:24} {_percentiles(figure)}")
            report(f"  {'outcomes':24} {dict(figures.outcomes)}")
            if not figures.frames.percentile(95) <= FRAME_DELAY_MS:
                break
            held = level
    report(f"held: {held} live calls on {cores} cores, {held / cores:g} per core, callers included")


def _percentiles(figure: Figure) -> str:
    if not figure.values:
        return "none"
    p50, p95 = figure.percentile(50), figure.percentile(95)
    return (
        f"p50 {p50:6.1f} ms   p95 {p95:6.1f} ms   max {max(figure.values):6.1f} ms   n={len(figure.values)}"
    )
