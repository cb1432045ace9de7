"""Plots as SVG, without a library: bars, lines and a calibration curve."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from hotline.evaluation.scoring import figures

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from hotline.evaluation.scoring import Figures, Scored

_OUTCOMES = (
    ("right", "richtig", "#2a7f4f"),
    ("asked_back", "richtig, nachgefragt", "#9fd3b5"),
    ("asked_wrong", "falsch, nachgefragt", "#f2c879"),
    ("rejected", "nicht verstanden", "#b9bdc4"),
    ("wrong", "falsch genommen", "#c0392b"),
)
_LINES = ("#1f6fb2", "#c0392b", "#2a7f4f", "#8e5ea2", "#d08c2b", "#4c4c4c", "#17a2a2", "#9a6b4f")
_LEFT, _WIDTH = 260, 620
_BINS = 10


def outcomes(bars: Mapping[str, Figures]) -> str:
    """Return stacked bars: what became of the answers."""
    parts, height = [_legend([(label, colour) for _, label, colour in _OUTCOMES])], 56
    for label, one in bars.items():
        parts.append(f'<text x="{_LEFT - 8}" y="{height + 14}" text-anchor="end">{html.escape(label)}</text>')
        x = float(_LEFT)
        for field, meaning, colour in _OUTCOMES:
            share = getattr(one, field) or 0.0
            title = f"<title>{html.escape(label)}: {meaning} {100 * share:.1f} %</title>"
            width = share * _WIDTH
            place = f'x="{x:.1f}" y="{height}" width="{width:.1f}" height="18"'
            parts.append(f'<rect {place} fill="{colour}">{title}</rect>')
            x += width
        right = 100 * (one.right or 0)
        parts.append(f'<text x="{_LEFT + _WIDTH + 8}" y="{height + 14}">{right:.0f} %</text>')
        height += 24
    return _svg(_LEFT + _WIDTH + 70, height + 4, parts)


def by_condition(scored: Sequence[Scored], name: Callable[[str], str]) -> str:
    """Return a line for each group: the share that is not right at the first try, by condition."""
    conditions = list(dict.fromkeys(one.condition for one in scored))
    groups = list(dict.fromkeys(one.item.group for one in scored if one.expected is not None))
    step = _WIDTH / max(1, len(conditions) - 1)
    parts = _axes(lambda share: f"{100 * share:.0f} %")
    for at, condition in enumerate(conditions):
        x = round(60 + step * at)
        turned = f'transform="rotate(-30 {x} 292)"'
        parts.append(f'<text x="{x}" y="292" text-anchor="end" {turned}>{html.escape(condition)}</text>')
    for group, colour in zip(groups, _LINES * 9, strict=False):
        points = []
        for at, condition in enumerate(conditions):
            one = figures(x for x in scored if x.item.group == group and x.condition == condition)
            if one.right is not None:
                points.append(f"{60 + step * at:.1f},{270 - 250 * (1 - one.right):.1f}")
        parts.append(
            f'<polyline points="{" ".join(points)}" fill="none" stroke="{colour}" stroke-width="2"/>'
        )
    legend = [(name(group), colour) for group, colour in zip(groups, _LINES * 9, strict=False)]
    parts.append(f'<g transform="translate(0 372)">{_legend(legend)}</g>')
    return _svg(_WIDTH + 120, 440, parts)


def calibration(scored: Sequence[Scored]) -> str:
    """Return how often a meaning is right, by its confidence; a calibrated ear is on the diagonal."""
    sure = [
        (one.turn.understood.confidence, one.right_meaning) for one in scored if one.turn.understood.meaning
    ]
    parts = _axes(lambda share: f"{100 * share:.0f} %")
    parts.append(f'<line x1="60" y1="270" x2="{60 + _WIDTH}" y2="20" stroke="#999" stroke-dasharray="4"/>')
    points = []
    for number in range(_BINS):
        low, high = number / _BINS, (number + 1) / _BINS
        inside = [right for confidence, right in sure if low <= confidence < high or confidence == high == 1]
        x = 60 + _WIDTH * (low + high) / 2
        label = f'<text x="{x:.0f}" y="288" text-anchor="middle">{high:.1f}</text>'
        parts.append(label)
        if inside:
            y = 270 - 250 * sum(inside) / len(inside)
            points.append(f"{x:.1f},{y:.1f}")
            title = f"<title>{len(inside)} Antworten, {100 * sum(inside) / len(inside):.0f} % richtig</title>"
            size = 3 + 9 * (len(inside) / max(1, len(sure))) ** 0.5
            parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size:.1f}" fill="#1f6fb2">{title}</circle>')
    parts.append(f'<polyline points="{" ".join(points)}" fill="none" stroke="#1f6fb2" stroke-width="2"/>')
    parts.append('<text x="60" y="308">Sicherheit der Antwort, und wie oft die Bedeutung stimmt</text>')
    return _svg(_WIDTH + 120, 316, parts)


def _axes(label: Callable[[float], str]) -> list[str]:
    parts = []
    for share in (0, 0.25, 0.5, 0.75, 1):
        y = 270 - 250 * share
        parts.append(f'<line x1="60" y1="{y}" x2="{60 + _WIDTH}" y2="{y}" stroke="#ddd"/>')
        parts.append(f'<text x="52" y="{y + 4}" text-anchor="end">{label(share)}</text>')
    return parts


def _legend(entries: Sequence[tuple[str, str]]) -> str:
    parts, x, y = [], 10, 6
    for label, colour in entries:
        if x + 7 * len(label) > _WIDTH:
            x, y = 10, y + 22
        parts.append(f'<rect x="{x}" y="{y}" width="14" height="14" fill="{colour}"/>')
        parts.append(f'<text x="{x + 20}" y="{y + 12}">{html.escape(label)}</text>')
        x += 44 + 7 * len(label)
    return "".join(parts)


def _svg(width: int, height: int, parts: Sequence[str]) -> str:
    return f'<svg viewBox="0 0 {width} {height}" width="{width}" role="img">{"".join(parts)}</svg>'
