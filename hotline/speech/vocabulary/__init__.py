"""The ear's vocabulary: pronunciations, and the graphs that Vosk searches, rebuilt without training.

The acoustic net knows phones, not words. A word is known once its phones are in the lexicon and the graphs
are built from the lexicon anew, which takes seconds and nothing but this package and numpy.
"""

from hotline.speech.vocabulary.build import Vocabulary
from hotline.speech.vocabulary.lexicon import HOTLINE, OWN, read, read_all
from hotline.speech.vocabulary.phones import PronunciationError, parse

__all__ = ["HOTLINE", "OWN", "PronunciationError", "Vocabulary", "parse", "read", "read_all"]
