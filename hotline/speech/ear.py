"""The ear: a Vosk model, and listeners that recognise one answer each.

Known traps of Vosk 0.3.45, and what is done about them here:

- ``SetGrammar`` on a recogniser in mid-utterance aborts the process: every question has a fresh recogniser.
- The JSON reader drops words with ``\\u`` escapes: grammars are passed as UTF-8.
- Words that the model lacks vanish from a grammar without a word: they are replaced by ``[unk]`` and logged.
- Vosk's own endpointing closes a segment after a fixed silence: segments are joined; when a turn ends is
  decided in :mod:`hotline.speech.endpointing`.
- After five seconds of mere silence it closes an empty segment, and a "ja" that just begins is cut in two:
  that rule is switched off, whatever the model's configuration says.
- Word confidences exist only while ``MaxAlternatives`` is nought, its default: it stays so.
- A model refuses another sample rate than its own: telephone audio is resampled to it.
- With a narrow lattice beam every confidence is 1; with a wide one, ten seconds of a television can keep it
  busy for a minute. Beam and memory are bounded, whatever the model's configuration says.
"""

from __future__ import annotations

import json
import logging
import re
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import vosk

from hotline.speech.audio import (
    FRAME_BYTES,
    FRAME_MS,
    TELEPHONE_RATE,
    Samples,
    StreamResampler,
    frame_levels,
    level,
)
from hotline.speech.background import callers_own
from hotline.speech.words import UNKNOWN, Word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

log = logging.getLogger(__name__)

BLOCK_MS = 100
"""Audio is handed to Vosk in blocks of this length: a fifth of the calls into native code, and of the waits
to get back from it, that 20 ms frames would need."""
_BLOCK = TELEPHONE_RATE * BLOCK_MS // 1000
WIDEST_LATTICE_BEAM = 6.0
"""Nats. What is less likely than the best reading by more does not count against it, so a narrow beam makes
every word certain: with 2, of 1,800 days and times at 20 dB, 98 % of those heard rightly had a confidence
of 1, and so had 13 of the 21 heard wrongly."""
LATTICE_BYTES = 1_000_000
"""What a lattice may take; where it would take more, the beam is narrowed. Ten seconds of a loud television
against yes or no took 13 s of computing with a beam of 8 without this bound, and 1.6 s with it."""
_LOG_LEVEL = -2
"""Vosk's log without its warnings, of which each narrowed beam is one."""
QUIET_MS = 2000
"""After so long without a sound the recogniser begins afresh. It computes more with every second of an
utterance, also of silence: 0.06 s for each of the first five seconds, 0.6 s for the twentieth, and as much
again at the end."""
_QUIET = TELEPHONE_RATE * QUIET_MS // 1000
KEPT_MS = 500
"""What of that silence the fresh one hears: a soft beginning of a word may be in it."""
ONSET_DB = 8.0
"""A block so far above the softest of the last :data:`QUIET_MS` may be a sound."""
_NEVER_SECONDS = 3600
_DEFAULT_RATE = 16000  # Kaldi's default where conf/mfcc.conf names none
_PARTS = (("am/final.mdl", "final.mdl"), ("conf/mfcc.conf", "mfcc.conf"))


class EarError(Exception):
    """No ear: the model is missing or cannot be used. The text is a German sentence for the operator."""


class Ear:
    """A loaded model. One per process, loaded before forking; may be used by many threads at once."""

    def __init__(self, model: Any, rate: int, name: str) -> None:
        self._model = model
        self.rate = rate
        """The model's sample rate in Hz."""
        self.name = name
        """The model's folder name."""
        self._lock = threading.Lock()
        self._reported: set[str] = set()

    @classmethod
    def load(cls, path: Path) -> Self:
        """Load the model in folder ``path``; takes 0.2 s for a small one.

        :raises EarError: if there is no model, or Vosk cannot load it.
        """
        for names in _PARTS:
            if not any((path / name).is_file() for name in names):
                raise EarError(f"{path} ist kein Vosk-Modell: Die Datei {names[0]} fehlt.")
        rate = _sample_rate(path)
        vosk.SetLogLevel(_LOG_LEVEL)
        try:
            with tempfile.TemporaryDirectory() as temporary:
                model = vosk.Model(str(_bounded(path, Path(temporary))))
        except Exception as error:  # Vosk raises nothing narrower
            raise EarError(f"Das Sprachmodell {path} lässt sich nicht laden; ist es vollständig?") from error
        return cls(model, rate, path.resolve().name)

    def knows(self, word: str) -> bool:
        """Whether the model has ``word``."""
        with self._lock:
            return bool(self._model.vosk_model_find_word(word) >= 0)

    def missing(self, phrases: Iterable[str]) -> list[str]:
        """Return the words in ``phrases`` that the model lacks, sorted."""
        return sorted(
            word for word in {w for phrase in phrases for w in _words(phrase)} if not self.knows(word)
        )

    def listen(self, phrases: Sequence[str] | None) -> Listener:
        """Return a listener for one answer made of ``phrases``; with ``None``, of anything in the vocabulary.

        A phrase that is given several times is likelier: Vosk counts word pairs (``LanguageModelEstimator``).
        A word that the model lacks is taken for :data:`UNKNOWN` and logged, once.
        """
        if phrases is None:
            return Listener(lambda: vosk.KaldiRecognizer(self._model, self.rate), self.rate)
        missing = set(self.missing(phrases))
        if new := missing - self._reported:
            self._reported |= new
            log.warning("The model %s lacks %d word(s): %s", self.name, len(new), ", ".join(sorted(new)))
        known = [
            " ".join(UNKNOWN if word in missing else word for word in _words(phrase)) for phrase in phrases
        ]
        weighted = sorted(phrase for phrase in known if phrase not in ("", UNKNOWN))
        grammar = json.dumps([*weighted, UNKNOWN], ensure_ascii=False)
        return Listener(lambda: vosk.KaldiRecognizer(self._model, self.rate, grammar), self.rate)


class Listener:
    """Listens to one answer. Belongs to one thread at a time."""

    def __init__(self, recogniser: Callable[[], Any], rate: int) -> None:
        """Begin to listen.

        :param recogniser: makes a recogniser for this answer.
        """
        self._make = recogniser
        self._rate = rate
        self._begin()
        self._began_ms = 0
        self._fresh_ms = 0
        self._pieces: list[Samples] = []
        self._held = 0
        self._segments: list[Word] = []
        self._heard: list[Samples] = []
        self._partial = ""
        self._asked = True
        self._final: tuple[Word, ...] | None = None

    def _begin(self) -> None:
        self._recogniser = self._make()
        self._recogniser.SetWords(True)
        self._resampler = StreamResampler(TELEPHONE_RATE, self._rate)

    def accept(self, samples: Samples) -> None:
        """Hear 8 kHz ``samples``, of any number."""
        if self._final is not None:
            raise ValueError("this listener has given its answer")
        self._pieces.append(samples)
        self._held += len(samples)
        if self._held >= _BLOCK:
            self._decode(last=False)

    def partial(self) -> str:
        """Return the words so far, ``[unk]`` among them. Changes at most once per :data:`BLOCK_MS`."""
        if not self._asked:
            # Between two segments Vosk answers with an empty final result instead of a partial one.
            open_segment = json.loads(self._recogniser.PartialResult()).get("partial", "")
            self._partial = " ".join([*(word.text for word in self._segments), *open_segment.split()])
            self._asked = True
        return self._partial

    def final(self) -> tuple[Word, ...]:
        """Return the caller's words, :data:`UNKNOWN` among them. Ends the listening; may be asked again."""
        if self._final is None:
            self._decode(last=True)
            self._keep(self._recogniser.FinalResult())
            levels = frame_levels(np.concatenate(self._heard))
            self._final = tuple(callers_own(self._segments, levels))
            self._partial = " ".join(word.text for word in self._final)
            self._asked = True
        return self._final

    def _decode(self, *, last: bool) -> None:
        block = np.concatenate([*self._pieces, np.empty(0, np.int16)])
        self._pieces, self._held = [], 0
        self._heard.append(block)
        if not last and self._nothing_yet(block):
            self._begin_afresh()
            return
        audio = self._resampler.accept(block, last=last)
        if len(audio) and self._recogniser.AcceptWaveform(audio.tobytes()):
            self._keep(self._recogniser.Result())
        self._asked = False

    def _nothing_yet(self, block: Samples) -> bool:
        """Whether nothing but an even line has been heard for long enough to forget it."""
        self._fresh_ms += len(block) * FRAME_MS // FRAME_BYTES
        if self._fresh_ms < QUIET_MS or len(block) > _QUIET:
            return False
        # The window holds all of this block, which the partial result does not know yet.
        window = np.concatenate(self._heard[-(QUIET_MS // BLOCK_MS) :])[-_QUIET:]
        levels = [level(window[at : at + _BLOCK]) for at in range(0, len(window) - _BLOCK + 1, _BLOCK)]
        return max(levels) < min(levels) + ONSET_DB and not self.partial()

    def _begin_afresh(self) -> None:
        """Let a fresh recogniser hear the last of the silence."""
        heard = np.concatenate(self._heard)
        self._began_ms = max(0, len(heard) * FRAME_MS // FRAME_BYTES - KEPT_MS)
        self._begin()
        self._fresh_ms = 0
        audio = self._resampler.accept(heard[self._began_ms * FRAME_BYTES // FRAME_MS :])
        if len(audio):
            self._recogniser.AcceptWaveform(audio.tobytes())
        self._asked = False

    def _keep(self, result: str) -> None:
        """Add a closed segment's words."""
        self._segments += (
            Word(
                word["word"],
                self._began_ms + round(word["start"] * 1000),
                self._began_ms + round(word["end"] * 1000),
                word["conf"],
            )
            for word in json.loads(result).get("result", ())
        )


def _words(phrase: str) -> list[str]:
    return [word for word in phrase.lower().split() if word != UNKNOWN]


def _sample_rate(path: Path) -> int:
    """Read the sample rate, in Hz, from the model's feature configuration."""
    file = path / "conf" / "mfcc.conf"
    text = (file if file.is_file() else path / "mfcc.conf").read_text(encoding="utf-8")
    found = re.search(r"^\s*--sample-frequency=(\d+)", text, re.MULTILINE)
    return int(found[1]) if found else _DEFAULT_RATE


def _bounded(path: Path, temporary: Path) -> Path:
    """Return a likeness of the model's folder, of links in ``temporary``, with bounds of ours.

    Vosk has no other way to be told: it reads the decoder's options from the model's folder only.
    """
    configuration = path / "conf" / "model.conf"
    if not configuration.is_file():
        return path
    options = configuration.read_text(encoding="utf-8").splitlines()
    (temporary / "conf").mkdir()
    for part in (*path.iterdir(), *(path / "conf").iterdir()):
        link = temporary / part.relative_to(path)
        if not link.exists():
            link.symlink_to(part.resolve())
    (temporary / "conf" / "model.conf").unlink()
    ours = {
        "--lattice-beam": min(_number(options, "--lattice-beam", WIDEST_LATTICE_BEAM), WIDEST_LATTICE_BEAM),
        "--max-mem": LATTICE_BYTES,
        "--endpoint.rule1.min-trailing-silence": _NEVER_SECONDS,
    }
    kept = [line for line in options if line.partition("=")[0].strip() not in ours]
    text = "\n".join([*kept, *(f"{option}={value}" for option, value in ours.items()), ""])
    (temporary / "conf" / "model.conf").write_text(text, encoding="utf-8")
    return temporary


def _number(options: list[str], name: str, default: float) -> float:
    """Return the value of an option, ``default`` if it is not among them or no number."""
    found = [re.fullmatch(rf"\s*{name}=([\d.]+)\s*", line) for line in options]
    return next((float(match[1]) for match in found if match), default)
