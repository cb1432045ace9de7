"""Callers who type: they say and key things to a conversation, without a telephone between."""

import re

from hotline.dialog import listening
from hotline.dialog.conversation import Conversation
from hotline.dialog.german.words import UNKNOWN, words
from hotline.dialog.grammar import Grammars
from hotline.dialog.log import TURN, Caller, Failed, Keys, Resumed, Silence, Speech, Start, Transferred
from hotline.dialog.prompts import Prompts
from hotline.dialog.scripts import CallScripts
from hotline.dialog.steps import Ask
from hotline.dialog.understanding import Understanding, Word
from hotline.settings import ROOT

from .town import LANDLINE, MOBILE, Town

GRAMMARS = Grammars.load(ROOT / "grammars")
PROMPTS = Prompts.load(ROOT / "prompts")
UNDERSTANDING = Understanding(GRAMMARS, Town())

SILENCE = ""
NOISE = UNKNOWN
BREAK = "break"
"""The stream breaks, and a new one opens."""

WITHHELD = Caller()
FROM_MOBILE = Caller(MOBILE, mobile=True)
FROM_LANDLINE = Caller(LANDLINE)


class Call:
    """A call to the town's hotline.

    :param resuming: let another process go on with the call, from its stored log, at every turn.
    """

    def __init__(self, town=None, caller=FROM_MOBILE, *, keypad=False, resuming=False, sid="CA1"):
        self.town = town or Town()
        self.sid = sid
        self.resuming = resuming
        self.conversation = self._converse([])
        self.turn = self.send(Start(caller, keypad))

    def do(self, *actions):
        """Do one thing after the other: keys, words, silence, or words with the ear's confidence in them."""
        for action in actions:
            match action:
                case (text, confidence):
                    self.say(text, confidence)
                case "":
                    self.send(Silence())
                case "break":
                    self.send(Resumed(keypad=self.conversation.keypad))
                case text if re.fullmatch("[0-9*#]+", text):
                    self.press(text)
                case text:
                    self.say(text)
        return self

    def press(self, keys):
        return self.send(Keys(keys))

    def say(self, text, confidence=1.0):
        """Say something; what is not in the question's phrases the ear cannot make out."""
        step = self.conversation.step
        known = {word for phrase in UNDERSTANDING.phrases(step) for word in phrase.split()}
        said = [listening.ONE_WORD.get(word, word) for word in words(text)]
        heard = [Word(word if word in known else UNKNOWN, confidence) for word in said]
        return self.send(Speech(tuple(heard)))

    def transferred(self, outcome):
        return self.send(Transferred(outcome))

    def fail(self):
        return self.send(Failed("error"))

    def send(self, event):
        if self.resuming:
            self.resume()
        self.turn = self.conversation.advance(event, self.town.now, self.perform)
        return self.turn

    def perform(self, effect, turn):
        return self.town.perform(self.sid, effect, turn)

    def resume(self):
        """Go on as another process would, which has only the log, and no words in it."""
        self.conversation = self._converse(stored(self.conversation.turns))

    @property
    def question(self):
        """The question that is open, or the kind of end that has come."""
        step = self.conversation.step
        return step.question if isinstance(step, Ask) else type(step).__name__

    @property
    def said(self):
        """What the last turn said."""
        return " ".join(one.text for one in self.turn.said)

    @property
    def prompts(self):
        return [one.prompt for one in self.turn.said]

    @property
    def held(self):
        return [offer for key, offer in self.town.held.items() if key.startswith(self.sid)]

    @property
    def outcome(self):
        return self.turn.outcome

    def _converse(self, turns):
        return Conversation(CallScripts, UNDERSTANDING, PROMPTS, self.town, turns)


def stored(turns):
    """The turns as they come back from the database, without the words that were heard."""
    back = []
    for turn in turns:
        data = TURN.dump_python(turn, mode="json")
        if turn.event.kind == "speech":
            data["event"]["words"] = []
        back.append(TURN.validate_python(data))
    return back
