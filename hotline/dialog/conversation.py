"""One call's conversation: takes in what comes from the caller and says what to answer.

What works at every question (repeat, back, help, human, silence, not understood) lives here, and no script
knows of it. The log of turns is enough to rebuild a conversation anywhere.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, cast

from hotline.dialog.city import City
from hotline.dialog.effects import giving_back
from hotline.dialog.log import (
    AgentDid,
    Attempt,
    Caller,
    Entry,
    Event,
    Failed,
    Keys,
    Resumed,
    Silence,
    Speech,
    Start,
    Then,
    Transferred,
    Turn,
    effective,
    without_last_answer,
)
from hotline.dialog.phrasing import label, menu
from hotline.dialog.player import Perform, Player, Scripts, Waiting
from hotline.dialog.prompts import SLOWER, Prompts, Utterance
from hotline.dialog.steps import Ask, Effect, End, HandOff, Meaning
from hotline.dialog.understanding import Decision, Understanding, Understood
from hotline.terms import BERLIN

log = logging.getLogger(__name__)

CONFIRM = Ask("confirm")
"""The question behind "Meinten Sie …?"."""

BACK = Meaning("back")

COMMANDS = frozenset({"repeat", "wait", "help", "agent", "goodbye", "back"})
"""Intents that work at every question."""

FAILURES = 3
"""The failure with which a human takes over; before it come a shorter question and the keypad menu."""

ERRORS = 3
"""With so many errors of ours a call ends, if the last came on the way to a human: nothing works any more."""

MakeScripts = Callable[[Caller, City, dt.datetime], Scripts]
"""Makes the scripts of a call from the caller, the city, and the time at which the call began."""


class Conversation:
    """The conversation of one call, new or resumed.

    :param turns: the log so far; empty for a new call. A log that does not fit the scripts is no error: the
        next turn hands the call to a human.
    """

    def __init__(
        self,
        scripts: MakeScripts,
        understanding: Understanding,
        prompts: Prompts,
        city: City,
        turns: Iterable[Turn] = (),
    ) -> None:
        self.understanding = understanding
        self.turns = list(turns)
        self._make_scripts = scripts
        self._prompts = prompts
        self._city = city
        self._attempt = self.turns[-1].attempt if self.turns else Attempt()
        self._over = False
        self._today = dt.date.min
        self._said: list[Utterance] = []
        self._player: Player | None = None
        self._mismatch = False
        if self.turns:
            try:
                self._player = self._replay(effective(self.turns), None)
            except Exception:  # LogMismatch, or whatever the scripts make of what is no longer so.
                log.exception("the log does not fit the scripts; the call goes to a human")
                self._mismatch = True
                self._player = self._replay([], None)
            self._over = self.turns[-1].then == "hang_up"
        self._scripts_outcome = dict(self._player.scripts.outcome) if self._player else {}

    @property
    def step(self) -> Waiting:
        """What the conversation waits for: an answer, the end of a hand-off, or nothing (it is over)."""
        if self._over or self._player is None:
            return End()
        if self._attempt.confirming:
            return CONFIRM
        return self._player.step

    @property
    def last(self) -> Turn | None:
        """The last turn, if there is one."""
        return self.turns[-1] if self.turns else None

    @property
    def handed_off(self) -> int | None:
        """The number of the turn with which the call was handed to a human, while it is."""
        if not self.turns or self.turns[-1].then != "hand_off":
            return None
        return next(turn.number for turn in reversed(self.turns) if not isinstance(turn.event, AgentDid))

    @property
    def scripts(self) -> Scripts | None:
        """The scripts as they stand, which know what the call is about; ``None`` before it has begun."""
        return self._player.scripts if self._player else None

    @property
    def keypad(self) -> bool:
        """Whether the call goes by keypad alone."""
        return self._attempt.keypad

    def advance(self, event: Event, at: dt.datetime, perform: Perform) -> Turn:
        """Take in an event, and return the turn that says what to answer.

        An error of ours on the way hands the call to a human; the log says why.

        :param perform: performs the effects of the scripts.
        """
        number = len(self.turns)
        self._today = at.astimezone(BERLIN).date()
        count = 0

        def keyed(effect: Effect[Any], _name: str) -> Any:
            nonlocal count
            count += 1
            return perform(effect, f"{number}.{count}")

        attempt = self._attempt
        try:
            return self._advance(event, at, keyed)
        except Exception:
            log.exception("turn %d failed; the call goes to a human", number)
        self._attempt = attempt
        if not self.turns and not isinstance(event, Start):
            event = Start(Caller())
        self._player = self._replay(effective(self.turns), None) if self.turns else None
        return self._advance(Failed("error", event if isinstance(event, Start) else None), at, keyed)

    def _advance(self, event: Event, at: dt.datetime, perform: Perform) -> Turn:
        ask = self.step
        understood: Understood | None = None
        self._said = []
        base = len(self._player.entries) if self._player else 0
        undo = False
        if self._mismatch:
            base = 0
            self._mismatch = False
            self._send(Entry("restart", "log_mismatch"), perform)
            return self._record(event, at, ask, None, base, undo=False)
        match event:
            case Start():
                self._attempt = Attempt(keypad=event.keypad)
                self._player = self._begin(event, at)
                self._player.begin([], perform)
                self._answer_with_step()
            case Resumed():
                self._resume(keypad=event.keypad)
            case Transferred():
                if isinstance(ask, HandOff):
                    self._send(Entry("transferred", ask.reason, event.outcome), perform)
            case Failed():
                if self._player is None:
                    self._player = self._begin(event.start or Start(Caller()), at)
                    self._player.begin([], None)
                errors = 1 + sum(isinstance(turn.event, Failed) for turn in self.turns)
                if errors >= ERRORS and self._player.looking_for_human:
                    self._speak("call_again_later")
                    self._over = True
                else:
                    self._send(Entry("interrupt", event.reason), perform)
            case Silence():
                self._missed("silence", perform)
            case AgentDid():
                pass
            case Speech() | Keys():
                self._attempt = replace(self._attempt, heard=True)
                if isinstance(ask, Ask):
                    understood = self._understand(ask, event)
                    if self._goes_back(understood):
                        base, undo = self._undo(perform)
                    else:
                        self._take(understood, perform)
        return self._record(event, at, ask, understood, base, undo=undo)

    def _understand(self, ask: Ask, event: Speech | Keys) -> Understood:
        if isinstance(event, Speech):
            return self.understanding.words(ask, event.words, self._today)
        return self.understanding.keys(ask, event.keys)

    def _goes_back(self, understood: Understood) -> bool:
        """Tell whether the caller says "zurück", or yes to "Meinten Sie: zurück?"."""
        confirmed = self._attempt.confirming == BACK and understood.meaning == Meaning("yes")
        return understood.decision is Decision.ACCEPT and (understood.meaning == BACK or confirmed)

    def _take(self, understood: Understood, perform: Perform) -> None:
        """Act on an answer that was understood, half understood, or not."""
        meaning = understood.meaning
        confirming = self._attempt.confirming
        if understood.decision is Decision.REJECT or meaning is None:
            self._missed("no_match", perform)
        elif understood.decision is Decision.CONFIRM and not confirming:
            self._attempt = replace(self._attempt, confirming=meaning)
            self._speak("confirm.ask", {"label": self._label(meaning)})
        elif meaning.intent in COMMANDS:
            self._command(meaning.intent, perform)
        elif confirming:
            self._attempt = replace(self._attempt, confirming=None)
            if meaning.intent != "yes":
                self._missed("no_match", perform)
            elif confirming.intent in COMMANDS:
                self._command(confirming.intent, perform)
            else:
                self._answer(confirming, perform)
        else:
            self._answer(meaning, perform)

    def _command(self, intent: str, perform: Perform) -> None:
        match intent:
            case "repeat":
                pace = SLOWER if self._attempt.repeats else 1.0
                self._attempt = replace(self._attempt, repeats=self._attempt.repeats + 1)
                self._said += [replace(one, pace=pace) for one in self.turns[-1].said]
            case "wait":
                self._speak("take_your_time")
            case "help":
                self._ask_again("help")
            case "goodbye":
                self._speak("goodbye")
                self._over = True
            case "agent" if not self._player or not self._player.looking_for_human:
                self._send(Entry("interrupt", "asked"), perform)
            case "agent":
                self._speak("nobody_yet")
                self._ask_again("short")
            case _:
                self._ask_again("short")

    def _answer(self, meaning: Meaning, perform: Perform) -> None:
        assert self._player  # noqa: S101
        assert isinstance(self._player.step, Ask)  # noqa: S101
        self._send(Entry("answer", self._player.step.question, [meaning.intent, meaning.value]), perform)

    def _send(self, entry: Entry, perform: Perform) -> None:
        assert self._player  # noqa: S101
        self._attempt = Attempt(heard=self._attempt.heard, keypad=self._attempt.keypad)
        self._player.send(entry, perform)
        self._answer_with_step()

    def _missed(self, how: str, perform: Perform) -> None:
        """Ask again after silence or something that was not understood; in the end find a human."""
        failures = self._attempt.failures + 1
        self._attempt = replace(self._attempt, failures=failures, confirming=None, repeats=0)
        if failures < FAILURES:
            self._speak(f"{how}_{failures}")
            self._ask_again("short" if failures == 1 else "menu")
        elif not self._attempt.heard:
            self._speak("nothing_heard")
            self._over = True
        elif self._player and self._player.looking_for_human:
            self._send(Entry("gave_up", how), perform)
        else:
            self._send(Entry("interrupt", how), perform)

    def _resume(self, *, keypad: bool) -> None:
        """Say again all that was said last: the line may have broken before it was heard."""
        self._attempt = replace(self._attempt, keypad=keypad)
        self._speak("keypad_mode" if keypad else "resumed")
        self._said += [one for one in self.turns[-1].said if one.prompt not in {"keypad_mode", "resumed"}]
        ask = self.step
        if keypad and isinstance(ask, Ask) and self._said[-1].prompt != f"{ask.question}.menu":
            self._pose(ask, "menu")

    def _undo(self, perform: Perform) -> tuple[int, bool]:
        """Take the last answer back, if there is one; return how many entries remain, and whether it was."""
        assert self._player  # noqa: S101
        entries = self._player.entries
        if self._attempt.confirming not in (None, BACK):
            # What "Meinten Sie …?" asks about is no answer yet.
            self._attempt = replace(self._attempt, confirming=None)
            self._speak("back")
            self._ask_again("ask")
            return len(entries), False
        remaining = without_last_answer(entries)
        if len(remaining) == len(entries):
            self._speak("back_impossible")
            self._ask_again("ask")
            return len(entries), False
        self._attempt = Attempt(heard=True, keypad=self._attempt.keypad)
        for release in giving_back(entries[len(remaining) :]):
            perform(release, release.name)
        self._player = self._replay(remaining, perform)
        self._speak("back")
        self._answer_with_step()
        return len(remaining), True

    def _ask_again(self, variant: str) -> None:
        step = self._player.step if self._player else End()
        if isinstance(step, Ask):
            if self._attempt.confirming and variant == "help":
                self._pose(CONFIRM, "help")
                self._speak("confirm.ask", {"label": self._label(self._attempt.confirming)})
                return
            self._attempt = replace(self._attempt, confirming=None)
            self._pose(step, variant)

    def _answer_with_step(self) -> None:
        """Say what the scripts said, and pose the question they wait for."""
        assert self._player  # noqa: S101
        for step in self._player.said:
            self._speak(step.prompt, step.values)
        if isinstance(self._player.step, Ask):
            self._pose(self._player.step, "ask")

    def _pose(self, ask: Ask, variant: str) -> None:
        """Say a question in one of its ways; by keypad alone, the keys always follow."""
        values = {**ask.values, "options": menu(ask.options)}
        self._speak(f"{ask.question}.{variant}", values)
        if variant == "help" or (self._attempt.keypad and variant != "menu"):
            menu_too = self._prompts.render(f"{ask.question}.menu", values)
            if menu_too.text != self._said[-1].text:
                self._said.append(menu_too)

    def _speak(self, prompt: str, values: Mapping[str, str] | None = None) -> None:
        self._said.append(self._prompts.render(prompt, values or {}))

    def _label(self, meaning: Meaning) -> str:
        assert self._player  # noqa: S101
        ask = cast("Ask", self._player.step)
        return label(meaning, self._city, self.understanding.labels(ask), self._today)

    def _begin(self, start: Start, at: dt.datetime) -> Player:
        return Player(self._make_scripts(start.caller, self._city, at))

    def _replay(self, entries: Iterable[Entry], perform: Perform | None) -> Player:
        first = self.turns[0]
        event = first.event.start if isinstance(first.event, Failed) else first.event
        player = self._begin(event if isinstance(event, Start) else Start(Caller()), first.at)
        player.begin(entries, perform)
        return player

    def _record(
        self,
        event: Event,
        at: dt.datetime,
        ask: Waiting,
        understood: Understood | None,
        base: int,
        *,
        undo: bool,
    ) -> Turn:
        assert self._player  # noqa: S101
        then: Then = "listen"
        if isinstance(self.step, HandOff):
            then = "hand_off"
        elif isinstance(self.step, End):
            then = "hang_up"
        turn = Turn(
            number=len(self.turns),
            at=at,
            event=event,
            question=ask.question if isinstance(ask, Ask) else None,
            decision=understood.decision if understood else None,
            confidence=understood.confidence if understood else None,
            meaning=understood.meaning if understood else None,
            undo=undo,
            entries=tuple(self._player.entries[base:]),
            said=tuple(self._said),
            then=then,
            attempt=self._attempt,
            outcome=self._outcome(event),
        )
        self.turns.append(turn)
        self._scripts_outcome = dict(self._player.scripts.outcome)
        return turn

    def _outcome(self, event: Event) -> dict[str, Any]:
        """Return what has come of the call: the last word counts, be it the scripts' or a human's."""
        assert self._player  # noqa: S101
        if isinstance(event, AgentDid) and event.outcome is not None:
            return dict(event.outcome)
        scripts = dict(self._player.scripts.outcome)
        return scripts if not self.turns or scripts != self._scripts_outcome else self.turns[-1].outcome
