"""Diagrams as inline SVG: no script, no request, colours from the page's style, names and numbers from the data.

Narrow on purpose (380 units): legible on a telephone without scrolling. Each has a title and a description.
"""

from runbook.data.quantity import clock, plain
from runbook.diagnostics import MacroError
from runbook.site.escape import html, md
from runbook.site.macro_registry import macro
from runbook.site.macros.inline import InlineMacros

WIDTH = 380
# Where a state stands: column, row. What is drawn is data/system.yml; this is only its place on the paper.
PLACES = {
    "stopped": (1, 0),
    "starting": (1, 1),
    "failed": (2, 1),
    "standby": (1, 2),
    "draining": (0, 3),
    "active": (1, 3),
    "degraded": (2, 3),
    "halted": (1, 4),
}
# How an arrow runs: its path, and where its number stands.
ARROWS = {
    ("stopped", "starting"): ("M190 44 V76", (190, 60)),
    ("starting", "standby"): ("M190 108 V140", (190, 124)),
    ("starting", "failed"): ("M240 92 H268", (254, 92)),
    ("standby", "active"): ("M175 172 V204", (175, 188)),
    ("standby", "halted"): ("M145 165 C30 165 3 180 3 225 C3 285 80 284 140 284", (20, 276)),
    ("active", "draining"): ("M140 214 H112", (126, 214)),
    ("draining", "standby"): ("M60 204 C60 170 90 150 140 152", (72, 170)),
    ("draining", "active"): ("M112 228 H140", (126, 230)),
    ("active", "degraded"): ("M240 214 H268", (254, 214)),
    ("degraded", "active"): ("M268 228 H240", (254, 230)),
    ("active", "halted"): ("M180 236 V268", (180, 252)),
    ("halted", "active"): ("M205 268 V236", (205, 252)),
    ("halted", "draining"): ("M140 274 C100 270 70 262 64 238", (88, 264)),
    ("halted", "degraded"): ("M242 278 C280 274 296 262 300 238", (278, 268)),
    ("degraded", "halted"): ("M338 236 C336 280 300 292 244 292", (318, 278)),
    ("active", "failed"): ("M225 204 C250 170 290 150 310 110", (262, 166)),
}


class DiagramMacros:
    """Macros that give a whole figure."""

    def __init__(self, inline: InlineMacros):
        self.inline, self.catalog = inline, inline.catalog

    @macro("states_diagram")
    def states_diagram(self) -> str:
        """The states of a slot and what moves it from one to the next; the numbers are explained below the picture."""
        parts, legend = [], []
        for key in self.catalog.system.states:
            if key not in PLACES:
                raise MacroError(
                    f"state {key} has no place in the diagram; add one to PLACES in runbook/site/macros/diagrams.py"
                )
            column, row = PLACES[key]
            css = "good" if self.catalog.system.states[key].guards else "box"
            parts.append(_box(10 + column * 128 + (column == 1) * 2, 12 + row * 64, 102, 32, key, css=css))
        for number, it in enumerate(self.catalog.system.transitions, 1):
            if (it.from_, it.to) not in ARROWS:
                raise MacroError(
                    f"the transition {it.from_} to {it.to} has no arrow; add one to ARROWS in runbook/site/macros/diagrams.py"
                )
            path, (x, y) = ARROWS[it.from_, it.to]
            parts.append(f'<path class="arrow" d="{path}" marker-end="url(#tip-states)"/>')
            parts.append(
                f'<circle class="dot" cx="{x}" cy="{y}" r="7.5"/><text class="num" x="{x}" y="{y + 3.5}">{number}</text>'
            )
            legend.append(f"{number}. {md(it.from_)} → {md(it.to)}: {self.inline.sentence(it.when)}")
        figure = _figure(
            "states",
            318,
            "States of a slot",
            "The arrows are listed below. A thick border marks a state that guards the account.",
            parts,
        )
        return figure + "\n" + "\n".join(legend) + "\n"

    @macro("deployment_diagram")
    def deployment_diagram(self) -> str:
        """Hosts, slots, lease, state, broker and monitor."""
        names, plan = self.catalog.system.names, self.catalog.rollout
        home = plan.accounts[plan.waves[0].accounts[0]].host
        spare = next(name for name, host in plan.hosts.items() if home in host.spare_of)
        account = plan.waves[0].accounts[0]
        blue, green = self.catalog.system.slots
        parts = [
            _box(
                40,
                6,
                300,
                40,
                self.catalog.system.components["broker"].title,
                "orders, fills, positions: the witness that counts",
                "solid",
            ),
            _frame(6, 84, 368, 176, f"host {home}"),
            _box(20, 108, 158, 46, f"{names.daemon}@{account}:{blue}", f"active, {plan.current}", "good"),
            _box(202, 108, 158, 46, f"{names.daemon}@{account}:{green}", f"standby, {plan.next}", "box"),
            _box(20, 200, 100, 46, "lease", "who may write"),
            _box(140, 200, 100, 46, "state", "SQLite, WAL"),
            _box(260, 200, 100, 46, "backups", "with checksums"),
            _frame(6, 300, 176, 84, f"host {spare}"),
            _box(20, 324, 148, 46, "spare for this host", "releases, backup copies"),
            _frame(198, 300, 176, 84, "monitoring host"),
            _box(212, 324, 148, 46, "metrics, alerts", "and the broker's view"),
            _line("M99 108 V48", "tip-deployment"),
            _label(105, 72, "session, epoch", "start"),
            _line("M281 108 V48", "tip-deployment", "dashed"),
            _label(287, 72, "session, reads", "start"),
            _line("M70 154 V198", "tip-deployment"),
            _label(66, 180, "renews", "end"),
            _line("M240 154 C240 176 120 172 100 198", "tip-deployment", "dashed"),
            _label(252, 172, "waits for it", "start"),
            _line("M150 154 C160 170 170 180 176 198", "tip-deployment"),
            _label(184, 192, "writes", "start"),
            _line("M240 223 H258", "tip-deployment"),
            _line("M300 246 C300 280 110 270 104 322", "tip-deployment"),
            _label(128, 284, "copies", "start"),
            _line("M340 324 C340 300 367 300 367 270 V131 H362", "tip-deployment", "dashed"),
            _label(352, 284, "reads", "end"),
        ]
        text = f"One host with two slots of one account, both logged on to the broker; only {blue} holds the lease and writes the state. Backups are copied to the spare host; the monitor runs elsewhere and asks the broker too."
        return _figure("deployment", 392, "One account on its host", text, parts)

    @macro("clock_diagram")
    def clock_diagram(self, key: str) -> str:
        """Detection, decision, and each step of a procedure on one clock, with the protection gap marked below."""
        it = self.catalog.find("procedure", self.catalog.procedures, key)
        value = lambda name: self.catalog.thresholds[name].value.base  # noqa: E731
        rows = [("detect", value("detect.total"), "box"), ("decide", value("decide.total"), "box")]
        rows += [(f"{number}. {step.title}", value(step.budget), "good") for number, step in enumerate(it.steps, 1)]
        slack = value(it.budget) - sum(value(step.budget) for step in it.steps)
        rows.append(("slack", slack, "dashed"))
        total = sum(seconds for _, seconds, _ in rows)
        scale, parts, begins = 350 / float(total), [], 0
        for i, (name, seconds, css) in enumerate(rows):
            y = 8 + i * 34
            x, wide = 15 + float(begins) * scale, max(float(seconds) * scale, 2)
            parts.append(
                f'<text class="left" x="15" y="{y + 10}">{html(name)}</text><text class="right" x="365" y="{y + 10}">{plain(seconds)} s, by {clock(begins + seconds)}</text>'
            )
            parts.append(
                f'<rect class="track" x="15" y="{y + 15}" width="350" height="8"/><rect class="{css}" x="{x:.1f}" y="{y + 15}" width="{wide:.1f}" height="8"/>'
            )
            begins += seconds
        text = f"From the fault: detection, decision, then the steps of {it.title}; in all {clock(total)}."
        return _figure(f"clock-{key}", 8 + len(rows) * 34 + 6, f"{it.title}: the clock from the fault", text, parts)

    @macro("handover_diagram")
    def handover_diagram(self) -> str:
        """Who enforces during a handover, from top to bottom."""
        gap = self.catalog.thresholds["gap.handover"].value
        parts = [
            _box(10, 6, 104, 32, "old release", css="box"),
            _box(138, 6, 104, 32, "broker", css="solid"),
            _box(266, 6, 104, 32, "new release", css="box"),
            *(f'<path class="life" d="M{x} 38 V330"/>' for x in (62, 190, 318)),
            '<rect class="good" x="54" y="44" width="16" height="92"/><rect class="good" x="310" y="226" width="16" height="100"/>',
            _line("M70 60 H186", "tip-handover"),
            _label(128, 55, "orders, epoch n"),
            _line("M310 84 H194", "tip-handover", "dashed"),
            _label(252, 79, "logs on, reads"),
            _line("M70 118 H186", "tip-handover"),
            _label(128, 113, "last order confirmed"),
            _label(76, 150, "drains, saves, gives the lease away", "start"),
            '<rect class="gap" x="8" y="158" width="364" height="60"/>',
            f'<text class="strong" x="190" y="178">protection gap, at most {html(gap)}</text>',
            '<text class="mid" x="190" y="194">nobody enforces; stops at the broker stay</text>',
            '<text class="mid" x="190" y="209">events wait, by number</text>',
            _line("M310 238 H194", "tip-handover"),
            _label(252, 233, "epoch n + 1"),
            _line("M194 264 H308", "tip-handover"),
            _label(252, 259, "events since the gap"),
            _line("M310 290 H194", "tip-handover"),
            _label(252, 285, "unsure orders, same ids"),
            _line("M70 312 H186", "tip-handover", "dashed"),
            _label(128, 307, "stands by, reads"),
        ]
        text = "The old release confirms its last order, saves and gives the lease away. In the gap nobody enforces. The new release takes a higher epoch, asks for the events it missed, and repeats unsure orders under the same ids, which the broker refuses as duplicates if it has them."
        return _figure("handover", 338, "A handover, from top to bottom", text, parts)

    @macro("waves_diagram")
    def waves_diagram(self) -> str:
        """The waves with their accounts and what lies between them."""
        parts, y = [], 6
        for i, wave in enumerate(self.catalog.rollout.waves):
            parts.append(_box(60, y, 260, 44, wave.title, ", ".join(wave.accounts), "good" if i == 0 else "box"))
            after = self.catalog.thresholds[wave.after].value
            parts.append(_line(f"M190 {y + 44} V{y + 92}", "tip-waves"))
            parts.append(_label(200, y + 72, f"{'soak, verdict' if i == 0 else 'bake'}: {after}", "start"))
            y += 94
        parts.append(_box(60, y, 260, 32, "finished"))
        return _figure(
            "waves", y + 40, "From one account to all", "Each wave begins when the one before it has passed.", parts
        )


def _figure(name: str, height: int, title: str, text: str, parts: list[str]) -> str:
    tip = f'<defs><marker id="tip-{name}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path class="tip" d="M0 0 L8 4 L0 8 z"/></marker></defs>'
    body = "".join(parts)
    return (
        f'\n<figure class="diagram"><svg role="img" aria-labelledby="{name}-title {name}-text" viewBox="0 0 {WIDTH} {height}" xmlns="http://www.w3.org/2000/svg">'
        f'<title id="{name}-title">{html(title)}</title><desc id="{name}-text">{html(text)}</desc>{tip}{body}</svg><figcaption>{html(title)}</figcaption></figure>\n'
    )


def _box(x: int, y: int, wide: int, high: int, title: str, sub: str = "", css: str = "box") -> str:
    middle = y + high / 2 + (-3 if sub else 4)
    second = f'<text class="mid" x="{x + wide / 2}" y="{middle + 15}">{html(sub)}</text>' if sub else ""
    return f'<rect class="{css}" x="{x}" y="{y}" width="{wide}" height="{high}" rx="4"/><text class="strong" x="{x + wide / 2}" y="{middle}">{html(title)}</text>{second}'


def _frame(x: int, y: int, wide: int, high: int, title: str) -> str:
    return f'<rect class="frame" x="{x}" y="{y}" width="{wide}" height="{high}" rx="6"/><text class="left" x="{x + 8}" y="{y + 15}">{html(title)}</text>'


def _line(path: str, tip: str, css: str = "") -> str:
    return f'<path class="arrow {css}" d="{path}" marker-end="url(#{tip})"/>'


def _label(x: int, y: int, text: str, anchor: str = "middle") -> str:
    return f'<text class="label" data-print="label" x="{x}" y="{y}" text-anchor="{anchor}">{html(text)}</text>'
