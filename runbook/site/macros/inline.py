"""Thresholds, names, sentences and links in prose. The other macros write them through these."""

from markupsafe import Markup

from runbook.data.catalog import PLACEHOLDER, Catalog
from runbook.diagnostics import MacroError
from runbook.site.escape import code, md
from runbook.site.macro_registry import macro
from runbook.site.markdown_parts import lines
from runbook.site.page_index import PageIndex
from runbook.site.templating import fill_inline

THRESHOLDS = "/reference/thresholds.md"
CONTACTS = "/reference/contacts.md"
ALERTS = "/reference/alerts.md"
CONTROL = "/architecture/control.md"
SOURCES = "/reference/compliance.md"
MESSAGES = "/deployment/rollback/messages.md"
CHAINS = "/deployment/disaster_recovery.md"
CHECKLIST = "/deployment/deployment_checklist.md"


class InlineMacros:
    """Turns records into text. Returns Markdown; raises MacroError for what does not exist.

    catalog: the data.
    pages: what is known of the pages; every use of a record is noted there.
    """

    def __init__(self, catalog: Catalog, pages: PageIndex):
        self.catalog, self.pages = catalog, pages
        # Written once: a page may show the same threshold many times.
        self._threshold_links: dict[str, Markup] = {}

    def mark(self, kind: str, key: str) -> str:
        """An invisible mark: the record is used here."""
        return self.pages.usage.mark(kind, key)

    # ------------------------------------------------------------ thresholds

    @macro("threshold")
    def threshold(self, key: str) -> str:
        """`threshold("canary.soak")` -> `24 hours`, linked to its row, with title and reason on hover and focus."""
        if key not in self._threshold_links:
            threshold = self.catalog.find("threshold", self.catalog.thresholds, key)
            href = f"{THRESHOLDS}#{self.threshold_anchor(key)}"
            self._threshold_links[key] = fill_inline("threshold.md.jinja", threshold=threshold, href=href)
        return self.mark("threshold", key) + self._threshold_links[key]

    @staticmethod
    def threshold_anchor(key: str) -> str:
        """The id of a threshold's row."""
        return "t-" + key.replace(".", "-").replace("_", "-")

    @macro("rule_of_three")
    def rule_of_three(self, key: str) -> str:
        """What n samples without a fault still allow: about 3 / n, with 95 % confidence (the rule of three)."""
        threshold = self.catalog.find("threshold", self.catalog.thresholds, key)
        share = round(300 / threshold.value.base)
        return (
            f"0 faults in {self.threshold(key)} still allow a true rate of up to {share} % "
            "(the rule of three: 3 divided by the samples)."
        )

    # -------------------------------------------------------------- sentences

    def sentence(self, text: str) -> str:
        """A sentence from data/, escaped, with each {threshold} put in; what stands in `backticks` is code."""
        parts = PLACEHOLDER.split(text)
        return "".join(self.threshold(part) if i % 2 else self._words(part) for i, part in enumerate(parts))

    @staticmethod
    def _words(text: str) -> str:
        parts = text.split("`")
        if len(parts) % 2 == 0:
            return md(text)
        return "".join(code(part) if i % 2 else md(part) for i, part in enumerate(parts))

    def plain_sentence(self, text: str) -> str:
        """The same as plain text, for a message to copy."""
        parts = PLACEHOLDER.split(text)
        return "".join(
            self.mark("threshold", part) + self.catalog.thresholds[part].value.spoken if i % 2 else part
            for i, part in enumerate(parts)
        )

    # ------------------------------------------------------------------ names

    @macro("role")
    def role(self, key: str) -> str:
        """`role("release_operator")` -> `release operator`, linked to who holds it."""
        role = self.catalog.find("role", self.catalog.contacts.roles, key)
        title = (
            role.title
            if role.title.split()[0].isupper() or "'" in role.title
            else role.title[0].lower() + role.title[1:]
        )
        return f"{self.mark('role', key)}[{md(title)}]({CONTACTS}#role-{key.replace('_', '-')})"

    @macro("verb")
    def verb(self, key: str) -> str:
        """`verb("handover")` -> the command's name as code, linked to its contract."""
        self.catalog.find("verb", self.catalog.system.verbs, key)
        return f"[{code(f'{self.catalog.system.names.cli} {key}')}]({CONTROL}#verb-{key})"

    @macro("command")
    def command(self, verb: str) -> str:
        """`command("status")` -> `traderctl status`, for code in a sentence."""
        self.catalog.find("verb", self.catalog.system.verbs, verb)
        return f"{self.catalog.system.names.cli} {verb}"

    @macro("exit_code")
    def exit_code(self, number: int) -> str:
        """`exit_code(78)` -> `78` as code, linked to its meaning."""
        self.catalog.find(
            "exit code", {str(code): each for code, each in self.catalog.system.exits.items()}, str(number)
        )
        return f"[{code(number)}]({CONTROL}#exit-{number})"

    @macro("state")
    def state(self, key: str) -> str:
        """`state("standby")` -> the state's name as code."""
        self.catalog.find("state", self.catalog.system.states, key)
        return code(key)

    @macro("metric")
    def metric(self, key: str) -> str:
        """`metric("queue")` -> the metric's name as code."""
        return code(self.catalog.find("metric", self.catalog.system.metrics, key).name)

    def graph(self, key: str) -> str:
        """A link to the graph of a metric, for a screen; nothing where the firm has none."""
        pattern = self.catalog.site.dashboard
        if pattern is None:
            return ""
        return f'[graph](<{pattern.format(metric=self.catalog.system.metrics[key].name)}>){{ data-print="none" }}'

    @macro("log_line")
    def log_line(self, key: str) -> str:
        """`log_line("link_lost")` -> the words in the log, as code."""
        return code(self.catalog.find("log event", self.catalog.system.log_events, key).line)

    @macro("path")
    def path(self, key: str) -> str:
        """`path("state")` -> a path as code, its variable parts in capitals."""
        path = self.catalog.find("path", self.catalog.system.paths, key).path
        return code(path.format(account="ACCOUNT", slot="SLOT", release="RELEASE"))

    @macro("system_name")
    def system_name(self, key: str) -> str:
        """`system_name("daemon")` -> the name as code: daemon, cli, unit, guard_unit."""
        return code(
            self.catalog.find("name", self.catalog.system.names.model_dump(), key).format(
                account="ACCOUNT", slot="SLOT"
            )
        )

    @macro("release")
    def release(self, which: str) -> str:
        """`release("next")` -> the release in flight; `release("current")` -> the one it replaces."""
        if which not in ("current", "next"):
            raise MacroError(f'release is "current" or "next", not "{which}"')
        return code(getattr(self.catalog.rollout, which))

    @macro("accounts")
    def accounts(self, which: str) -> str:
        """`accounts("canary")` -> the accounts of a wave, or of an environment, as code."""
        return ", ".join(code(account) for account in self.account_names(which))

    def account_names(self, which: str) -> list[str]:
        """The accounts of a wave, of an environment, or the controls."""
        waves = {wave.id: wave.accounts for wave in self.catalog.rollout.waves}
        environments = {name: environment.accounts for name, environment in self.catalog.rollout.environments.items()}
        return self.catalog.find(
            "wave or environment", waves | environments | {"controls": self.catalog.rollout.controls}, which
        )

    @macro("daily_reset")
    def daily_reset(self) -> str:
        """The daily reset with its zone."""
        return f"{md(self.catalog.rollout.reset)} {md(self.catalog.rollout.zone)}"

    @macro("trading_session")
    def trading_session(self) -> str:
        """The exchange's session with its zone."""
        it = self.catalog.rollout.session
        return (
            f"opens {md(it.opens.days)} {md(it.opens.at)}, closes {md(it.closes.days)} {md(it.closes.at)}, "
            f"{md(self.catalog.rollout.zone)}"
        )

    @macro("site_fact")
    def site_fact(self, key: str) -> str:
        """`site_fact("name")` -> a fact about this site."""
        return md(self.catalog.find("fact of the site", self.catalog.site.model_dump(), key))

    # ------------------------------------------------------------------ links

    @macro("why")
    def why(self, *keys: str) -> str:
        """`why("knight-27")` -> a short note with the incident or clause behind a step."""
        return f"_Why: {'; '.join(map(self.source, keys))}._"

    def source(self, key: str) -> str:
        """A source by its short name, linked to its row, with what it says on hover and focus."""
        source = self.catalog.find("source", self.catalog.sources, key)
        return self.mark("source", key) + fill_inline("source_note.md.jinja", source=source, href=f"{SOURCES}#s-{key}")

    @macro("procedure_link")
    def procedure_link(self, key: str) -> str:
        """`procedure_link("warm")` -> a link to a procedure."""
        procedure = self.catalog.find("procedure", self.catalog.procedures, key)
        return f"[{md(procedure.title)}](/{procedure.page}#{key})"

    def edit_link(self, file: str, *path: str | int) -> str:
        """A link that opens the line of a record for editing."""
        site = self.catalog.site
        name, line = self.catalog.place(file, *path)
        return f'[edit]({site.repository}/blob/{site.branch}/{name}?plain=1#L{line}){{ data-print="none" }}'

    def used_in(self, kind: str, key: str, otherwise: str) -> str:
        """The sections that use a record, as links.

        otherwise: what stands there when no section does.
        """
        places = self.pages.usage.places
        return self.pages.late.later(
            lambda: (
                lines(
                    f"[{md(place.title)}: {md(place.heading)}](/{place.page}#{place.section})"
                    for place in places.get((kind, key), [])
                )
                or otherwise
            )
        )
