"""The reference: thresholds, alerts, clauses, and the contract of the daemon."""

from markupsafe import Markup

from runbook.data.alert_expression import expression
from runbook.data.models.alerts import Alert
from runbook.site.escape import code, md
from runbook.site.macro_registry import macro
from runbook.site.macros.evidence import EvidenceWording
from runbook.site.macros.inline import InlineMacros
from runbook.site.markdown_parts import definition_list, lines, row_anchor, row_filter, table
from runbook.site.templating import fill_inline, render


class ReferenceMacros:
    """Macros for docs/reference/ and docs/architecture/."""

    def __init__(self, inline: InlineMacros, proofs: EvidenceWording):
        self.inline, self.catalog, self.proofs = inline, inline.catalog, proofs

    @macro("thresholds_table")
    def thresholds_table(self) -> str:
        """Every threshold: value, reason, owner, source, each place that uses it, and its line in data/."""
        blocks, group = [str(row_filter("div.threshold"))], None
        for key, it in self.catalog.thresholds.items():
            if key.split(".")[0] != group:
                group = key.split(".")[0]
                blocks.append(f"\n## {group} {{ #g-{group} }}\n")
            facts = [
                ("Why", self.inline.sentence(it.why)),
                ("Owner", self.inline.role(it.owner)),
                (
                    "Source",
                    f"[{md(self.catalog.sources[it.source].title)}](/reference/compliance.md#s-{it.source})"
                    if it.source
                    else "this firm's judgement",
                ),
                ("Used in", self.inline.used_in("threshold", key, otherwise="relations only")),
                ("Line", self.inline.edit_link("thresholds", key)),
            ]
            blocks.append(
                render(
                    "threshold_row.md.jinja",
                    anchor=self.inline.threshold_anchor(key),
                    key=key,
                    threshold=it,
                    definitions=definition_list(facts, {"Used in": "places"}),
                )
            )
        return "".join(blocks)

    @macro("relations_table")
    def relations_table(self) -> str:
        """What must hold between thresholds, with today's values."""
        rows = []
        for it in self.catalog.relations:
            sides = [
                " + ".join(f"{code(key)} {self.inline.threshold(key)}" for key in side) for side in (it.left, it.right)
            ]
            rows.append([sides[0], md(it.is_), sides[1], self.inline.sentence(it.why)])
        return table(["This", "is", "that", "Why"], rows, "relations")

    @macro("alerts_table")
    def alerts_table(self) -> Markup:
        """Every alert: what it means, its expression and duration, the graph, the section that answers it."""
        rows = []
        for key, it in self.catalog.alerts.items():
            severity = self.catalog.scenarios.severities[it.severity]
            bad = fill_inline("severity.md.jinja", key=it.severity, severity=severity)
            lasts = f"for {self.inline.threshold(it.lasts)}" if it.lasts else "at once"
            rows.append(
                [
                    lines([row_anchor(f"alert-{key.lower()}", code(key), entry=True), bad]),
                    self._meaning(it),
                    lines([code(expression(self.catalog, it)), f"{lasts} {self.inline.graph(it.metric)}".rstrip()]),
                    self._answered_by(it),
                ]
            )
        return row_filter(".alerts tbody tr") + table(
            ["Alert", "Fires when", "Expression, duration", "Answered by"], rows, "alerts"
        )

    def _meaning(self, alert: Alert) -> str:
        """What an alert says, its limit as data/ has it, and when alone it may fire."""
        limit = f" Limit: {self.inline.threshold(alert.limit)}." if alert.limit else ""
        only = f" Only {self.inline.sentence(alert.only)}." if alert.only else ""
        return f"{self.inline.sentence(alert.says)}{limit}{only}"

    @macro("no_alert_table")
    def no_alert_table(self) -> Markup:
        """The scenarios that no alert leads to, and why."""
        rows = [
            [self.inline.procedure_link(name), self.inline.sentence(it.no_alert)]
            for name, it in self.catalog.scenarios.scenarios.items()
            if it.no_alert
        ]
        return table(["Scenario", "Why no metric tells of it"], rows, "no-alert")

    def _answered_by(self, alert: Alert) -> str:
        """The procedure that answers an alert, and those that it may lead on to."""
        owner = self.catalog.procedures[alert.owner]
        answer = (
            f"[{md(owner.title)}: {md(alert.section.replace('-', ' '))}](/{owner.page}#{alert.section})"
            if alert.section
            else self.inline.procedure_link(alert.owner)
        )
        then = ["then:", *map(self.inline.procedure_link, alert.then)] if alert.then else []
        return lines([answer, *then])

    @macro("monitoring_table")
    def monitoring_table(self) -> str:
        """What to watch while deploying: the metric with its graph, normal, warn, roll back."""
        rows = [
            [
                f"{self.inline.metric(it.metric)} {self.inline.graph(it.metric)}".rstrip(),
                md(it.normal),
                self.inline.threshold(it.warn) if it.warn else "–",
                f"{md(it.how)} ({self.inline.threshold(it.back)})",
            ]
            for it in self.catalog.rollout.watch
        ]
        return table(["Metric", "Normal", "Warn above", "Roll back"], rows, "monitoring")

    @macro("glossary")
    def glossary(self) -> str:
        """Each term with its one meaning."""
        return definition_list([(term.term, md(term.means)) for term in self.catalog.language.terms])

    @macro("compliance_table")
    def compliance_table(self) -> str:
        """Each clause: what it says, whom it binds, the sections that meet it, the evidence."""
        rows = []
        for it in self.catalog.compliance:
            source = self.catalog.sources[it.source]
            met = lines(f"[{md(target.split('#')[1].replace('-', ' '))}](/{target})" for target in it.met_by)
            evidence = [
                f"{self.inline.procedure_link(procedure)}: {self.proofs.short(procedure)}"
                for procedure in it.procedures
            ] + [self.inline.sentence(record) for record in it.records]
            rows.append(
                [
                    f"**[{md(source.title)}](#s-{it.source})**",
                    self.inline.sentence(source.says),
                    met,
                    lines(evidence),
                ]
            )
        return table(["Clause", "Says", "Addressed in", "Evidence, here or yours to keep"], rows, "compliance")

    @macro("sources_table")
    def sources_table(self) -> str:
        """Every source with what it says, whom it binds and how it is known."""
        rows = []
        for key, it in self.catalog.sources.items():
            rows.append(
                [
                    row_anchor(f"s-{key}", f"**{md(it.title)}**", entry=True),
                    f"{md(it.kind)}; binds {md(it.binds)}" if it.binds else md(it.kind),
                    self.inline.sentence(it.says),
                    "words seen in public quotations" if it.seen == "quoted" else "known from public descriptions",
                    self.inline.used_in("source", key, otherwise="thresholds"),
                ]
            )
        return table(["Source", "Kind", "Says", "How we know", "Used in"], rows, "sources")

    # ---------------------------------------------------------------- contract

    @macro("components_table")
    def components_table(self) -> str:
        """The parts of the system."""
        return table(
            ["Part", "Does"],
            [[f"**{md(it.title)}**", self.inline.sentence(it.does)] for it in self.catalog.system.components.values()],
            "components",
        )

    @macro("invariants_table")
    def invariants_table(self) -> str:
        """I1 to I5, and how each is judged."""
        rows = [
            [
                row_anchor(key.lower(), f"**{key}**"),
                f"**{md(it.title)}.** {self.inline.sentence(it.says)}",
                self.inline.sentence(it.judged),
            ]
            for key, it in self.catalog.system.invariants.items()
        ]
        return table(["No.", "Invariant", "Judged by"], rows, "invariants")

    @macro("states_table")
    def states_table(self) -> str:
        """The states of a slot."""
        rows = [
            [code(key), self.inline.sentence(it.says), "yes" if it.guards else "**no**"]
            for key, it in self.catalog.system.states.items()
        ]
        return table(["State", "Means", "Guards the account"], rows, "states")

    @macro("paths_table")
    def paths_table(self) -> str:
        """Files and folders."""
        return table(
            ["Path", "Holds"],
            [[self.inline.path(key), self.inline.sentence(it.holds)] for key, it in self.catalog.system.paths.items()],
            "paths",
        )

    @macro("verbs_table")
    def verbs_table(self) -> str:
        """The admin command line."""
        rows = []
        for key, it in self.catalog.system.verbs.items():
            rows.append(
                [
                    row_anchor(f"verb-{key}", code(f"{self.catalog.system.names.cli} {it.synopsis}"), entry=True),
                    self.inline.sentence(it.does),
                    lines(code(line) for line in it.says),
                    md(it.changes),
                    self.proofs.status(key),
                ]
            )
        return table(["Command", "Does", "Prints, when all is well", "Changes", "Status"], rows, "verbs")

    @macro("exits_table")
    def exits_table(self) -> str:
        """Exit codes of daemon and command line."""
        rows = []
        for number, it in self.catalog.system.exits.items():
            who = {"daemon": "daemon", "cli": "command line", "both": "both"}[it.by]
            restart = {True: "yes", False: "no", None: "–"}[it.restart]
            rows.append(
                [
                    row_anchor(f"exit-{number}", code(number), entry=True),
                    md(it.name),
                    who,
                    self.inline.sentence(it.says),
                    restart,
                ]
            )
        return table(["Code", "Name", "Of", "Means", "Restart helps"], rows, "exits")

    @macro("health_table")
    def health_table(self) -> str:
        """The fields of the health endpoint, and what each proves."""
        return table(
            ["Field", "Says", "Proves"],
            [
                [code(it.field), self.inline.sentence(it.says), self.inline.sentence(it.proves)]
                for it in self.catalog.system.health
            ],
            "health",
        )

    @macro("metrics_table")
    def metrics_table(self) -> str:
        """Prometheus metrics."""
        return table(
            ["Metric", "Unit", "Says"],
            [
                [code(it.name), md(it.unit), self.inline.sentence(it.says)]
                for it in self.catalog.system.metrics.values()
            ],
            "metrics",
        )

    @macro("log_table")
    def log_table(self) -> str:
        """Log events by their exact words."""
        rows = []
        for key, it in self.catalog.system.log_events.items():
            found = [
                name
                for name, scenario in self.catalog.scenarios.scenarios.items()
                if any(sight.kind == "log" and sight.what == key for sight in scenario.see)
            ]
            rows.append(
                [
                    code(it.line),
                    md(it.level),
                    self.inline.exit_code(it.exit) if it.exit is not None else "–",
                    ", ".join(self.inline.procedure_link(name) for name in found) or "–",
                ]
            )
        return table(["Words in the log", "Level", "Exit code", "Go to"], rows, "log")

    @macro("settings_table")
    def settings_table(self) -> str:
        """What the unit file and the daemon's settings must say."""
        rows = [
            [md(self.catalog.thresholds[key].title), self.inline.threshold(key)] for key in self.catalog.system.settings
        ]
        return table(["Setting", "Value"], rows, "settings")
