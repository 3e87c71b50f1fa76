"""The pictures of the evidence page: what happened when in a drill, on one line of time; and the same in words.

The picture itself is runbook/site/templates/timeline.svg.jinja. Lengths are units of the picture, which is 380 wide.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from runbook.data.models.evidence import Evidence, Span

LEFT, WIDE, ROW = 5, 370, 30


@dataclass(frozen=True)
class Bar:
    """A stretch of time in a row."""

    x: str
    wide: str


@dataclass(frozen=True)
class Row:
    """One line of the picture: its name, its figures, and bars where something was."""

    y: int
    name: str
    says: str
    bars: list[Bar]
    css: str = "good"
    behind: list[Bar] = field(default_factory=list)
    """The gap, behind every step: so one sees during which of them it was."""


@dataclass(frozen=True)
class Picture:
    """The rows of a timeline, and the same in words."""

    rows: list[Row]
    says: str

    @property
    def height(self) -> int:
        """Of the whole picture."""
        return 6 + len(self.rows) * ROW


def steps_alone(evidence: Evidence) -> Picture:
    """Evidence from before drills kept their course: the steps one after the other, without what lay between."""
    total = sum(step.median for step in evidence.steps) or 1
    rows, begins = [], 0.0
    for i, step in enumerate(evidence.steps):
        span = Span(begin=begins, end=begins + step.median)
        says = f"{seconds(step.median)}, worst {seconds(step.worst)}"
        rows.append(Row(_y(i), _fitting(step.id, says), says, _bars([span], 0.0, total)))
        begins += step.median
    count, machine, gap = len(evidence.steps), seconds(evidence.machine), seconds(evidence.gap_worst)
    return Picture(rows, f"{count} steps in {machine} of machine time; worst gap {gap}.")


def course(evidence: Evidence) -> Picture:
    """The run with the longest gap: the fault, the gap and each step where it was."""
    ran = evidence.course
    assert ran is not None, "asked for the course of a drill that kept none"
    first = min(0.0, ran.gap.begin)
    ends = [ran.gap.end, *(step.end for step in ran.steps), *([ran.fault.end] if ran.fault else [])]
    total = max(ends) - first or 1
    lines: list[tuple[str, str, Sequence[Span], str]] = []
    if ran.fault:
        lines.append((f"fault: {evidence.fault or 'none'}", f"from {_at(ran.fault.begin)}", [ran.fault], "solid"))
    lines.append(
        ("protection gap", f"{seconds(ran.gap.end - ran.gap.begin)} from {_at(ran.gap.begin)}", [ran.gap], "gap")
    )
    for name in dict.fromkeys(step.id for step in ran.steps):
        spans = [step for step in ran.steps if step.id == name]
        took = sum(step.end - step.begin for step in spans)
        lines.append((name, f"{seconds(took)} from {_at(spans[0].begin)}", spans, "good"))
    gap = _bars([ran.gap], first, total)
    rows = [
        Row(_y(i), _fitting(name, says), says, _bars(spans, first, total), css, gap if css == "good" else [])
        for i, (name, says, spans, css) in enumerate(lines)
    ]
    words = "; ".join(f"{name}, {says}" for name, says, _, _ in lines)
    return Picture(rows, f"{words}. The whole: {seconds(total)}.")


def _y(row: int) -> int:
    return 6 + row * ROW


def _bars(spans: Sequence[Span], first: float, total: float) -> list[Bar]:
    """Bars on the line of time; narrow ones stay visible, and inside of the picture."""
    bars = []
    for span in spans:
        wide = max(WIDE * (span.end - span.begin) / total, 1.5)
        x = min(LEFT + WIDE * (span.begin - first) / total, LEFT + WIDE - wide)
        bars.append(Bar(f"{x:.1f}", f"{wide:.1f}"))
    return bars


def _fitting(name: str, says: str) -> str:
    """A name that fits beside its figures; the whole one stands above the picture."""
    most = 62 - len(says)
    return name if len(name) <= most else name[: most - 1].rstrip() + "…"


def _at(moment: float) -> str:
    """A moment of the run: `+ 1.2 s`."""
    return f"{'-' if moment < -0.05 else '+'} {abs(moment):.1f} s"


def seconds(number: float) -> str:
    """Two significant digits are enough: `0.0052 s` is 5 ms, and no reader acts on more."""
    return f"{number * 1000:.0f} ms" if number < 0.1 else f"{number:.1f} s"
