"""The pictures of the evidence page: what happened when in a drill, on one line of time. Inline SVG, with its words for whoever does not see it."""

from dataclasses import dataclass

from runbook.evidence.store import Evidence, Span
from runbook.site.escape import html

LEFT, WIDE, ROW = 5, 370, 30


@dataclass
class Picture:
    """The inside of an SVG, its height, and the same in words."""

    parts: list[str]
    height: int
    says: str


def steps_alone(it: Evidence) -> Picture:
    """Evidence from before drills kept their course: the steps one after the other, without what lay between."""
    total = sum(step.median for step in it.steps) or 1
    parts, begins = [], 0.0
    for i, step in enumerate(it.steps):
        parts += _row(
            6 + i * ROW,
            step.id,
            f"{seconds(step.median)}, worst {seconds(step.worst)}",
            [Span(begin=begins, end=begins + step.median)],
            0.0,
            total,
        )
        begins += step.median
    return Picture(
        parts,
        6 + len(it.steps) * ROW,
        f"{len(it.steps)} steps in {seconds(it.machine)} of machine time; worst gap {seconds(it.gap_worst)}.",
    )


def course(it: Evidence) -> Picture:
    """The run with the longest gap: the fault, the gap and each step where it was."""
    ran = it.course
    first = min(0.0, ran.gap.begin)
    total = max([ran.gap.end, *(step.end for step in ran.steps), *([ran.fault.end] if ran.fault else [])]) - first or 1
    rows: list[tuple[str, str, list[Span], str]] = (
        [(f"fault: {it.fault or 'none'}", f"from {_at(ran.fault.begin)}", [ran.fault], "solid")] if ran.fault else []
    )
    rows.append(
        ("protection gap", f"{seconds(ran.gap.end - ran.gap.begin)} from {_at(ran.gap.begin)}", [ran.gap], "gap")
    )
    for name in dict.fromkeys(step.id for step in ran.steps):
        spans = [step for step in ran.steps if step.id == name]
        rows.append(
            (name, f"{seconds(sum(step.end - step.begin for step in spans))} from {_at(spans[0].begin)}", spans, "good")
        )
    parts = []
    for i, (name, says, spans, css) in enumerate(rows):
        # The gap stands behind every step, so that one sees during which of them it was.
        parts += _bars(6 + i * ROW + 12, 10, [ran.gap], first, total, "gap") if css == "good" else []
        parts += _row(6 + i * ROW, name, says, spans, first, total, css)
    words = "; ".join(f"{name}, {says}" for name, says, _, _ in rows)
    return Picture(parts, 6 + len(rows) * ROW, f"{words}. The whole: {seconds(total)}.")


def _row(y: int, name: str, says: str, spans: list, first: float, total: float, css: str = "good") -> list[str]:
    """One line: its name, its figures, and bars where something was."""
    parts = [
        f'<text class="left" x="{LEFT}" y="{y + 9}">{html(shortened(name, 62 - len(says)))}</text><text class="right" x="{LEFT + WIDE}" y="{y + 9}">{html(says)}</text><rect class="track" x="{LEFT}" y="{y + 13}" width="{WIDE}" height="8"/>'
    ]
    return parts + _bars(y + 13, 8, spans, first, total, css)


def _bars(y: int, high: int, spans: list, first: float, total: float, css: str) -> list[str]:
    """Rectangles on the line of time; narrow ones stay visible, and inside of the picture."""
    bars = []
    for span in spans:
        wide = max(WIDE * (span.end - span.begin) / total, 1.5)
        x = min(LEFT + WIDE * (span.begin - first) / total, LEFT + WIDE - wide)
        bars.append(f'<rect class="{css}" x="{x:.1f}" y="{y}" width="{wide:.1f}" height="{high}"/>')
    return bars


def shortened(text: str, most: int) -> str:
    """A text that fits beside its figures; the whole one stands above the picture."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _at(moment: float) -> str:
    """A moment of the run: `+ 1.2 s`."""
    return f"{'-' if moment < -0.05 else '+'} {abs(moment):.1f} s"


def seconds(number: float) -> str:
    """Two significant digits are enough: `0.0052 s` is 5 ms, and no reader acts on more."""
    return f"{number * 1000:.0f} ms" if number < 0.1 else f"{number:.1f} s"
