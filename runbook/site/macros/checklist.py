"""The checklist: its pause points, what its script needs to know, and the records that were kept of it."""

from markupsafe import Markup

from runbook.data.checklist_sheet import sheet
from runbook.site.escape import code, html, md, script_json
from runbook.site.macro_registry import macro
from runbook.site.macros.evidence import EvidenceWording
from runbook.site.macros.inline import InlineMacros
from runbook.site.markdown_parts import bullets, table
from runbook.site.templating import render


class ChecklistMacros:
    """Macros of the checklist page."""

    def __init__(self, inline: InlineMacros, proofs: EvidenceWording):
        self.inline, self.catalog, self.proofs = inline, inline.catalog, proofs

    @macro("pause_point")
    def pause_point(self, key: str) -> str:
        """A pause point: items with owner, required value and a line for what was seen."""
        pauses = {pause.id: pause for pause in self.catalog.checklists.pauses}
        pause = self.catalog.find("pause point", pauses, key)
        items = [
            (
                item.id,
                Markup(self.inline.sentence(item.check)),
                Markup(self.inline.sentence(item.value)),
                Markup(self.inline.role(item.by)),
                Markup(self.inline.sentence(item.evidence)),
                # A rig's time is not a person's: the page shows the people's time, or says that there is none.
                Markup(f"{self.proofs.by_people(item.drilled)}; on a rig: {self.proofs.day(item.drilled)}")
                if item.drilled
                else "",
            )
            for item in pause.items
        ]
        return render("pause_point.md.jinja", pause=pause, version=self.catalog.checklists.version, items=items)

    @macro("checklist_run")
    def checklist_run(self) -> str:
        """What the checklist's script needs: the checklist as a record carries it, and what a new run begins with."""
        rollout, people = self.catalog.rollout, self.catalog.contacts
        deputies = {}
        for role in self.catalog.checklists.people:
            holders = [people.contacts[name] for name in self.catalog.holders(role)]
            if holders and holders[0].deputy:
                deputies[role] = [holders[0].title, people.contacts[holders[0].deputy].title]
        window = rollout.windows["canary"]
        facts = {
            "sheet": sheet(self.catalog),
            "deputies": deputies,
            "release": rollout.next,
            "accounts": [account for wave in rollout.waves for account in wave.accounts],
            "window": f"{window.from_}-{window.to} {window.zone}",
        }
        return render("checklist_run.md.jinja", facts=Markup(script_json(facts)))

    @macro("records_table")
    def records_table(self) -> str:
        """The records that are in the repository."""
        site, rows = self.catalog.site, []
        for name, it in self.catalog.records.items():
            ends = {pause.id: pause.title for pause in it.sheet.pauses}[it.through]
            file = f"[{md(name)}.json]({site.repository}/blob/{site.branch}/data/records/{html(name)}.json)"
            rows.append(
                [
                    f"{code(it.run.release)}{' **sample, no deployment**' if it.sample else ''}",
                    ", ".join(map(code, it.run.accounts)),
                    md(it.run.started[:10]),
                    md(ends),
                    file,
                ]
            )
        return (
            table(["Release", "Accounts", "Began", "Complete to", "Record"], rows, "records")
            if rows
            else "\nThere is no record yet.\n"
        )

    @macro("signoff_voids")
    def signoff_voids(self) -> str:
        """What makes a sign-off void."""
        return bullets(self.inline.sentence(text) for text in self.catalog.checklists.voids)
