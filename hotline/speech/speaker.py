"""The speaker: what callers hear. A recording where there is one, else the voice; everything is kept."""

from __future__ import annotations

import hashlib
import logging
import re
import tempfile
import threading
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import TypeAdapter
from rich.progress import track

from hotline import yamlfile
from hotline.speech import audio, voice

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

log = logging.getLogger(__name__)

PAUSE_MS = 350
"""Silence between two sentences."""
LONGEST_SENTENCE = 160
"""Characters after which a sentence is divided at a comma, so that its beginning can be heard early."""
_MEMORY = 32 * 1024 * 1024  # bytes of mu-law: more than an hour of speech
_RENDERING = "1"  # part of the cache's key: to be raised when the same text would come out differently


class Speaker:
    """Speaks texts and keeps what it spoke, in memory and in a folder. May be used by many threads."""

    def __init__(self, own: voice.Voice, *, cache: Path | None = None, prompts: Path | None = None) -> None:
        """Speak with the voice ``own``.

        :param cache: folder of rendered speech; without it, memory only.
        :param prompts: folder with ``pronunciation.yaml`` and ``recordings/``; without it, neither.
        :raises hotline.yamlfile.DataError: if ``pronunciation.yaml`` is wrong.
        """
        self.voice = own
        self._folder = cache
        self._recordings = prompts / "recordings" if prompts else None
        self._pronunciation = load_pronunciation(prompts / "pronunciation.yaml") if prompts else {}
        longest_first = sorted(map(re.escape, self._pronunciation), key=len, reverse=True)
        self._written = re.compile(rf"(?<!\w)(?:{'|'.join(longest_first) or '(?!)'})(?!\w)")
        self._memory: OrderedDict[str, bytes] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()
        self._disk_failed = False

    def say(self, text: str, *, pace: float = 1.0, recording: str | None = None) -> bytes:
        """Return ``text`` as 8 kHz mu-law.

        :param pace: speed of speech; 0.8 is slow. A recording has its own.
        :param recording: name, without ``.wav``, of the recording that replaces the text if it exists.
        """
        return b"".join(self.stream(text, pace=pace, recording=recording))

    def stream(self, text: str, *, pace: float = 1.0, recording: str | None = None) -> Iterator[bytes]:
        """Yield the same as :meth:`say` sentence by sentence, each as soon as it is rendered."""
        if recording and (recorded := self._recorded(recording)):
            yield recorded
            return
        pause = b""
        for sentence in sentences(text):
            if spoken := self._sentence(sentence, pace):
                yield pause + spoken
                pause = audio.silence(round(PAUSE_MS / pace))

    def render_all(self, texts: Sequence[str], *, progress: bool = False) -> None:
        """Render ``texts``, so that saying them later takes no time. Shows a progress bar on request."""
        wanted = list(dict.fromkeys(sentence for text in texts for sentence in sentences(text)))
        for sentence in track(wanted, "Ansagen werden gesprochen", disable=not progress, transient=False):
            self._sentence(sentence, 1.0)

    def pronounced(self, text: str) -> str:
        """Return ``text`` as the voice must be told it, by ``pronunciation.yaml``."""
        return self._written.sub(lambda found: self._pronunciation[found[0]], text)

    def _sentence(self, sentence: str, pace: float) -> bytes:
        spoken = self.pronounced(sentence)
        key = "\n".join((_RENDERING, self.voice.name, f"{pace:.2f}", spoken))
        if (kept := self._remembered(key)) is not None:
            return kept
        file = (
            self._folder / (hashlib.sha256(key.encode()).hexdigest()[:32] + ".ulaw") if self._folder else None
        )
        try:
            sound = file.read_bytes() if file else None
        except OSError:
            sound = None
        if sound is None:
            try:
                sound = self.voice.render(spoken, pace=pace)
            except voice.VoiceError as error:
                log.error("A sentence is left out: %s", error)
                return b""
            if file:
                self._write(file, sound)
        self._remember(key, sound)
        return sound

    def _recorded(self, name: str) -> bytes | None:
        """Return a recording, levelled like the voice, or ``None`` where there is none that can be read."""
        file = self._recordings / f"{name}.wav" if self._recordings else None
        if file is None or not file.is_file():
            return None
        try:
            key = f"{file}\n{file.stat().st_mtime_ns}"
            if (kept := self._remembered(key)) is None:
                kept = voice.for_telephone(audio.read_wav(file), audio.TELEPHONE_RATE)
                self._remember(key, kept)
        except OSError as error:
            log.warning("Recording is not used: %s", error)
            return None
        return kept

    def _remembered(self, key: str) -> bytes | None:
        with self._lock:
            if key in self._memory:
                self._memory.move_to_end(key)
            return self._memory.get(key)

    def _remember(self, key: str, sound: bytes) -> None:
        with self._lock:
            self._bytes += len(sound) - len(self._memory.pop(key, b""))
            self._memory[key] = sound
            while self._bytes > _MEMORY and len(self._memory) > 1:
                self._bytes -= len(self._memory.popitem(last=False)[1])

    def _write(self, file: Path, sound: bytes) -> None:
        """Write to the cache so that a reader finds a whole file or none. A full disk is logged, once."""
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=file.parent, delete=False) as part:
                try:
                    part.write(sound)
                    part.flush()
                    Path(part.name).replace(file)
                except OSError:
                    Path(part.name).unlink(missing_ok=True)
                    raise
            self._disk_failed = False
        except OSError as error:
            if not self._disk_failed:
                log.warning("Rendered speech is not kept in %s: %s", file.parent, error)
            self._disk_failed = True


def load_pronunciation(file: Path) -> dict[str, str]:
    """Read how words are to be told to the voice: what is written, and what is to be read instead.

    :raises hotline.yamlfile.DataError: if the file is there and wrong.
    """
    return yamlfile.load(file, TypeAdapter(dict[str, str])) if file.exists() else {}


_END = re.compile(
    r"(?<=[.!?…])[\"“”»]?\s+(?=[„\"»(]?[A-ZÄÖÜ])"  # a full stop before a capital letter
    r"|\n+"
)
_NO_END = re.compile(r"\b(?:\d{1,3}|[A-Za-zÄÖÜäöü]|Dr|Prof|Nr|Str|St|bzw|ca|Tel|evtl|ggf)\.$")


def sentences(text: str) -> list[str]:
    """Divide ``text`` into sentences, and those longer than :data:`LONGEST_SENTENCE` at commas.

    No sentence ends at an ordinal ("3. Dezember"), at a common abbreviation, or at a full stop before a small
    letter ("vier acht. eins null").
    """
    found: list[str] = []
    start = 0
    for end in _END.finditer(text):
        if not _NO_END.search(text[start : end.start()]):
            found.append(text[start : end.end()].strip())
            start = end.end()
    found.append(text[start:].strip())
    return [part for sentence in found for part in _divide(sentence) if part]


def _divide(sentence: str) -> Iterable[str]:
    """Divide a long sentence after the last comma, or the last blank, that makes its head short enough."""
    while len(sentence) > LONGEST_SENTENCE:
        head = sentence[:LONGEST_SENTENCE]
        cut = (
            max(head.rfind(", "), head.rfind("; "), head.rfind(": ")) + 1
            or head.rfind(" ")
            or LONGEST_SENTENCE
        )
        cut = cut if cut > 0 else LONGEST_SENTENCE
        yield sentence[:cut].strip()
        sentence = sentence[cut:].strip()
    yield sentence
