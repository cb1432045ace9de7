"""The ear and the voice alone: real-time factors on one core, memory, and how soon a new sentence begins."""

import resource
import tempfile
import time
from collections.abc import Callable, Sequence

import numpy as np

from hotline.booking import Catalogue
from hotline.dialog.grammar import Grammars
from hotline.dialog.steps import Ask
from hotline.dialog.understanding import Understanding
from hotline.serving import prepare
from hotline.settings import Settings
from hotline.speech import audio, models
from hotline.speech.ear import Ear
from hotline.speech.voice import PicoVoice
from hotline.storage import Database

ANSWERS = (
    "Ich brauche einen neuen Personalausweis.",
    "Ja bitte.",
    "Lieber am vierten Dezember, nachmittags.",
    "Null eins sieben sechs, eins zwei drei vier fünf.",
    "In Altona.",
)
QUESTIONS = ("service", "offer", "read_back", "mobile", "place")
LONG = (
    "Der früheste Termin ist am Mittwoch, dem dritten Dezember, um neun Uhr zehn.",
    "Kundenzentrum Hamburg-Mitte, Klosterwall 2.",
    "Möchten Sie diesen Termin?",
)
NOISE_DB = 20


def run(report: Callable[[str], None]) -> None:
    """Print the figures of the model that is at hand, and of Pico."""
    settings = Settings()
    pico = PicoVoice()
    spoken = []
    for text in ANSWERS:
        quiet = np.zeros(audio.TELEPHONE_RATE, np.int16)
        words = audio.telephone_band(audio.decode_mulaw(pico.render(text)))
        spoken.append(audio.add_noise(np.concatenate([quiet, words, quiet]), NOISE_DB, 1, "pink"))
    try:
        found = models.find(settings.model)
    except models.ModelError as error:
        report(f"no ear: {error}")
    else:
        before, began = _memory(), time.perf_counter()
        ear = Ear.load(found.path)
        took = time.perf_counter() - began
        report(f"{ear.name}: loaded in {took * 1000:.0f} ms, {_memory() - before:.0f} MB more memory")
        understanding = Understanding(Grammars.load(settings.grammars), _city())
        for question in QUESTIONS:
            phrases = understanding.phrases(Ask(question))
            _hear(report, f"grammar of {question!r}, {len(phrases)} phrases", ear, phrases, spoken)
        _hear(report, "no grammar", ear, None, spoken)
    _say(report, pico)


def _hear(
    report: Callable[[str], None],
    name: str,
    ear: Ear,
    phrases: Sequence[str] | None,
    spoken: Sequence[audio.Samples],
) -> None:
    factors, opening, closing = [], [], []
    for samples in spoken * 4:
        began = time.thread_time()
        listener = ear.listen(phrases)
        opening.append((time.thread_time() - began) * 1000)
        for at in range(0, len(samples), audio.FRAME_BYTES):
            listener.accept(samples[at : at + audio.FRAME_BYTES])
            listener.partial()
        last = time.thread_time()
        listener.final()
        closing.append((time.thread_time() - last) * 1000)
        factors.append((time.thread_time() - began) / (len(samples) / audio.TELEPHONE_RATE))
    report(
        f"  {name:32} real-time factor p50 {_percentile(factors, 50):.3f} p95 {_percentile(factors, 95):.3f}"
        f"   opening p95 {_percentile(opening, 95):.0f} ms   closing p95 {_percentile(closing, 95):.0f} ms"
    )


def _say(report: Callable[[str], None], pico: PicoVoice) -> None:
    factors, first = [], []
    for number in range(20):
        for sentence in LONG:
            began = time.thread_time()
            sound = pico.render(f"{sentence} {number}")
            took = time.thread_time() - began
            first.append(took * 1000)
            factors.append(took / (len(sound) / audio.TELEPHONE_RATE))
    report(
        f"{pico.name}: real-time factor p50 {_percentile(factors, 50):.3f}; a sentence that was not said "
        f"before is there after p50 {_percentile(first, 50):.0f} ms, p95 {_percentile(first, 95):.0f} ms"
    )


def _city() -> Catalogue:
    """Return the demo city."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(database_url=f"sqlite:///{folder}/city.sqlite3")
        prepare(settings)
        return Catalogue.load(Database(settings.database_url))


def _percentile(values: Sequence[float], percent: float) -> float:
    return float(np.percentile(values, percent))


def _memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
