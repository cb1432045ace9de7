"""A queue for SQLite's writers, across threads and processes.

SQLite lets one transaction write at a time and the others poll: its busy handler sleeps up to 100 ms between
tries, so that under load some wait for seconds while others pass at once. The kernel's file locks keep a
queue.
"""

from __future__ import annotations

import threading
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

try:
    import fcntl
except ImportError:  # Windows, where writers poll
    fcntl = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Iterator


class Turnstile:
    """Lets one writer through at a time, in the order of arrival.

    :param database: the database's file, beside which the lock lies; nothing for one in memory.
    """

    def __init__(self, database: str | None) -> None:
        self._path = Path(f"{database}-queue") if database and database != ":memory:" and fcntl else None
        self._thread = threading.RLock()
        self._inside = 0

    @contextmanager
    def pass_through(self) -> Iterator[None]:
        """Wait for one's turn and keep it for the block.

        Within a turn it does not wait again; SQLite then refuses the second transaction itself.
        """
        with self._thread, ExitStack() as turn:
            if self._path is not None and not self._inside:
                # Opened anew each time: an open file inherited through fork would share one lock.
                file = turn.enter_context(self._path.open("a"))
                fcntl.flock(file, fcntl.LOCK_EX)
            self._inside += 1
            try:
                yield
            finally:
                self._inside -= 1
