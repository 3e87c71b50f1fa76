"""Diagrams as inline SVG: no script, no request, colours from the page's style, names and numbers from the data.

Narrow on purpose (380 units): legible on a telephone without scrolling. Each has a title and a description.
The pictures stand in runbook/site/templates/*.svg.jinja; here is what they show.
"""

from decimal import Decimal

from markupsafe import Markup

from runbook.data.quantity import clock, plain
from runbook.diagnostics import MacroError
from runbook.site.macro_registry import macro
from runbook.site.macros.inline import InlineMacros
from runbook.site.templating import render

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
    def states_diagram(self) -> Markup:
        """The states of a slot and what moves it from one to the next; the numbers are explained below the picture."""
        states, transitions = [], []
        for key, state in self.catalog.system.states.items():
            if key not in PLACES:
                raise MacroError(
                    f"state {key} has no place in the diagram; add one to PLACES in runbook/site/macros/diagrams.py"
                )
            column, row = PLACES[key]
            states.append(
                (key, 10 + column * 128 + (column == 1) * 2, 12 + row * 64, "good" if state.guards else "box")
            )
        for number, transition in enumerate(self.catalog.system.transitions, 1):
            here = f"the transition {transition.from_} to {transition.to}"
            if (transition.from_, transition.to) not in ARROWS:
                raise MacroError(f"{here} has no arrow; add one to ARROWS in runbook/site/macros/diagrams.py")
            path, (x, y) = ARROWS[transition.from_, transition.to]
            transitions.append((number, path, x, y))
        legend = render(
            "states_legend.md.jinja", transitions=self.catalog.system.transitions, sentence=self.inline.sentence
        )
        return render("states_diagram.svg.jinja", states=states, transitions=transitions) + legend

    @macro("deployment_diagram")
    def deployment_diagram(self) -> Markup:
        """Hosts, slots, lease, state, broker and monitor."""
        system, rollout = self.catalog.system, self.catalog.rollout
        account = rollout.waves[0].accounts[0]
        home = rollout.accounts[account].host
        blue, green = system.slots
        return render(
            "deployment_diagram.svg.jinja",
            account=account,
            home=home,
            spare=next(name for name, host in rollout.hosts.items() if home in host.spare_of),
            blue=blue,
            green=green,
            daemon=system.names.daemon,
            broker=system.components["broker"].title,
            current=rollout.current,
            next=rollout.next,
        )

    @macro("clock_diagram")
    def clock_diagram(self, key: str) -> Markup:
        """Detection, decision, and each step of a procedure on one clock, with the slack at its end."""
        procedure = self.catalog.find("procedure", self.catalog.procedures, key)
        lasts = [("detect", self._seconds("detect.total"), "box"), ("decide", self._seconds("decide.total"), "box")]
        lasts += [
            (f"{number}. {step.title}", self._seconds(step.budget), "good")
            for number, step in enumerate(procedure.steps, 1)
        ]
        slack = self._seconds(procedure.budget) - sum(self._seconds(step.budget) for step in procedure.steps)
        lasts.append(("slack", slack, "dashed"))
        total = sum((seconds for _, seconds, _ in lasts), Decimal(0))
        scale, begins, rows = 350 / float(total), Decimal(0), []
        for name, seconds, css in lasts:
            x, wide = 15 + float(begins) * scale, max(float(seconds) * scale, 2)
            begins += seconds
            rows.append((name, f"{plain(seconds)} s, by {clock(begins)}", css, f"{x:.1f}", f"{wide:.1f}"))
        text = f"From the fault: detection, decision, then the steps of {procedure.title}; in all {clock(total)}."
        return render("clock_diagram.svg.jinja", key=key, title=procedure.title, text=text, rows=rows)

    @macro("handover_diagram")
    def handover_diagram(self) -> Markup:
        """Who enforces during a handover, from top to bottom."""
        return render("handover_diagram.svg.jinja", gap=self.catalog.thresholds["gap.handover"].value)

    @macro("waves_diagram")
    def waves_diagram(self) -> Markup:
        """The waves with their accounts and what lies between them."""
        waves = [
            (wave.title, ", ".join(wave.accounts), self.catalog.thresholds[wave.after].value)
            for wave in self.catalog.rollout.waves
        ]
        return render("waves_diagram.svg.jinja", waves=waves)

    def _seconds(self, threshold: str) -> Decimal:
        return self.catalog.thresholds[threshold].value.base
