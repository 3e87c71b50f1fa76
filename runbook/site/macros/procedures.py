"""Procedures, steps and scenarios: all that surrounds the commands."""

import re
from decimal import Decimal
from functools import cache, cached_property

from markupsafe import Markup

from runbook.data import time_budget
from runbook.data.models.procedures import Procedure, Step
from runbook.data.models.scenarios import Sight
from runbook.data.quantity import clock
from runbook.evidence.freshness import INTERVALS
from runbook.site.escape import code, md, shell
from runbook.site.macro_registry import macro
from runbook.site.macros.evidence import NOBODY, EvidenceWording
from runbook.site.macros.inline import ALERTS, CHAINS, CONTACTS, MESSAGES, InlineMacros
from runbook.site.markdown_parts import definition_list, lines, table
from runbook.site.templating import fill_inline, render

# A variable that a command reads, and one that it sets: `X=`, `for X in`, `read -r X`. `X="${X:?…}"` only checks it.
READS = re.compile(r"\$\{([A-Z_]+):\?")
SETS = re.compile(r'(?:^|[\s{(;&|])(?:for ([A-Z_]+) in\b|read -r ([A-Z_]+)\b|([A-Z_]+)=(?!"\$\{\3:\?))', re.M)

# A form with more fields would push the first step off the screen of a telephone.
FIELDS_SHOWN = 2


class ProcedureMacros:
    """Macros that stand alone at column 0 and give whole blocks of Markdown."""

    def __init__(self, inline: InlineMacros, proofs: EvidenceWording):
        self.inline, self.catalog, self.proofs = inline, inline.catalog, proofs
        self._wanted = cache(self._find_wanted)

    @macro("procedure")
    def procedure(self, key: str) -> str:
        """The head of a procedure: when, gap, who decides, the values; the first step follows at once."""
        procedure = self.catalog.find("procedure", self.catalog.procedures, key)
        return render(
            "procedure.md.jinja",
            key=key,
            procedure=procedure,
            budget=f"{self.catalog.thresholds[procedure.budget].value.base:f}",
            use_when=Markup(self.inline.sentence(procedure.use_when)),
            gap=Markup(self._gap(procedure)),
            decides=Markup(self._decides(procedure)),
            limit=Markup(self.inline.threshold(procedure.budget)),
            values=Markup(self._values_form(procedure)),
            example=" ".join(f"{name}={shell(self._example(procedure, name))}" for name in procedure.values),
            first=[Markup(self.inline.sentence(text)) for text in procedure.first],
        )

    def _decides(self, procedure: Procedure) -> str:
        """Who decides, with the way to all who may."""
        role = self.inline.role(procedure.decides)
        if procedure.act is None:
            return role
        return f"{role}; [who else]({CONTACTS}#act-{procedure.act.replace('_', '-')})"

    def _gap(self, procedure: Procedure) -> str:
        """How long nobody enforces, at most."""
        return f"at most {self.inline.threshold(procedure.gap)}" if procedure.gap else "none of its own"

    def _example(self, procedure: Procedure, variable: str) -> str:
        """What a variable looks like in this procedure."""
        return procedure.examples.get(variable, self.catalog.system.variables[variable].example)

    @macro("step")
    def step(self, key: str) -> str:
        """The heading of a step with its number, owner, budget and the clock at its end.

        Why the step before is there comes first: it stands below all that the page says of that step.
        """
        owner, number, step, ends = self.catalog.find("step", self._steps, key)
        count = len(self.catalog.procedures[owner].steps)
        meta = (
            f"{number} of {count} · {self.inline.role(step.by)} · within {self.inline.threshold(step.budget)}"
            f"{' for each account' if step.each else ''}, by {clock(ends)}{self.proofs.measured(key)}"
        )
        before = self.catalog.procedures[owner].steps[number - 2] if number > 1 else None
        return self._why(before) + render(
            "step.md.jinja",
            key=key,
            procedure=owner,
            number=number,
            step=step,
            budget=f"{self.catalog.thresholds[step.budget].value.base:f}",
            meta=Markup(meta),
            by_hand=Markup(self.inline.sentence(step.human)) if step.human else "",
            values=Markup(self.inline.pages.late.later(lambda: self._values_of(owner, key))),
        )

    def _why(self, step: Step | None) -> str:
        """Why a step is there, folded; nothing where nothing has taught it."""
        if step is None or step.why is None:
            return ""
        says, source = self.inline.sentence(step.why.says), self.inline.source(step.why.source)
        return render("why.md.jinja", says=Markup(says), source=Markup(source))

    def _values_of(self, procedure: str, step: str) -> str:
        """The attribute with the variables that the reader may fill in at a step; nothing when there are none."""
        names = self._wanted(procedure).get(step, [])
        return fill_inline("values_attribute.md.jinja", names=names) if names else ""

    def _find_wanted(self, procedure: str) -> dict[str, list[str]]:
        """The steps of a procedure, each with the variables that the reader may fill in there.

        A variable that a step has derived is left alone from then on: an entered value must not replace it.
        """
        found, derived = {}, set()
        for step in self.catalog.procedures[procedure].steps:
            block = self.inline.pages.blocks.get(step.id)
            if block is None:
                continue
            derived |= {name for match in SETS.findall(block.code) for name in match if name}
            reads = set(READS.findall(block.code))
            found[step.id] = [
                name for name in self.catalog.procedures[procedure].values if name in reads and name not in derived
            ]
        return found

    def _values_form(self, procedure: Procedure) -> str:
        """Where the variables of a procedure are entered: the first ones at once, the others folded."""
        named = {name: self.catalog.system.variables[name] for name in procedure.values}
        if not named:
            return ""
        shown = list(named)[:FIELDS_SHOWN]
        return render(
            "values_form.md.jinja",
            shown={name: named[name] for name in shown},
            folded={name: it for name, it in named.items() if name not in shown},
        )

    @macro("procedure_end")
    def procedure_end(self, key: str) -> str:
        """The end of a procedure: verify, tell, stop, record, END; then, folded, its frame and the budgets."""
        it = self.catalog.find("procedure", self.catalog.procedures, key)
        tell = "; ".join(
            f"[{md(self.catalog.messages[message].title)}]({MESSAGES}#message-{message})" for message in it.tell
        )
        close = [
            ("Verify", lines(self.inline.sentence(text) for text in it.verify)),
            ("Tell", tell or "nobody beyond those present"),
            ("Stop or escalate when", lines(self.inline.sentence(text) for text in it.stop_when)),
            ("Record", self.inline.sentence(it.record)),
        ]
        frame = [
            ("Who", f"{self.inline.role(it.by)}; decides: {self.inline.role(it.decides)}"),
            ("Access", "; ".join(self.inline.sentence(text) for text in it.access)),
            ("Budget", f"{self.inline.threshold(it.budget)}; the steps add up to {self._total(it)}"),
            ("Protection gap", self._gap(it)),
            ("Protection during the gap", self.inline.sentence(it.protects)),
            ("Last proven", self.proofs.headline(key)),
            ("Rehearsed by people", self.proofs.by_people(key)),
        ]
        return self._why(it.steps[-1]) + render(
            "procedure_end.md.jinja",
            title=it.title,
            close=definition_list(close),
            frame=definition_list(frame),
            budgets=self._budget_table(it),
        )

    def _budget_table(self, it: Procedure) -> Markup:
        """Each step with its budget and the clock; slack in the last row."""
        rows = []
        for step in it.steps:
            _, number, _, ends = self._steps[step.id]
            rows.append(
                [
                    f"{number}. [{md(step.title)}](#step-{step.id})",
                    self.inline.role(step.by),
                    self.inline.threshold(step.budget) + (" for each account" if step.each else ""),
                    clock(ends),
                ]
            )
        budget = self.catalog.thresholds[it.budget].value.base
        slack = budget - time_budget.length(self.catalog, it)
        rows.append(["Slack", "", f"{slack:f} seconds", clock(budget)])
        return table(["Step", "Owner", "Budget", "Clock"], rows, "budget")

    @macro("clock_sum")
    def clock_sum(self, *keys: str) -> str:
        """Detection, decision and rollback in the open, with the gap beside them, for one or more procedures."""
        detect, decide = (self.catalog.thresholds[name].value.base for name in ("detect.total", "decide.total"))
        rows = []
        for key in keys:
            it = self.catalog.find("procedure", self.catalog.procedures, key)
            total = detect + decide + self.catalog.thresholds[it.budget].value.base
            parts = [self.inline.threshold(name) for name in ("detect.total", "decide.total", it.budget)]
            together = f"{' + '.join(parts)} = **{clock(total)}**"
            rows.append(
                [
                    self.inline.procedure_link(key),
                    together,
                    self.inline.threshold(it.gap) if it.gap else "none of its own",
                    self.inline.sentence(it.protects),
                ]
            )
        headers = ["Path", "Detect + decide + roll back = in all", "Protection gap", "Protection during the gap"]
        return table(headers, rows, "clock")

    def _total(self, it: Procedure) -> str:
        return f"{clock(time_budget.length(self.catalog, it))} (minutes:seconds)"

    @cached_property
    def _steps(self) -> dict[str, tuple[str, int, Step, Decimal]]:
        """step id -> (procedure, number, step, seconds at its end)"""
        found = {}
        for name, it in self.catalog.procedures.items():
            ends = Decimal(0)
            for number, step in enumerate(it.steps, 1):
                ends += time_budget.step_length(self.catalog, step)
                found[step.id] = (name, number, step, ends)
        return found

    # -------------------------------------------------------------- scenarios

    def severity(self, key: str) -> str:
        """A severity by sign and word; never by colour alone."""
        it = self.catalog.find("severity", self.catalog.scenarios.severities, key)
        return fill_inline("severity.md.jinja", key=key, severity=it)

    @macro("scenario")
    def scenario(self, key: str) -> str:
        """The head of a scenario: severity, objectives, what one sees, impact, what to do now, whom to call."""
        it = self.catalog.find("scenario", self.catalog.scenarios.scenarios, key)
        severity = self.catalog.scenarios.severities[it.severity]
        seen = [self._sight(sight) for sight in it.see] + [self.alert(alert) for alert in self.catalog.alerts_of(key)]
        facts = [
            ("What you see", lines(seen)),
            ("Severity", f"{self.severity(it.severity)}: {self.inline.sentence(severity.means)}"),
            ("Objectives", f"RTO {self.inline.threshold(it.rto)}, RPO {self.inline.threshold(it.rpo)}"),
            (
                "Call",
                f"[the chain for {md(severity.title)}]({CHAINS}#chain-{severity.chain}); the "
                f"next person after {self.inline.threshold(severity.respond)} without an answer",
            ),
        ]
        return render(
            "scenario.md.jinja",
            now=self._sentence(it.now),
            severity=Markup(self.severity(it.severity)),
            impact=self._sentence(it.impact),
            definitions=definition_list(facts),
        )

    def _sight(self, sight: Sight) -> str:
        if sight.kind == "log":
            return f"log: {self.inline.log_line(sight.what)}"
        if sight.kind == "exit":
            number = int(sight.what)
            return f"exit code {self.inline.exit_code(number)}: {md(self.catalog.system.exits[number].name)}"
        return self.inline.sentence(sight.what)

    def alert(self, key: str) -> str:
        """`alert("TraderdDown")` -> the alert's name, linked to its row."""
        self.catalog.find("alert", self.catalog.alerts, key)
        return f"{self.inline.mark('alert', key)}alert [{code(key)}]({ALERTS}#alert-{key.lower()})"

    @macro("money_questions")
    def money_questions(self) -> str:
        """The questions before all others."""
        questions = self.catalog.scenarios.money
        return render("money_questions.md.jinja", questions=questions, sentence=self._sentence)

    @macro("triage")
    def triage(self) -> str:
        """What you see -> what to do now -> the procedure. A list, for a telephone."""
        scenarios = []
        for name, scenario in self.catalog.scenarios.scenarios.items():
            procedure = self.catalog.procedures[name]
            seen = [self._sight(sight) for sight in scenario.see] + [
                self.alert(alert) for alert in self.catalog.alerts_of(name)
            ]
            scenarios.append(
                (
                    f"/{procedure.page}#{name}",
                    procedure.title,
                    Markup(self.severity(scenario.severity)),
                    Markup(" · ".join(seen)),
                    self._sentence(scenario.now),
                )
            )
        money = self.catalog.scenarios.money[0]
        return render("triage.md.jinja", money=money, scenarios=scenarios, sentence=self._sentence)

    def _sentence(self, text: str) -> Markup:
        """A sentence from data/, for a template."""
        return Markup(self.inline.sentence(text))

    @macro("triage_exits")
    def triage_exits(self) -> str:
        """Exit code -> scenario."""
        rows = []
        for number, it in self.catalog.system.exits.items():
            found = [
                name
                for name, scenario in self.catalog.scenarios.scenarios.items()
                if any(sight.kind == "exit" and sight.what == str(number) for sight in scenario.see)
            ]
            if found:
                rows.append(
                    [
                        self.inline.exit_code(number),
                        md(it.name),
                        ", ".join(self.inline.procedure_link(name) for name in found),
                    ]
                )
        return table(["Exit code", "Meaning", "Go to"], rows, "exits")

    @macro("severities_table")
    def severities_table(self) -> str:
        """The severities: sign, meaning, time to answer, chain."""
        rows = [
            [
                self.severity(key),
                self.inline.sentence(it.means),
                self.inline.threshold(it.respond),
                f"[chain](#chain-{it.chain})",
            ]
            for key, it in self.catalog.scenarios.severities.items()
        ]
        return table(["Severity", "Means", "Next person after", "Whom"], rows, "severities")

    @macro("objectives_table")
    def objectives_table(self) -> str:
        """RTO, RPO and gap of each scenario."""
        rows = []
        for name, it in self.catalog.scenarios.scenarios.items():
            procedure = self.catalog.procedures[name]
            rows.append(
                [
                    self.inline.procedure_link(name),
                    self.severity(it.severity),
                    self.inline.threshold(it.rto),
                    self.inline.threshold(it.rpo),
                    self.inline.threshold(procedure.gap) if procedure.gap else "–",
                    self.proofs.short(name),
                ]
            )
        return table(
            ["Scenario", "Severity", "RTO", "RPO", "Gap by the procedure", "Last proven, machine time alone"],
            rows,
            "objectives",
        )

    @macro("accounts_on_fullest_host")
    def accounts_on_fullest_host(self) -> str:
        """How many accounts the host has that has most of them."""
        return str(time_budget.fullest_host(self.catalog))

    @macro("time_budget_table")
    def time_budget_table(self) -> str:
        """From each alert to the all clear: detection, answer, procedures, against the objective."""
        rows = []
        for way in time_budget.sums(self.catalog):
            first = f"{clock(way.first)} {md(self.catalog.alerts[way.alert].owner)} + " if way.first else ""
            rows.append(
                [
                    self.alert(way.alert),
                    self.inline.procedure_link(way.scenario),
                    f"{clock(way.detection)} + {clock(way.answer)} + {first}{clock(way.procedure)} = "
                    f"**{clock(way.total)}**",
                    self.inline.threshold(self.catalog.scenarios.scenarios[way.scenario].rto),
                ]
            )
        return table(["Alert", "Procedure", "Detection + answer + steps = all clear", "Objective"], rows, "budgets")

    @macro("exercises_table")
    def exercises_table(self) -> str:
        """Each procedure with the interval of its drill, its last drill, and its last exercise of people."""
        rows = []
        for name, it in self.catalog.procedures.items():
            hands = sum(1 for step in it.steps if step.human)
            rows.append(
                [
                    self.inline.procedure_link(name),
                    self.inline.threshold(INTERVALS[it.kind]),
                    f"{len(it.steps) - hands} of {len(it.steps)}",
                    self.proofs.short(name),
                    self.proofs.by_people(name),
                ]
            )
        headers = ["Procedure", "Drilled every", "Steps with a command", "Last drill, machine time alone", "By people"]
        return table(headers, rows, "exercises")

    @macro("exercise_log")
    def exercise_log(self) -> str:
        """What people have rehearsed: who, how long, what went wrong, what was changed; beside the machine's time."""
        rows = [
            [
                f"{md(it.date)}{' **SAMPLE, no exercise**' if it.sample else ''}",
                self.inline.procedure_link(it.procedure),
                ", ".join(self.inline.role(role) for role in it.roles),
                md(it.took.spoken),
                self.proofs.short(it.procedure),
                self.inline.sentence(it.wrong),
                self.inline.sentence(it.changed),
            ]
            for it in sorted(self.catalog.exercises, key=lambda it: it.date, reverse=True)
        ]
        headers = ["Date", "Procedure", "Who", "People's time", "Machine time alone", "What went wrong", "Changed"]
        return table(headers, rows, "log") if rows else f"\n{self._nobody()}\n"

    @staticmethod
    def _nobody() -> str:
        return f"{NOBODY[0].upper()}{NOBODY[1:]}."
