"""Values of data/ in a command block, in curly brackets: `{log.size in MB}`, `{hosts of production}`."""

import re
import shlex
from collections.abc import Callable

from runbook.data.catalog import Catalog
from runbook.diagnostics import MacroError
from runbook.site.shell_blocks.vocabulary import nearest

# Called with the kind and the key of each record that a block uses; what it gives is put in front of the value.
Mark = Callable[[str, str], str]

VALUE = re.compile(r"\{([a-z][^{}\n]*)\}")
_NUMBER = re.compile(r"([a-z][\w.]*) in (\S+)")
_THRESHOLD = re.compile(r"[a-z]\w*(?:\.\w+)+")
_WITH_KEY = re.compile(r"(hosts|hostnames|accounts|schema) of (\w+)( by comma)?|(metric) (\w+)")
FORMS = [
    "threshold in unit",
    "hosts of environment",
    "hostnames of environment",
    "accounts of wave",
    "accounts of wave by comma",
    "schema of next",
    "metric name",
    "slots",
    "first slot",
    "exchange zone",
]


class Values:
    """Gives the value for what stands in the brackets."""

    def __init__(self, catalog: Catalog, mark: Mark):
        self._catalog, self._mark = catalog, mark

    def of(self, asked: str) -> str | None:
        """The value as text for the shell; None when the brackets are the shell's own, or a program's.

        Raises MacroError when it is one of the forms, and data/ has no such record.
        """
        catalog = self._catalog
        if number := _NUMBER.fullmatch(asked):
            threshold = catalog.find("threshold", catalog.thresholds, number[1])
            try:
                return self._mark("threshold", number[1]) + str(threshold.value.to(number[2]))
            except ValueError as error:
                raise MacroError(f"{number[1]}: {error}") from None
        if _THRESHOLD.fullmatch(asked):
            threshold = catalog.find("threshold", catalog.thresholds, asked)
            return self._mark("threshold", asked) + str(threshold.value)
        if found := _WITH_KEY.fullmatch(asked):
            return self._of_record(found[1] or found[4], found[2] or found[5], "," if found[3] else " ")
        assert catalog.system and catalog.rollout
        fixed = {
            "slots": " ".join(map(shlex.quote, catalog.system.slots)),
            "first slot": shlex.quote(catalog.system.slots[0]),
            "exchange zone": shlex.quote(catalog.rollout.zone),
        }
        return fixed.get(asked)

    def _of_record(self, what: str, key: str, between: str) -> str:
        system, rollout, find = self._catalog.system, self._catalog.rollout, self._catalog.find
        assert system and rollout
        if what == "metric":
            return str(find("metric", system.metrics, key).name)
        if what == "schema":
            releases = {"current": rollout.current, "next": rollout.next}
            return str(rollout.releases[find("release", releases, key)].schema_)
        if what == "accounts":
            lists: dict[str, list[str]] = {wave.id: wave.accounts for wave in rollout.waves}
            lists |= {str(name): environment.accounts for name, environment in rollout.environments.items()}
            words = find("wave or environment", lists | {"controls": rollout.controls}, key)
        else:
            environments = {str(name): it for name, it in rollout.environments.items()}
            hosts = find("environment", environments, key).hosts
            words = hosts if what == "hostnames" else [rollout.hosts[host].address for host in hosts]
        return between.join(map(shlex.quote, words))

    @staticmethod
    def unknown(asked: str) -> str:
        """The words of the fault for brackets that are none of the forms."""
        return f"{{{asked}}} is no value of data/{nearest(asked, FORMS)}"
