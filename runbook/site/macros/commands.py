"""What stands inside a command block. Everything here is shell, and fails closed when a variable is not set."""

from runbook.diagnostics import MacroError
from runbook.site.escape import shell
from runbook.site.macro_registry import macro
from runbook.site.macros.inline import InlineMacros


class Commands:
    """Macros for fenced command blocks; their output is shell, not Markdown."""

    def __init__(self, inline: InlineMacros):
        self.inline, self.catalog = inline, inline.catalog

    @macro("cli")
    def cli(self, verb: str) -> str:
        """`cli("handover")` -> `traderctl handover`."""
        self.catalog.find("verb", self.catalog.system.verbs, verb)
        return f"{shell(self.catalog.system.names.cli)} {shell(verb)}"

    @macro("guarded")
    def guarded(self, variable: str) -> str:
        self.catalog.find("variable", self.catalog.system.variables, variable)
        return f"${{{variable}:?set {variable}}}"

    @macro("v")
    def v(self, variable: str) -> str:
        """`v("ACCOUNT")` -> `"${ACCOUNT:?set ACCOUNT}"`."""
        return f'"{self.guarded(variable)}"'

    @macro("sets")
    def sets(self, procedure: str) -> str:
        """The first line of a procedure: stops when one of its variables is not set."""
        wanted = self.catalog.find("procedure", self.catalog.procedures, procedure).set
        if not wanted:
            raise MacroError(f'{procedure}: sets no variables; take the call out or fill "set" in data/procedures.yml')
        return " ".join(f"{variable}={self.v(variable)}" for variable in wanted)

    @macro("at")
    def at(self, slot: str) -> str:
        """`at("FREE_SLOT")` -> `"${ACCOUNT:?set ACCOUNT}:${FREE_SLOT:?set FREE_SLOT}"`."""
        return f'"{self.guarded("ACCOUNT")}:{self.guarded(slot)}"'

    @macro("unit")
    def unit(self, slot: str) -> str:
        """`unit("SLOT")` -> the service of a slot; `unit("*")` -> all slots of the account."""
        part = "*" if slot == "*" else self.guarded(slot)
        return '"' + self.catalog.system.names.unit.format(account=self.guarded("ACCOUNT"), slot=part) + '"'

    @macro("guard_unit")
    def guard_unit(self) -> str:
        """The service of the canary guard."""
        return f'"{self.guard_of("ACCOUNT")}"'

    @macro("guard_of")
    def guard_of(self, variable: str) -> str:
        """The service of the guard of the account that a variable names, for use inside quotes."""
        return self.catalog.system.names.guard_unit.format(account=self.guarded(variable))

    @macro("stop_guard")
    def stop_guard(self) -> str:
        """Ends the canary guard if one watches the account, so that it does not hand back in the middle."""
        return f"{{ systemctl stop {self.guard_unit()} 2>/dev/null || true; }}"

    @macro("only_on")
    def only_on(self, environment: str) -> str:
        """True on a host of the environment alone: a block that begins with it does nothing elsewhere."""
        here = self.catalog.find("environment", self.catalog.rollout.environments, environment)
        return f"printf '%s\\n' {' '.join(map(shell, here.hosts))} | grep -qx \"$(hostname -s)\""

    @macro("file")
    def file(self, key: str, slot: str = "SLOT", release: str = "NEW") -> str:
        """`file("slot", slot="FREE_SLOT")` -> a quoted path; `slot` and `release` name the variables to use."""
        path = self.catalog.find("path", self.catalog.system.paths, key).path
        values = {
            name: self.guarded(variable) if f"{{{name}}}" in path else ""
            for name, variable in (("account", "ACCOUNT"), ("slot", slot), ("release", release))
        }
        return '"' + path.format(**values) + '"'

    @macro("path_of")
    def path_of(self, key: str) -> str:
        """`path_of("artefacts")` -> a path without variable parts, for use inside quotes."""
        path = self.catalog.find("path", self.catalog.system.paths, key).path
        if "{" in path:
            raise MacroError(f'{key} has variable parts; use file("{key}")')
        return path

    @macro("daemon")
    def daemon(self) -> str:
        """The daemon's name, for use inside quotes."""
        return self.catalog.system.names.daemon

    @macro("unit_name")
    def unit_name(self) -> str:
        """The name of the unit file of every slot."""
        return self.catalog.system.names.unit.format(account="", slot="").replace(":", "")

    @macro("all_units")
    def all_units(self) -> str:
        """A pattern for every slot of the host, for use inside quotes."""
        return self.unit_name().replace("@", "@*")

    @macro("each")
    def each(self, which: str) -> str:
        """`each("production")` -> the accounts of a wave or an environment, as shell words."""
        return " ".join(shell(account) for account in self.inline.account_names(which))

    @macro("commas")
    def commas(self, which: str) -> str:
        """The same with commas between them."""
        return ",".join(shell(account) for account in self.inline.account_names(which))

    @macro("hosts")
    def hosts(self, environment: str) -> str:
        """`hosts("production")` -> the addresses of an environment's hosts, as shell words."""
        here = self.catalog.find("environment", self.catalog.rollout.environments, environment)
        return " ".join(shell(self.catalog.rollout.hosts[host].address) for host in here.hosts)

    @macro("schema")
    def schema(self, which: str) -> str:
        """`schema("next")` -> the schema that a release writes."""
        if which not in ("current", "next"):
            raise MacroError(f'schema is of "current" or "next", not "{which}"')
        return str(self.catalog.rollout.releases[getattr(self.catalog.rollout, which)].schema_)

    @macro("zone")
    def zone(self) -> str:
        """The exchange's time zone."""
        return shell(self.catalog.rollout.zone)

    @macro("first_slot")
    def first_slot(self) -> str:
        """The slot that a host without a lease begins with."""
        return shell(self.catalog.system.slots[0])

    @macro("slot_words")
    def slot_words(self) -> str:
        """Both slots, as shell words."""
        return " ".join(shell(slot) for slot in self.catalog.system.slots)

    @macro("metric_word")
    def metric_word(self, key: str) -> str:
        """A metric's name in expected output."""
        return self.catalog.find("metric", self.catalog.system.metrics, key).name

    @macro("copies")
    def copies(self) -> str:
        """How many copies a good backup reports, in expected output."""
        return self.inline.mark("threshold", "backup.copies") + str(self.catalog.thresholds["backup.copies"].value)

    @macro("copy")
    def copy(self, message: str) -> str:
        """The words of a message, for a text block to copy."""
        return self.inline.plain_sentence(
            self.catalog.find("message", self.catalog.messages, message).text.replace("```", "'''")
        )
