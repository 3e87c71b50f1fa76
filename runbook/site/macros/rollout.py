"""The rollout as tables: environments, waves, windows, freezes, releases."""

from markupsafe import Markup

from runbook.data import change_windows
from runbook.data.models.rollout import Freeze
from runbook.site.escape import city, code, md, script_json
from runbook.site.macro_registry import macro
from runbook.site.macros.inline import CHECKLIST, InlineMacros
from runbook.site.markdown_parts import bullets, table
from runbook.site.templating import fill_inline, render


class RolloutMacros:
    """Macros for the deployment strategy and the rollback decision."""

    def __init__(self, inline: InlineMacros):
        self.inline, self.catalog = inline, inline.catalog

    def _length(self, text: str) -> str:
        return self.inline.threshold(text) if text in self.catalog.thresholds else self.inline.sentence(text)

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
        return bullets(self.inline.sentence(text) for text in self.catalog.rollout.parity.same)

    @macro("differences_table")
    def differences_table(self) -> str:
        """What must differ."""
        rows = [
            [md(it.what), self.inline.sentence(it.staging), self.inline.sentence(it.production)]
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
            [
                f"{i}. {md(it.title)}",
                ", ".join(map(code, it.accounts)),
                self.inline.threshold(it.size),
                self.inline.threshold(it.after),
            ]
            for i, it in enumerate(self.catalog.rollout.waves, 1)
        ]
        return table(["Wave", "Accounts", "Size", "Then watch for"], rows, "waves")

    @macro("windows_table")
    def windows_table(self) -> str:
        """When a change may begin; the script adds whether it may now."""
        rows = [
            [
                fill_inline("window_name.md.jinja", key=key, title=it.title),
                f"{md(it.days)} {md(it.from_)}–{md(it.to)} {md(city(it.zone))}",
                self.inline.sentence(it.why),
            ]
            for key, it in self.catalog.rollout.windows.items()
        ]
        facts = Markup(script_json(change_windows.facts(self.catalog)))
        return table(["Window", "Local time", "Why then"], rows, "windows") + render(
            "windows_facts.md.jinja", facts=facts
        )

    @macro("holidays_table")
    def holidays_table(self) -> str:
        """The exchange's holidays, the announcements and the quiet times that the calendar knows, in order."""
        calendar = self.catalog.calendar
        dated = [
            *(
                (it.date, it.title, f"closes {it.closes} exchange time" if it.closes else "exchange closed")
                for it in calendar.exchange
            ),
            *((it.at, it.title, f"announced then, {city(it.zone)} time") for it in calendar.events),
            *((it.first, it.title, f"until the end of {it.last}") for it in calendar.quiet),
        ]
        rows = [[md(when), md(title), md(what)] for when, title, what in sorted(dated)]
        return table(["Date", "Frozen for", "What happens"], rows, "holidays")

    @macro("freezes_table")
    def freezes_table(self) -> str:
        """Why nothing may begin, and for how long."""
        rows = [
            [
                md(it.title),
                self.inline.sentence(it.when),
                self._how_long(it),
            ]
            for it in self.catalog.rollout.freezes
        ]
        return table(["Freeze", "When", "How long"], rows, "freezes")

    def _how_long(self, freeze: Freeze) -> str:
        parts = [
            f"{self.inline.threshold(rule)} {side}"
            for rule, side in ((freeze.before, "before"), (freeze.after, "after"))
            if rule
        ]
        return ", ".join(parts) or "while it lasts"

    @macro("change_classes_table")
    def change_classes_table(self) -> str:
        """Standard, normal, material, emergency."""
        rows = []
        for it in self.catalog.rollout.change_classes.values():
            signoff = self.catalog.contacts.signoffs[it.signoff]
            rows.append(
                [
                    f"**{md(it.title)}**",
                    self.inline.sentence(it.what),
                    self.inline.sentence(it.validation),
                    self._length(it.soak),
                    f"[{md(signoff.title)}]({CHECKLIST}#signoff-{it.signoff})",
                ]
            )
        return table(["Class", "What it is", "Validation", "Soak", "Sign-off"], rows, "classes")

    @macro("coverage_table")
    def coverage_table(self) -> str:
        """What must have happened on the canary."""
        rows = [
            [self.inline.sentence(it.event), self.inline.sentence(it.force)] for it in self.catalog.rollout.coverage
        ]
        return table(["Must have happened", "If it has not"], rows, "coverage")

    @macro("observe_table")
    def observe_table(self) -> str:
        """When who looks at what."""
        rows = [
            [md(it.at), self.inline.role(it.by), self.inline.sentence(it.look)] for it in self.catalog.rollout.observe
        ]
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

    @macro("compatibility_matrix")
    def compatibility_matrix(self) -> str:
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
            [
                "Today",
                "The account runs with",
                *(f"Back to {code(release)}" for release in self.catalog.rollout.releases),
            ],
            rows,
            "compat",
        )
