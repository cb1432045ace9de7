import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from hotline.speech import audio


def tone(hertz, milliseconds=1000, amplitude=8000, rate=8000):
    time = np.arange(rate * milliseconds // 1000) / rate
    return audio.to_samples(np.sin(2 * np.pi * hertz * time) * amplitude)


@pytest.mark.parametrize(
    ("code", "sample"),
    [(0xFF, 0), (0x7F, 0), (0x80, 32124), (0x00, -32124), (0xFE, 8), (0xE0, 372), (0x6F, -132)],
)
def test_mulaw_decodes_as_in_g711(code, sample):
    assert audio.decode_mulaw(bytes([code]))[0] == sample


def test_every_mulaw_byte_but_the_negative_nought_survives_decoding_and_encoding():
    codes = bytes(code for code in range(256) if code != 0x7F)
    assert audio.encode_mulaw(audio.decode_mulaw(codes)) == codes


@given(st.lists(st.integers(-32768, 32767), min_size=1, max_size=50))
def test_mulaw_errs_by_at_most_half_a_step(values):
    samples = np.array(values, np.int16)
    back = audio.decode_mulaw(audio.encode_mulaw(samples)).astype(int)
    allowed = np.maximum(4, np.abs(samples.astype(int)) / 30 + 4)
    loud = np.abs(samples.astype(int)) > 32124
    assert (np.abs(back - samples)[~loud] <= allowed[~loud]).all()
    assert (np.abs(back[loud]) == 32124).all()


def test_silence_is_silent():
    assert len(audio.silence(20)) == audio.FRAME_BYTES
    assert not audio.decode_mulaw(audio.silence(100)).any()


def test_audio_resampled_in_pieces_equals_audio_resampled_at_once():
    samples = tone(440)
    stream = audio.StreamResampler(8000, 16000)
    pieces = [stream.accept(samples[i : i + 160]) for i in range(0, len(samples), 160)]
    pieces.append(stream.accept(samples[:0], last=True))
    joined = np.concatenate(pieces)
    assert len(joined) == 2 * len(samples)
    inner = slice(1000, -1000)
    assert np.abs(joined[inner].astype(int) - tone(440, rate=16000)[inner]).max() < 100


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "FLOAT", "ULAW", "ALAW"])
@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (44100, 2)])
def test_recordings_of_many_kinds_are_read_alike(tmp_path, subtype, rate, channels):
    file = tmp_path / "a.wav"
    stereo = np.repeat(tone(440, rate=rate)[:, None] / audio.FULL_SCALE, channels, axis=1)
    soundfile.write(file, stereo, rate, subtype=subtype)
    samples = audio.read_wav(file)
    assert samples.dtype == np.int16
    assert abs(len(samples) - 8000) <= 1
    assert audio.level(samples) == pytest.approx(audio.level(tone(440)), abs=0.3)


def test_what_is_no_recording_is_named_in_the_error(tmp_path):
    file = tmp_path / "liste.wav"
    file.write_text("Kundenzentren")
    with pytest.raises(OSError, match=r"liste\.wav: keine lesbare Tonaufnahme"):
        audio.read_wav(file)
    with pytest.raises(FileNotFoundError):
        audio.read_wav(tmp_path / "fehlt.wav")


def test_what_is_written_is_read_again(tmp_path):
    audio.write_wav(tmp_path / "a.wav", tone(440))
    assert (audio.read_wav(tmp_path / "a.wav") == tone(440)).all()


@pytest.mark.parametrize(("hertz", "loss"), [(100, 20), (1000, 0), (3000, 0), (3800, 20)])
def test_the_line_carries_only_the_telephone_band(hertz, loss):
    before = tone(hertz)
    after = audio.telephone_band(before)
    assert len(after) == len(before)
    lost = audio.level(before[1000:-1000]) - audio.level(after[1000:-1000])
    assert lost == pytest.approx(0, abs=0.2) if loss == 0 else lost > loss


@pytest.mark.parametrize("kind", ["white", "pink", "babble"])
def test_noise_has_the_wanted_level_and_repeats_for_a_seed(kind):
    noise = audio.noise(40000, -35, 7, kind)
    assert audio.level(noise) == pytest.approx(-35, abs=0.1)
    assert (noise == audio.noise(40000, -35, 7, kind)).all()
    assert (noise != audio.noise(40000, -35, 8, kind)).any()


def test_the_distance_of_noise_counts_from_speech_not_from_pauses():
    words = tone(500, 400)
    spoken = np.concatenate([words, np.zeros(16000, np.int16), words])
    noisy = audio.add_noise(spoken, 20, 1)
    assert audio.level(noisy[4000:18000]) == pytest.approx(audio.level(words) - 20, abs=0.5)


def test_the_level_of_nothing_is_the_floor():
    assert audio.level(np.zeros(160, np.int16)) == audio.FLOOR_DBFS
    assert audio.level(np.zeros(0, np.int16)) == audio.FLOOR_DBFS
    assert audio.speech_level(np.zeros(0, np.int16)) == audio.FLOOR_DBFS
