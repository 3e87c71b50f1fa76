"""What the pages may say of a proof: never more than the evidence holds for the words that stand there now."""

from functools import cached_property

from markupsafe import Markup

from runbook.build_info import made
from runbook.data.models.evidence import SWAPPED, Evidence, Failed, Observed, Proof
from runbook.data.models.procedures import Step
from runbook.evidence.freshness import age, valid_until
from runbook.evidence.rig_programs import rig_digest
from runbook.evidence.store import Block, digest
from runbook.site.escape import code, md
from runbook.site.macro_registry import macro
from runbook.site.macros.inline import InlineMacros
from runbook.site.macros.timelines import course, seconds, steps_alone
from runbook.site.markdown_parts import folded, row_filter, table
from runbook.site.templating import fill_inline, render

UNPROVEN = "not yet proven"
NOBODY = "nobody has rehearsed this with people yet"
PAGE = "/reference/evidence.md"
EXERCISES = "/deployment/recovery/exercises.md"


class EvidenceWording:
    """The words that other macros put beside a procedure, a step, a scenario and a verb.

    What they say depends on the command blocks of all pages, so most of them are late texts.
    """

    def __init__(self, inline: InlineMacros):
        self.inline, self.catalog = inline, inline.catalog
        self._blocks, self._later = inline.pages.blocks, inline.pages.late.later

    def _drills(self, procedure: str) -> list[Evidence]:
        return [it for it in self.catalog.evidence.values() if it.procedure == procedure]

    @cached_property
    def _digests(self) -> dict[str, str]:
        """What evidence of each step that has a block is bound to now. Asked for when all pages are rendered."""
        return {step.id: self.digest(step) for _, step in self.catalog.steps() if step.id in self._blocks}

    @cached_property
    def _rig(self) -> str | None:
        return rig_digest(self.catalog.root)

    def changed(self, it: Proof) -> list[str]:
        """The steps of a drill whose words, or whose budget, are no longer those that were run; and the rig."""
        steps = {step.id for step in self.catalog.procedures[it.procedure].steps}
        changed = [step.id for step in it.steps if step.id not in steps or self._digests.get(step.id) != step.digest]
        return changed + (["rig"] if isinstance(it, Evidence) and self._rig not in (None, it.rig) else [])

    def _left_out(self, procedure: str, drills: list[Evidence]) -> list[str]:
        """The blocks of a procedure that none of its drills has run."""
        run = {step.id for it in drills for step in it.steps}
        return [
            step.id
            for step in self.catalog.procedures[procedure].steps
            if step.id in self._blocks and step.id not in run
        ]

    def digest(self, step: Step) -> str:
        """What evidence of a step is bound to, for the words that stand on its page now."""
        budget = float(self.catalog.thresholds[step.budget].value.base)
        return digest(self._blocks.get(step.id, Block("", "")), f"{budget:g}")

    def _fresh(self, procedure: str) -> list[Evidence]:
        return [it for it in self._drills(procedure) if not self.changed(it)]

    @cached_property
    def worst_seconds(self) -> dict[str, float]:
        """Each step that a fresh drill has run -> the longest time that it took, in seconds."""
        worst: dict[str, float] = {}
        for it in self.catalog.evidence.values():
            if not self.changed(it):
                for step in it.steps:
                    worst[step.id] = max(step.worst, worst.get(step.id, 0.0))
        return worst

    def _validity(self, it: Evidence) -> str:
        """Until when evidence holds; a page that is built later says that it is due."""
        until = valid_until(self.catalog, it)
        return (
            f"valid until {until}" if until >= made().date() else f"**▲ stale: due since {until}, run the drill again**"
        )

    # ------------------------------------------------ beside procedures and steps

    def headline(self, procedure: str) -> str:
        """The line in the head of a procedure."""
        return self._later(lambda: self._headline(procedure))

    def _headline(self, procedure: str) -> str:
        drills = self._drills(procedure)
        if not drills:
            return f"**{UNPROVEN}**"
        changed = sorted({step for it in drills for step in self.changed(it)} | set(self._left_out(procedure, drills)))
        oldest = min(drills, key=lambda it: it.date)
        link = f"[evidence]({PAGE}#e-{oldest.drill})"
        if changed:
            return (
                f"**stale**: changed, or not in the drill of {md(oldest.date)}: {', '.join(map(code, changed))}; {link}"
            )
        it, promised = self.catalog.procedures[procedure], [each for each in drills if not each.gap_limit]
        gap = (
            f" · worst gap {seconds(max(each.gap_worst for each in promised))} of {self.inline.threshold(it.gap)}"
            if it.gap and promised
            else ""
        )
        gap += "".join(
            f" · {seconds(each.gap_worst)} in the drill{_in_italics(_variant(each))}: {md(each.gap_limit.why)}"
            for each in drills
            if it.gap and each.gap_limit
        )
        date_of = fill_inline("drilled.md.jinja", date=oldest.date, days=age(self.catalog, procedure))
        runs, machine = sum(each.repetitions for each in drills), max(each.machine for each in drills)
        lost, duplicated = sum(each.lost for each in drills), sum(each.duplicated for each in drills)
        return (
            f"**{date_of}**, {runs} runs on a rig with a simulated broker"
            f" · machine at most {seconds(machine)} of {self.inline.threshold(it.budget)}{gap}"
            f" · lost {lost}, duplicated {duplicated} · {self._validity(oldest)} · {link}"
        )

    def measured(self, step: str) -> str:
        """What the machine took for a step, beside the budget, which is for people; nothing when it is not proven."""
        return self._later(
            lambda: f" · machine {seconds(self.worst_seconds[step])}" if step in self.worst_seconds else ""
        )

    def short(self, procedure: str) -> str:
        """A few words for a table."""
        return self._later(lambda: self._short(procedure))

    def _short(self, procedure: str) -> str:
        if not (drills := self._drills(procedure)):
            return UNPROVEN
        if len(fresh := self._fresh(procedure)) < len(drills) or self._left_out(procedure, drills):
            return "stale"
        day = md(min(it.date for it in fresh))
        return f"[{day}]({PAGE}#e-{fresh[0].drill}), {seconds(max(it.machine for it in fresh))}"

    def day(self, procedure: str) -> str:
        """The day of the last drill, with the way to it and without its figures: a machine's time is not a person's."""
        return self._later(lambda: self._day(procedure))

    def _day(self, procedure: str) -> str:
        return self._short(procedure).split(", ")[0]

    def by_people(self, procedure: str) -> str:
        """When people last rehearsed a procedure, and how long they took; or that nobody has."""
        if (it := self.catalog.rehearsed(procedure)) is None:
            return NOBODY
        return f"[{md(it.date)}]({EXERCISES}#log), {md(it.took.spoken)} by the clock"

    def of_page(self, page: str) -> str:
        """When the procedures of a page were last proven, the oldest of them; for the page's foot.

        Call it when every page is rendered.
        """
        procedures = [
            name
            for name, it in self.catalog.procedures.items()
            if it.page == page and any(step.id in self._blocks for step in it.steps)
        ]
        if not procedures:
            return "nothing to prove here"
        stale = [
            name
            for name in procedures
            if not (drills := self._drills(name))
            or len(self._fresh(name)) < len(drills)
            or self._left_out(name, drills)
        ]
        if stale:
            return f"stale or {UNPROVEN}: {', '.join(stale)}"
        return min(it.date for name in procedures for it in self._drills(name))

    def status(self, verb: str) -> str:
        """`proven` when a fresh drill has used a verb of the command line, else `demanded`."""
        call = f"{self.catalog.system.names.cli} {verb} "
        return self._later(
            lambda: (
                "proven" if any(call in f"{self._blocks[step].code} " for step in self.worst_seconds) else "demanded"
            )
        )


class EvidenceMacros:
    """Macros of docs/reference/evidence.md."""

    def __init__(self, inline: InlineMacros, proofs: EvidenceWording):
        self.inline, self.catalog, self.proofs = inline, inline.catalog, proofs

    @macro("coverage")
    def coverage(self) -> str:
        """Blocks run of blocks on the pages, and steps that only a person can do."""
        return self.inline.pages.late.later(self._coverage)

    def _coverage(self) -> str:
        steps = [step for _, step in self.catalog.steps()]
        hands = [step for step in steps if step.human]
        proved = self.proofs.worst_seconds
        left = [
            f"[{code(step.id)}](/{self.catalog.procedures[name].page}#step-{step.id})"
            for name, step in self.catalog.steps()
            if not step.human and step.id not in proved
        ]
        rest = f" Not drilled, for the reason that stands there: {', '.join(left)}." if left else ""
        return (
            f"{len(proved)} of {len(steps) - len(hands)} command blocks on the pages are proven; "
            f"{len(hands)} steps are a person's and cannot be drilled by a machine.{rest}"
        )

    @macro("drills_table")
    def drills_table(self) -> str:
        """Every drill with its figures."""
        rows = []
        certainty = float(self.catalog.thresholds["evidence.certainty"].value.number) / 100
        for it in self.catalog.evidence.values():
            procedure = self.catalog.procedures[it.procedure]
            variant = f" · {md(_variant(it))}" if _variant(it) else ""
            rows.append(
                [
                    f"[{md(procedure.title)}](/{procedure.page}#{it.procedure}){variant}",
                    self._state(it, "proven"),
                    f"{seconds(it.machine)} of {self.catalog.thresholds[procedure.budget].value.spoken}",
                    f"{seconds(it.gap_worst)}{self._limit(it)}",
                    seconds(it.reaction_worst) if it.breaches else "none",
                    f"{it.lost} / {it.duplicated} / {it.fenced_writes} of {it.events}",
                    f"{it.breaches}, 1 in {it.one_lost_in(certainty)}" if it.breaches else "none",
                    f"{it.attempts - it.failures}/{it.attempts}",
                ]
            )
        if not rows:
            return f"\n{UNPROVEN}\n{self._failed()}"
        headers = [
            *(
                "Drill",
                "State",
                "Machine time",
                "Worst gap",
                "Slowest answer to a breach",
                "Lost / duplicated / by a fenced writer, of so many events",
            ),
            *("Breaches answered, loss that would show", "Attempts held"),
        ]
        return f"{row_filter('.drills tbody tr')}{table(headers, rows, 'drills')}{self._failed()}"

    def _state(self, it: Proof, unchanged: str) -> str:
        """The steps that have changed since a drill.

        unchanged: what stands there when none has.
        """
        return self.inline.pages.late.later(
            lambda: f"stale: {', '.join(map(md, changed))}" if (changed := self.proofs.changed(it)) else unchanged
        )

    def _limit(self, it: Evidence) -> str:
        """What the gap of a drill was judged by, behind its figure."""
        if it.gap_limit:
            return f" of {it.gap_limit.seconds:g} s (own)"
        promised = self.catalog.procedures[it.procedure].gap
        return f" of {self.catalog.thresholds[promised].value.spoken}" if promised else ", no promise"

    def _failed(self) -> str:
        """What did not hold when it was last tried; nothing when everything did."""
        rows = [[code(name), md(it.date), attempts(it), md(it.why)] for name, it in self.catalog.proven.failed.items()]
        return (
            "\n**Did not hold** when it was last "
            f"tried:\n{table(['Drill', 'Date', 'Attempts held', 'Why'], rows, 'failed')}"
            if rows
            else ""
        )

    @macro("real_systems")
    def real_systems(self) -> str:
        """A section for each real system that a procedure ran on; nothing when none did."""
        return "".join(self._real_system(environment, ran) for environment, ran in self.catalog.proven.real.items())

    def _real_system(self, environment: str, ran: dict[str, Observed]) -> str:
        about = next(each for name, each in self.catalog.rollout.environments.items() if name == environment)
        rows = []
        for name, it in ran.items():
            budget = self.catalog.thresholds[self.catalog.procedures[name].budget].value
            rows.append(
                [
                    self.inline.procedure_link(name),
                    self._state(it, "as the page says"),
                    md(it.date),
                    f"{code(it.account)} on {code(it.host)}",
                    f"{seconds(it.machine)} of {budget}",
                    md(it.judged),
                    attempts(it),
                ]
            )
        headers = ["Procedure", "State", "Date", "Account", "Machine time", "Judged", "Attempts held"]
        return (
            f"\n## {md(about.title)} {{ #real-{environment} }}\n\nRun on a real system with a person at the "
            f"terminal; broker: {md(about.broker)}. Nobody counted orders there and nothing was broken on purpose: "
            f"only what the commands printed, and how long they took, was judged.\n{table(headers, rows, 'real')}"
        )

    @macro("controls_table")
    def controls_table(self) -> str:
        """What was sabotaged, and the check that caught it."""
        rows = [
            [
                md(it.title),
                f"[{code(it.drill)}](#e-{it.drill})" if it.drill in self.catalog.evidence else code(it.drill),
                f"{md(it.verdict)}: {code(it.caught_by)}",
                md(it.date),
            ]
            for it in self.catalog.proven.controls.values()
        ]
        if not rows:
            return f"\n{UNPROVEN}\n"
        caught = sum(it.verdict == "caught" for it in self.catalog.proven.controls.values())
        return folded(
            f"{caught} of {len(rows)} caught", table(["Sabotaged", "Drill", "Verdict", "Date"], rows, "controls")
        )

    @macro("mutants_table")
    def mutants_table(self) -> str:
        """The faulty products, and the check that noticed each."""
        found = self.catalog.proven.mutants
        if not found:
            return f"\n{UNPROVEN}\n"
        rows = [
            [
                md(it.title),
                f"[{code(it.drill)}](#e-{it.drill})" if it.drill in self.catalog.evidence else code(it.drill),
                f"caught: {code(it.caught_by)}"
                if it.verdict == "caught"
                else md(it.survives or "not caught: no drill notices it yet"),
                md(it.date),
            ]
            for it in sorted(found.values(), key=lambda it: it.drill)
        ]
        caught = sum(it.verdict == "caught" for it in found.values())
        return folded(
            f"{caught} of {len(found)} caught",
            table(["Fault of the product", "Drill", "Caught by, or why not", "Date"], rows, "mutants"),
        )

    @macro("left_out_table")
    def left_out_table(self) -> str:
        """How many steps a drill misses when they are left out, or swapped; the others with the reason."""
        found = self.catalog.proven.left_out
        if not found:
            return f"\n{UNPROVEN}\n"
        missed = {
            what: [it.verdict == "missed" for name, it in found.items() if (SWAPPED in name) is swapped]
            for what, swapped in (("steps left out", False), ("neighbours swapped", True))
        }
        rows = [
            [
                " before ".join(f"[{code(step)}](/{page}#step-{step})" for step in reversed(name.split(SWAPPED))),
                f"{it.verdict}: {code(it.caught_by)}" if it.verdict == "missed" else md(it.spare or "no reason given"),
                md(it.date),
            ]
            for name, it in found.items()
            if (page := self._page_of(name.split(SWAPPED)[0]))
        ]
        score = "; ".join(f"{sum(each)} of {len(each)} {what}" for what, each in missed.items() if each)
        return folded(
            f"The drills miss {score}",
            table(["Left out, or in this order", "Missed by, or why not", "Date"], rows, "left-out"),
        )

    def _page_of(self, step: str) -> str | None:
        return next(
            (self.catalog.procedures[name].page for name, each in self.catalog.steps() if each.id == step), None
        )

    @macro("timelines")
    def timelines(self) -> str:
        """A picture for each drill: its steps on one line of time."""
        return "".join(self._timeline(name, it) for name, it in self.catalog.evidence.items())

    def _timeline(self, name: str, it: Evidence) -> str:
        procedure = self.catalog.procedures[it.procedure]
        title = f"{procedure.title}{': ' + _variant(it) if _variant(it) else ''}"
        versions = ", ".join(f"{key} {value}" for key, value in it.versions.items())
        picture = course(it) if it.course else steps_alone(it)
        return render(
            "drill.md.jinja",
            name=name,
            title=title,
            evidence=it,
            versions=versions,
            attempts=attempts(it),
            gap=f"{seconds(it.gap_worst)} (median {seconds(it.gap_median)}, control {seconds(it.control_worst)})"
            + (f", judged by its own limit of {it.gap_limit.seconds:g} s: {it.gap_limit.why}" if it.gap_limit else ""),
            procedure=Markup(self.inline.procedure_link(it.procedure)),
            timeline=render("timeline.svg.jinja", name=name, title=title, picture=picture),
        )


def _variant(it: Proof) -> str:
    """What tells a drill from the others of its procedure: `loop` for `crash--loop`, nothing for `crash`."""
    return it.drill.partition("--")[2]


def _in_italics(variant: str) -> str:
    return f" *{md(variant)}*" if variant else ""


def attempts(it: Proof | Failed) -> str:
    """Every attempt with these very words counts, the failed ones too: `5 of 6`."""
    return f"{it.attempts - it.failures} of {it.attempts}"
