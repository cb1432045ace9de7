"""What a line and a room do to a voice: noise, level, clipping, lost packets, codecs, distance.

A condition is written as ``street:20+gsm``: street noise 20 dB below the voice, and then the GSM codec.

========================  =================================================================================
``clean``                 nothing but a line that passes 300 to 3400 Hz, and mu-law
``street:SNR``            pink noise that swells and ebbs, as of passing cars
``television:SNR``        another voice that talks, and music
``kitchen:SNR``           a fan, and the clink of dishes
``white|pink|babble:SNR`` as :func:`hotline.speech.audio.noise`
``level:DBFS``            the voice at this level; otherwise -25 dBFS
``clip:DB``               peaks cut off DB decibels above the voice's level
``loss:PERCENT``          so many 20 ms packets are lost, in bursts of two on average
``gsm``, ``amr``          GSM 06.10 full rate (libsndfile), AMR narrow-band at 12.2 kbit/s (needs sox)
``wide``                  a digital line: 50 to 3800 Hz instead of 300 to 3400
``far``                   at arm's length from the handset: an echoing room
``tilt:DB``               a handset that is shrill, or dull (below 0): so many dB more with each octave
``echo:DB``               the voice comes back over the line 150 ms later, DB decibels softer
========================  =================================================================================
"""

from __future__ import annotations

import io
import shutil
import subprocess
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
import soundfile

from hotline.speech import audio
from hotline.speech.audio import FRAME_BYTES, TELEPHONE_RATE, Samples

if TYPE_CHECKING:
    from numpy.typing import NDArray

USUAL_DBFS = -25.0
"""The level of a voice on a good line."""
LEAD_MS = 400
"""Line noise before the voice."""
TAIL_MS = 10000
"""Line noise after it, long enough for any turn to end."""
WIDE_BAND = (50.0, 3800.0)
"""What a digital line and a good handset pass on, in Hz."""
ECHO_MS = 150
"""Of a connection by mobile telephone or internet (ITU-T G.131 wants echo cancelled from 25 ms on)."""
PIVOT_HZ = 1000.0
"""A handset's tilt leaves this frequency as it is."""
_PLAIN = get_args(audio.NoiseKind)
_ROOMS = ("street", "television", "kitchen")


class ConditionError(ValueError):
    """A condition that does not exist or cannot be made here. The text is a German sentence."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One state of line and room."""

    name: str
    noise: str | None = None
    snr_db: float = 0.0
    level_dbfs: float = USUAL_DBFS
    clip_db: float | None = None
    loss: float = 0.0
    codec: str | None = None
    far: bool = False
    band: tuple[float, float] = audio.TELEPHONE_BAND
    tilt_db: float = 0.0
    echo_db: float | None = None
    echo_ms: int = ECHO_MS


def parse(text: str) -> Condition:
    """Read a condition.

    :raises ConditionError: if there is no such condition.
    """
    condition = Condition(text)
    for part in text.split("+"):
        kind, _, number = part.partition(":")
        try:
            condition = _with(condition, kind, float(number) if number else None)
        except (ValueError, TypeError) as error:
            raise ConditionError(f"„{part}“ ist keine Bedingung: {error or 'eine Zahl fehlt.'}") from error
    return condition


def _with(condition: Condition, kind: str, number: float | None) -> Condition:
    match kind, number:
        case "clean", None:
            return condition
        case ("far", None):
            return replace(condition, far=True)
        case ("wide", None):
            return replace(condition, band=WIDE_BAND)
        case (("gsm" | "amr"), None):
            return replace(condition, codec=kind)
        case ("level", float()):
            return replace(condition, level_dbfs=number)
        case ("clip", float()):
            return replace(condition, clip_db=number)
        case ("tilt", float()):
            return replace(condition, tilt_db=number)
        case ("echo", float()):
            return replace(condition, echo_db=number)
        case ("loss", float()):
            return replace(condition, loss=number / 100)
        case (noise, float()) if noise in (*_PLAIN, *_ROOMS):
            return replace(condition, noise=noise, snr_db=number)
    raise ValueError("unbekannt, oder eine Zahl fehlt oder ist zu viel.")


def over_the_line(
    voice: Samples, condition: Condition, seed: int, *, lead_ms: int = LEAD_MS, tail_ms: int = TAIL_MS
) -> Samples:
    """Return what arrives of a recording: ``lead_ms`` of line, the voice, ``tail_ms`` of line.

    The same for the same seed.
    """
    random = np.random.default_rng(seed)
    signal = audio.telephone_band(voice, condition.band).astype(np.float64)
    if condition.far:
        signal = _far(signal, random)
    if condition.tilt_db:
        signal = _tilted(signal, condition.tilt_db)
    signal *= 10 ** ((USUAL_DBFS - audio.speech_level(audio.to_samples(signal))) / 20)
    lead, tail = (np.zeros(TELEPHONE_RATE * ms // 1000) for ms in (lead_ms, tail_ms))
    signal = np.concatenate([lead, signal, tail])
    if condition.echo_db is not None:
        signal = _echoing(signal, condition.echo_db, condition.echo_ms)
    if condition.noise:
        behind = _noise(condition.noise, len(signal), seed, random)
        signal = signal + behind * 10 ** ((USUAL_DBFS - condition.snr_db) / 20)
    else:  # no line is without any noise
        signal = signal + audio.noise(len(signal), -65, seed)
    if condition.clip_db is not None:
        peak = 10 ** ((USUAL_DBFS + condition.clip_db) / 20) * audio.FULL_SCALE
        signal = np.clip(signal, -peak, peak)
    samples = audio.to_samples(signal * 10 ** ((condition.level_dbfs - USUAL_DBFS) / 20))
    if condition.codec:
        samples = _coded(samples, condition.codec)
    if condition.loss:
        samples = _lossy(samples, condition.loss, random)
    return audio.decode_mulaw(audio.encode_mulaw(samples))


def _far(signal: NDArray[Any], random: np.random.Generator) -> NDArray[Any]:
    """Put the voice into a room: exponentially dying echoes (T60 0.5 s), as loud as the voice itself."""
    time = np.arange(TELEPHONE_RATE * 4 // 10) / TELEPHONE_RATE
    echo = random.standard_normal(len(time)) * 10 ** (-3 * time / 0.5)
    echo[: TELEPHONE_RATE // 500] = 0
    echo /= np.sqrt((echo**2).sum())
    echo[0] = 1
    return audio.convolved(signal, echo)[: len(signal)]


def _tilted(signal: NDArray[Any], octave_db: float) -> NDArray[Any]:
    """Make every octave louder than the one below; under 100 Hz, where a line passes nothing, no further."""
    hertz = np.fft.rfftfreq(len(signal), 1 / TELEPHONE_RATE)
    octaves = np.log2(np.maximum(hertz, 100.0) / PIVOT_HZ)
    return np.fft.irfft(np.fft.rfft(signal) * 10 ** (octave_db * octaves / 20), len(signal))


def _echoing(signal: NDArray[Any], below_db: float, late_ms: int) -> NDArray[Any]:
    """Add the signal again, softer and later."""
    late = TELEPHONE_RATE * late_ms // 1000
    return signal + np.pad(signal, (late, 0))[: len(signal)] * 10 ** (-below_db / 20)


def _noise(kind: str, count: int, seed: int, random: np.random.Generator) -> NDArray[Any]:
    """Return noise of unit level: :data:`~hotline.speech.audio.FULL_SCALE` is 0 dBFS."""
    time = np.arange(count) / TELEPHONE_RATE
    if kind == "street":
        swell = 0.6 + 0.4 * np.sin(2 * np.pi * time / random.uniform(3, 7) + random.uniform(0, 6))
        noise = audio.noise(count, -20, seed, "pink") * swell
    elif kind == "kitchen":
        noise = audio.noise(count, -20, seed, "pink").astype(np.float64)
        for at in random.integers(0, count, max(1, count // (TELEPHONE_RATE * 2))):
            rest = time[: min(count - at, TELEPHONE_RATE // 5)]
            clink = np.sin(2 * np.pi * random.uniform(1200, 3300) * rest) * np.exp(-rest * 30)
            noise[at : at + len(rest)] += clink * audio.FULL_SCALE * 0.3
    elif kind == "television":
        programme = _television()
        start = int(random.integers(len(programme)))
        noise = np.resize(np.roll(programme, -start), count)
    else:
        noise = audio.noise(count, -20, seed, kind).astype(np.float64)  # type: ignore[arg-type]
    return noise * 10 ** (-audio.speech_level(audio.to_samples(noise)) / 20)


@lru_cache(maxsize=1)
def _television() -> NDArray[np.float64]:
    """Return a minute of a programme: news by a voice that is no caller's, with music between."""
    from hotline.evaluation.corpus import sounds, texts, voices  # noqa: PLC0415 - the corpus needs conditions

    spoken = [voices.speak(text, voices.TELEVISION, seed=at) for at, text in enumerate(texts.OFF_TOPIC[:12])]
    pieces = [part for voice in spoken for part in (voice, sounds.music(1500, seed=len(voice)))]
    return np.concatenate(pieces).astype(np.float64)


def _coded(samples: Samples, codec: str) -> Samples:
    """Send samples through a codec of mobile telephony and back."""
    if codec == "gsm":
        file = io.BytesIO()
        soundfile.write(file, samples, TELEPHONE_RATE, format="WAV", subtype="GSM610")
        file.seek(0)
        decoded: Samples = soundfile.read(file, dtype="int16")[0]
        return _as_long(decoded, samples)
    if shutil.which("sox") is None:
        raise ConditionError("Für AMR fehlt sox (apt install sox libsox-fmt-all).")
    raw = ["-t", "raw", "-r", str(TELEPHONE_RATE), "-e", "signed", "-b", "16", "-c", "1", "-"]
    coded = _sox([*raw, "-C", "7", "-t", "amr-nb", "-"], samples.tobytes())
    return _as_long(np.frombuffer(_sox(["-t", "amr-nb", "-", *raw], coded), np.int16), samples)


def _sox(arguments: list[str], data: bytes) -> bytes:
    try:
        command = ["sox", *arguments]
        return subprocess.run(command, input=data, capture_output=True, check=True).stdout  # noqa: S603
    except subprocess.CalledProcessError as error:
        raise ConditionError("sox kann kein AMR (apt install libsox-fmt-all).") from error


def _as_long(decoded: Samples, samples: Samples) -> Samples:
    return np.resize(decoded, len(samples)) if len(decoded) < len(samples) else decoded[: len(samples)]


def _lossy(samples: Samples, share: float, random: np.random.Generator) -> Samples:
    """Drop packets as a two-state chain does (Gilbert 1960), two in a row on average; a gap is silent."""
    result = samples.copy()
    lost = False
    for start in range(0, len(result), FRAME_BYTES):
        lost = random.random() < (0.5 if lost else 0.5 * share / (1 - share))
        if lost:
            result[start : start + FRAME_BYTES] = 0
    return result
