"""The checklist: its pause points, what its script needs to know, and the records that were kept of it."""

import json

from runbook.data.deployment_records import sheet
from runbook.site.escape import code, html, md, table
from runbook.site.macro_registry import macro
from runbook.site.macros.evidence import EvidenceWording
from runbook.site.macros.inline import InlineMacros


class ChecklistMacros:
    """Macros of the checklist page."""

    def __init__(self, inline: InlineMacros, proofs: EvidenceWording):
        self.inline, self.catalog, self.proofs = inline, inline.catalog, proofs

    @macro("pause_point", alias="pause")
    def pause(self, key: str) -> str:
        """A pause point: items with owner, required value and a line for what was seen."""
        pauses = {pause.id: pause for pause in self.catalog.checklists.pauses}
        it = self.catalog.find("pause point", pauses, key)
        mode = (
            "Read-do: read one, do one."
            if it.mode == "read-do"
            else "Do-confirm: work first, then stop here and confirm."
        )
        lines = [
            f"\n_{mode} {len(it.items)} items. Version {self.catalog.checklists.version}._\n",
            f'<div class="checklist" data-print="checklist" data-pause="{it.id}" markdown>\n',
        ]
        for i, item in enumerate(it.items, 1):
            lines.append(
                f'{i}. <span class="box" aria-hidden="true">☐</span> <span class="check" data-print="check" id="item-{item.id}">**{self.inline.sentence(item.check)}**</span> <span class="dots" aria-hidden="true"></span> '
                f'<span class="must" data-print="must">{self.inline.sentence(item.value)}</span><br><span class="sub"><span data-print="by">{self.inline.role(item.by)}</span> · write down: <span data-print="evidence">{self.inline.sentence(item.evidence)}{self._last_drill(item.drilled)}</span> <span class="line" aria-hidden="true"></span></span>'
            )
        return "\n".join(lines) + f'\n\n</div>\n\n<p class="end" data-print="end">END · {md(it.title)}</p>\n'

    @macro("checklist_run", alias="run")
    def run(self) -> str:
        """What the checklist's script needs to know: the checklist as a record carries it, and what a new run begins with."""
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
        # A closing tag inside a value would end the script.
        text = json.dumps(facts, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
        return f'\n<div class="tool screen-only" data-print="none" id="run"></div>\n\n<script type="application/json" id="run-facts">{text}</script>\n'

    @macro("records_table")
    def records_table(self) -> str:
        """The records that are in the repository."""
        site, rows = self.catalog.site, []
        for name, it in self.catalog.records.items():
            ends = {pause.id: pause.title for pause in it.sheet.pauses}[it.through]
            file = f"[{md(name)}.json]({site.repository}/blob/{site.branch}/data/records/{html(name)}.json)"
            rows.append(
                [
                    code(it.run.release) + (" **sample, no deployment**" if it.sample else ""),
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

    def _last_drill(self, procedure: str | None) -> str:
        """What a drill on the rig has shown of an item's procedure, with the way to its evidence; a rig does not replace the rehearsal."""
        return f" · last drill: {self.proofs.short(procedure)}" if procedure else ""

    @macro("signoff_voids", alias="voids")
    def voids(self) -> str:
        """What makes a sign-off void."""
        return "\n" + "\n".join(f"- {self.inline.sentence(text)}" for text in self.catalog.checklists.voids) + "\n"
