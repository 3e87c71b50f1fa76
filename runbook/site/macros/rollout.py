"""The rollout as tables: environments, waves, windows, releases, checklists."""

import json

from runbook.data.deployment_records import sheet
from runbook.site.escape import code, html, md, table
from runbook.site.macro_registry import macro
from runbook.site.macros.evidence import Proofs
from runbook.site.macros.inline import Writer


class Plan:
    """Macros for the deployment strategy, the rollback decision and the checklist."""

    def __init__(self, writer: Writer):
        self.w, self.catalog = writer, writer.catalog

    def _length(self, text: str) -> str:
        return self.w.t(text) if text in self.catalog.thresholds else self.w.sentence(text)

    @macro("environments_table")
    def environments_table(self) -> str:
        """Environments with broker, hosts and accounts."""
        rows = [
            [
                md(it.title),
                md(it.broker),
                ", ".join(code(self.catalog.rollout.hosts[host].address) for host in it.hosts),
                ", ".join(map(code, it.accounts)),
            ]
            for it in self.catalog.rollout.environments.values()
        ]
        return table(["Environment", "Broker account", "Hosts", "Accounts"], rows, "environments")

    @macro("same_list")
    def same_list(self) -> str:
        """What staging and production have in common."""
        return "\n" + "\n".join(f"- {self.w.sentence(text)}" for text in self.catalog.rollout.parity.same) + "\n"

    @macro("differences_table")
    def differences_table(self) -> str:
        """What must differ."""
        rows = [
            [md(it.what), self.w.sentence(it.staging), self.w.sentence(it.production)]
            for it in self.catalog.rollout.parity.different
        ]
        return table(["What differs", "Staging", "Production"], rows, "differences")

    @macro("accounts_table")
    def accounts_table(self) -> str:
        """Accounts with host, spare host, wave and exposure."""
        waves = {account: wave.title for wave in self.catalog.rollout.waves for account in wave.accounts}
        rows = []
        for key, it in self.catalog.rollout.accounts.items():
            spares = [name for name, host in self.catalog.rollout.hosts.items() if it.host in host.spare_of]
            rows.append(
                [
                    code(key),
                    md(it.title),
                    code(it.host),
                    ", ".join(map(code, spares)) or "none",
                    md(waves.get(key, "none")),
                    md(it.exposure),
                ]
            )
        return table(["Account", "Desk", "Host", "Spare host", "Wave", "Exposure"], rows, "accounts")

    @macro("waves_table")
    def waves_table(self) -> str:
        """Waves in order, with what must pass before the next."""
        rows = [
            [f"{i}. {md(it.title)}", ", ".join(map(code, it.accounts)), self.w.t(it.size), self.w.t(it.after)]
            for i, it in enumerate(self.catalog.rollout.waves, 1)
        ]
        return table(["Wave", "Accounts", "Size", "Then watch for"], rows, "waves")

    @macro("windows_table")
    def windows_table(self) -> str:
        """When a change may begin."""
        rows = [
            [md(it.title), f"{md(it.days)} {md(it.from_)}–{md(it.to)}", md(it.zone), self.w.sentence(it.why)]
            for it in self.catalog.rollout.windows.values()
        ]
        return table(["Window", "Local time", "Zone", "Why then"], rows, "windows")

    @macro("freezes_table")
    def freezes_table(self) -> str:
        """When it may not."""
        rows = [
            [
                md(it.title),
                self.w.sentence(it.when),
                f"{self.w.t(it.rule)} before and after" if it.rule else "whole day",
            ]
            for it in self.catalog.rollout.freezes
        ]
        return table(["Freeze", "When", "How long"], rows, "freezes")

    @macro("change_classes_table")
    def change_classes_table(self) -> str:
        """Standard, normal, material, emergency."""
        rows = []
        for it in self.catalog.rollout.change_classes.values():
            signoff = self.catalog.contacts.signoffs[it.signoff]
            rows.append(
                [
                    f"**{md(it.title)}**",
                    self.w.sentence(it.what),
                    self.w.sentence(it.validation),
                    self._length(it.soak),
                    f"[{md(signoff.title)}](/deployment/deployment_checklist.md#signoff-{it.signoff})",
                ]
            )
        return table(["Class", "What it is", "Validation", "Soak", "Sign-off"], rows, "classes")

    @macro("coverage_table")
    def coverage_table(self) -> str:
        """What must have happened on the canary."""
        rows = [[self.w.sentence(it.event), self.w.sentence(it.force)] for it in self.catalog.rollout.coverage]
        return table(["Must have happened", "If it has not"], rows, "coverage")

    @macro("observe_table")
    def observe_table(self) -> str:
        """When who looks at what."""
        rows = [[md(it.at), self.w.role(it.by), self.w.sentence(it.look)] for it in self.catalog.rollout.observe]
        return table(["At", "Who", "Looks at"], rows, "observe")

    # ------------------------------------------------------------ compatibility

    def verdict(self, release: str, schema: int, config: int, flags: list[str]) -> list[str]:
        """What stands between a release and a situation; empty when it is safe."""
        it = self.catalog.find("release", self.catalog.rollout.releases, release)
        faults = []
        unknown = [flag for flag in flags if flag not in it.flags]
        if unknown:
            faults.append(f"turn off {', '.join(unknown)} first")
        if not it.reads_config[0] <= config <= it.reads_config[1]:
            faults.append(f"configuration {config} is not read: restore the old one")
        if not it.reads_schema[0] <= schema <= it.reads_schema[1]:
            faults.append(f"schema {schema} is not read: migrate down to {it.reads_schema[1]}")
        return faults

    @macro("compatibility_matrix", alias="compat_matrix")
    def compat_matrix(self) -> str:
        """Release × schema × configuration × flags: safe, or what to do first."""
        rows = []
        for situation in self.catalog.rollout.situations:
            flags = ", ".join(map(code, situation.flags))
            row = [md(situation.title), f"schema {situation.schema_}, configuration {situation.config}, flags {flags}"]
            for release in self.catalog.rollout.releases:
                faults = self.verdict(release, situation.schema_, situation.config, situation.flags)
                row.append("✓ safe" if not faults else "✗ " + md("; ".join(faults)))
            rows.append(row)
        return table(
            ["Today", "The account runs with", *(f"Back to {code(release)}" for release in self.catalog.rollout.releases)],
            rows,
            "compat",
        )

    # -------------------------------------------------------------- checklists

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
            f'<div class="checklist" data-pause="{it.id}" markdown>\n',
        ]
        for i, item in enumerate(it.items, 1):
            lines.append(
                f'{i}. <span class="box" aria-hidden="true">☐</span> <span class="check" id="item-{item.id}">**{self.w.sentence(item.check)}**</span> <span class="dots" aria-hidden="true"></span> '
                f'<span class="must">{self.w.sentence(item.value)}</span><br><span class="sub">{self.w.role(item.by)} · write down: {self.w.sentence(item.evidence)}{self._last_drill(item.drilled)} <span class="line" aria-hidden="true"></span></span>'
            )
        return "\n".join(lines) + f'\n\n</div>\n\n<p class="end">END · {md(it.title)}</p>\n'

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
        return f'\n<div class="tool screen-only" id="run"></div>\n\n<script type="application/json" id="run-facts">{text}</script>\n'

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
        return f" · last drill: {Proofs(self.w).short(procedure)}" if procedure else ""

    @macro("signoff_voids", alias="voids")
    def voids(self) -> str:
        """What makes a sign-off void."""
        return "\n" + "\n".join(f"- {self.w.sentence(text)}" for text in self.catalog.checklists.voids) + "\n"
