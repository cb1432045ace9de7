"""Shows figures: as a table, as JSON, and as a page to look at."""

from __future__ import annotations

import html
from itertools import groupby
from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE
from rich.table import Table

from hotline.evaluation import plots
from hotline.evaluation.scoring import figures

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hotline.evaluation.scoring import Figures, Scored

Cell = tuple[str, str, str, str]
"""Model, condition, source, group."""

ALL = "alle"
_NAMES = {
    "yes_no": "ja / nein",
    "choice": "eine von vier",
    "digit": "einzelne Ziffer",
    "service": "Anliegen",
    "when": "Tag, Datum, Zeit",
    "where": "Bezirk, Standort",
    "wish": "Angebot und Wünsche",
    "number": "Ziffernfolgen",
    "no_number": "keine Nummer",
    "aside": "nach anderem Gerede",
    "reject": "keine Antwort",
    ALL: "alle",
}
GOALS = {
    **{"yes_no": 0.98, "choice": 0.98, "digit": 0.97, "service": 0.95},
    **{"when": 0.93, "where": 0.93, "number": 0.95},
}
"""Shares that ought to be right at the first try, with noise at 20 dB; of digit strings, the digits."""
_SOURCES = {"synthetic": "synthetisch", "real": "echt"}
HEADINGS = (
    "Zahl", "richtig", "gefragt", "nicht", "falsch", "Ziffern", "keine", "genommen", "Wortfehler", "gekappt",
    "zu lang", "ms", "RTF",
)  # fmt: skip
"""The columns after group, source, condition and model."""


def cells(scored: Iterable[Scored]) -> dict[Cell, Figures]:
    """Return the figures by model, condition, source and group, and of all groups together."""
    by: dict[Cell, list[Scored]] = {}
    for one in scored:
        for group in (one.item.group, ALL):
            by.setdefault((one.model, one.condition, one.item.source, group), []).append(one)
    order = list(_NAMES)
    known = sorted(
        by, key=lambda cell: (order.index(cell[3]) if cell[3] in order else len(order), cell[3], cell[2])
    )
    return {cell: figures(by[cell]) for cell in known}


def name(group: str) -> str:
    """Return a group's German name."""
    return _NAMES.get(group, group)


def values(one: Figures) -> list[str]:
    """Return the figures as they are shown, in the order of :data:`HEADINGS`."""
    asked = None if one.asked_back is None or one.asked_wrong is None else one.asked_back + one.asked_wrong
    shares = (one.right, asked, one.rejected, one.wrong, one.digits_right)
    return [
        str(one.answers or "–"),
        *map(_percent, shares),
        str(one.no_answers or "–"),
        _percent(one.no_answers_taken),
        *map(_percent, (one.word_error, one.cut_off, one.waited)),
        "–" if one.latency_ms is None else f"{one.latency_ms:.0f}",
        f"{one.real_time_factor:.3f}",
    ]


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f} %".replace(".", ",")


def table(scored: Sequence[Scored]) -> Table:
    """Return the figures as a table for the terminal."""
    shown = cells(scored)
    models = {cell[0] for cell in shown}
    result = Table(box=SIMPLE, padding=(0, 1, 0, 0))
    for heading in ("Frage", "Stimmen", "Bedingung", *(["Modell"] if len(models) > 1 else [])):
        result.add_column(heading, no_wrap=True)
    for heading in ("Ziel", *HEADINGS):
        result.add_column(heading, justify="right", no_wrap=True)
    for group, members in groupby(shown.items(), key=lambda pair: pair[0][3]):
        for (model, condition, source, _), one in members:
            first = [name(group), _SOURCES.get(source, source), condition]
            goal = _percent(GOALS[group]) if group in GOALS and one.answers else ""
            result.add_row(*first, *([model] if len(models) > 1 else []), goal, *values(one))
        result.add_section()
    return result


def as_json(scored: Sequence[Scored]) -> dict[str, Any]:
    """Return figures and single turns as plain data."""
    return {
        "figures": [
            {"model": model, "condition": condition, "source": source, "group": group, **one.as_json()}
            for (model, condition, source, group), one in cells(scored).items()
        ],
        "turns": [
            {
                "file": one.item.key,
                "speaker": one.item.speaker,
                "source": one.item.source,
                "group": one.item.group,
                "question": one.item.question,
                "condition": one.condition,
                "model": one.model,
                "said": one.item.text,
                "heard": one.turn.text,
                "outcome": one.outcome.value if one.expected else f"no answer: {one.outcome.value}",
                "confidence": one.turn.understood.confidence,
                "state": one.turn.state.value,
                "speech_end_ms": one.speech_end_ms,
                "ended_ms": one.turn.ended_ms,
            }
            for one in scored
        ],
    }


def page(scored: Sequence[Scored], title: str) -> str:
    """Return a page with plots and tables, in one file."""
    shown = cells(scored)
    conditions = list(dict.fromkeys(one.condition for one in scored))
    parts = [f"<!doctype html><html lang=de><meta charset=utf-8><title>{html.escape(title)}</title>{_STYLE}"]
    parts += [f"<h1>{html.escape(title)}</h1><p>{len(scored)} Antworten, {len(conditions)} Bedingungen.</p>"]
    for model in dict.fromkeys(one.model for one in scored):
        mine = [one for one in scored if one.model == model]
        parts.append(f"<h2>{html.escape(model)}</h2>")
        for source in dict.fromkeys(one.item.source for one in mine):
            bars = {
                f"{name(group)} · {condition}": one
                for (of, condition, voice, group), one in shown.items()
                if of == model and voice == source and one.answers and group != ALL
            }
            if bars:
                parts.append(f"<h3>Was aus Antworten wurde: {_SOURCES.get(source, source)}e Stimmen</h3>")
                parts.append(plots.outcomes(bars))
        if len(conditions) > 1:
            parts += ["<h3>Nicht auf Anhieb richtig, nach Bedingung</h3>", plots.by_condition(mine, name)]
        parts += ["<h3>Was eine Sicherheit wert ist</h3>", plots.calibration(mine)]
        parts += ["<h3>Verwechslungen</h3>", _confusions(shown, model, conditions)]
    parts += ["<h2>Alle Zahlen</h2>", _html_table(shown)]
    return "".join(parts)


def _html_table(shown: dict[Cell, Figures]) -> str:
    head = "".join(f"<th>{heading}" for heading in ("Frage", "Stimmen", "Bedingung", "Modell", *HEADINGS))
    rows = [
        "<tr>"
        + "".join(
            f"<td>{html.escape(text)}"
            for text in (name(group), _SOURCES.get(source, source), condition, model, *values(one))
        )
        for (model, condition, source, group), one in shown.items()
    ]
    return f"<table><tr>{head}{''.join(rows)}</table>"


def _confusions(shown: dict[Cell, Figures], model: str, conditions: Sequence[str]) -> str:
    rows = [
        f"<tr><td>{html.escape(condition)}<td>{html.escape(said)}<td>{html.escape(heard)}<td>{count}"
        for condition in conditions
        for (of, where, _, group), one in shown.items()
        if of == model and where == condition and group == ALL
        for said, heard, count in one.confusions
    ]
    return f"<table><tr><th>Bedingung<th>gesagt<th>gehört<th>Mal{''.join(rows)}</table>"


_STYLE = """<style>body{font:16px/1.5 system-ui,sans-serif;max-width:75rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;font-size:.85rem}td,th{padding:.2rem .6rem;border-bottom:1px solid #ccc;
text-align:right}td:nth-child(-n+3),th:nth-child(-n+3){text-align:left}svg{max-width:100%}
svg text{font:13px system-ui,sans-serif}</style>"""
