"""Reads data/, checks it, and hands out typed records. The only module that opens a file there."""

import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter, ValidationError

from runbook.data import deployment_records as runs
from runbook.data import models as model
from runbook.data import yaml_source as yamlfile
from runbook.data.catalog import PLACEHOLDER, Catalog, nearest
from runbook.diagnostics import Fault, FaultsError
from runbook.evidence import store as proofs

PRIVATE_FILE = "private/contacts.yml"
DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
# Domains and telephone numbers that are reserved for examples and fiction (RFC 2606; Ofcom; NANPA).
SAMPLE = re.compile(
    r"\bexample\.(com|net|org)\b|github\.com/example/|\+44 20 7946 0\d{3}|\+1 \d{3} 555 01\d\d|\bExample Trading\b"
)


def load(root: Path, audience: str | None = None) -> Catalog:
    """Reads and checks everything under root/data.

    root: the repository. audience: "public" or "internal"; by default the variable RUNBOOK_AUDIENCE, else public.
    Raises FaultsError with every fault in every file.
    """
    audience = audience or os.environ.get("RUNBOOK_AUDIENCE", "public")
    catalog, faults = Catalog(root, audience), []
    if audience not in ("public", "internal"):
        raise FaultsError([Fault("Makefile", 1, f'RUNBOOK_AUDIENCE is "{audience}"; it is public or internal')])
    for name, kind in model.FILES.items():
        file = catalog.files[name] = yamlfile.read(root / "data" / f"{name}.yml", root)
        faults += file.faults
        if file.data is not None:
            value = _typed(kind, file, faults)
            if value is not None:
                setattr(catalog, name, value)
    if audience == "internal":
        faults += _overlay(catalog)
    catalog.proven, unreadable = proofs.read(root)
    catalog.records, formless = runs.read(catalog, _typed)
    faults += unreadable + formless
    # Relations between records are meaningful only when every record could be read.
    if not faults:
        faults += check(catalog)
    if faults:
        raise FaultsError(faults)
    return catalog


@cache
def _adapter(kind: type) -> TypeAdapter:
    """Building a validator costs more than using it; the live preview and the tests load the data many times."""
    return TypeAdapter(kind)


def _typed(kind: type, file: yamlfile.YamlFile, faults: list[Fault]):
    try:
        return _adapter(kind).validate_python(file.data)
    except ValidationError as error:
        faults += [_fault(file, detail, kind) for detail in error.errors()]
        return None


def _fault(file: yamlfile.YamlFile, detail: dict, kind: type) -> Fault:
    # pydantic names the branch of a union and "[key]" in the path; the file has neither.
    path: tuple = ()
    for part in detail["loc"]:
        if (*path, part) in file.lines or (
            detail["type"] in ("missing", "extra_forbidden") and part == detail["loc"][-1]
        ):
            path = (*path, part)
    found, text = detail["input"], detail["msg"]
    if detail["type"] == "extra_forbidden":
        text = "unknown key" + nearest(path[-1], _siblings(kind, path[:-1]))
    elif detail["type"] == "missing":
        text = "is missing"
    elif detail["type"] == "value_error":
        text = str(detail["ctx"]["error"])
    elif detail["type"] == "string_type":
        text = f"{found!r} is not text; put it in quotes" if found is not None else "is empty; write a text"
    elif detail["type"] == "literal_error":
        text = f'"{found}" is not one of {detail["ctx"]["expected"]}'
    shown = path[:-1] if path and path[-1] == "value" and len(path) > 1 else path
    label = ".".join(str(part) for part in shown)
    return Fault(file.name, file.line(path), f"{label}: {text}" if label else text)


def _siblings(kind: type, path: tuple) -> list[str]:
    """The keys that a record may have, from its JSON Schema."""
    schema = _adapter(kind).json_schema(by_alias=True)
    here = schema
    for part in path:
        here = _resolve(here, schema)
        here = (
            here.get("properties", {}).get(str(part))
            or here.get("additionalProperties")
            or next(iter(here.get("patternProperties", {}).values()), None)
            or here.get("items")
            or {}
        )
        if here is True:
            here = {}
    return list(_resolve(here, schema).get("properties", {}))


def _resolve(here: dict, schema: dict) -> dict:
    for option in here.get("anyOf", []):
        if "$ref" in option:
            here = option
    return schema["$defs"][here["$ref"].rsplit("/", 1)[1]] if "$ref" in here else here


def _overlay(catalog: Catalog) -> list[Fault]:
    """Names and personal numbers, for an internal build. A public build never opens the file."""
    path = catalog.root / "data" / PRIVATE_FILE
    if not path.exists() or catalog.contacts is None:
        return []
    file = yamlfile.read(path, catalog.root)
    faults = list(file.faults)
    people = _typed(model.PRIVATE, file, faults) if file.data is not None else None
    merged = dict(catalog.contacts.contacts)
    for name, person in (people or {}).items():
        if name not in merged:
            faults.append(
                Fault(
                    file.name,
                    file.line((name,)),
                    f"{name}: no such contact in data/contacts.yml{nearest(name, merged)}",
                )
            )
            continue
        merged[name] = merged[name].model_copy(
            update={"name": person.name, "channels": person.channels + merged[name].channels}
        )
    catalog.contacts = catalog.contacts.model_copy(update={"contacts": merged})
    return faults


# ------------------------------------------------------------ between records


def check(catalog: Catalog) -> list[Fault]:
    """What must hold between records. Returns every fault."""
    faults: list[Fault] = []
    for rule in (
        _thresholds,
        _relations,
        _contacts,
        _chains,
        _signoffs,
        _system,
        _rollout,
        _procedures,
        _scenarios,
        _alerts,
        _messages,
        _checklists,
        _compliance,
        _evidence,
        _owners,
        _texts,
        _samples,
        runs.check,
    ):
        faults += rule(catalog)
    return faults


def _refer(catalog: Catalog, file: str, path: tuple, kind: str, key: str | None, records) -> list[Fault]:
    """The fault of a reference that leads nowhere, or nothing."""
    if key is None or key in records:
        return []
    label = ".".join(str(part) for part in path)
    return [Fault(f"data/{file}.yml", catalog.line(file, *path), f'{label}: no {kind} "{key}"{nearest(key, records)}')]


def _say(catalog: Catalog, file: str, path: tuple, text: str) -> Fault:
    return Fault(f"data/{file}.yml", catalog.line(file, *path), f"{'.'.join(str(part) for part in path)}: {text}")


def _needs(catalog: Catalog, file: str, path: tuple, key: str | None, dimension: str = "time") -> list[Fault]:
    """A reference to a threshold of a given dimension."""
    missing = _refer(catalog, file, path, "threshold", key, catalog.thresholds)
    if missing or key is None or catalog.thresholds[key].value.dimension == dimension:
        return missing
    return [
        _say(
            catalog,
            file,
            path,
            f'"{key}" is {catalog.thresholds[key].value}, not a {"duration" if dimension == "time" else "number of " + dimension}',
        )
    ]


def _sorted(catalog: Catalog, file: str, keys) -> list[Fault]:
    keys = list(keys)
    return [
        _say(catalog, file, (second,), f'stands after "{first}"; keep the ids in alphabetical order')
        for first, second in zip(keys, keys[1:])
        if first > second
    ][:1]


def _thresholds(catalog: Catalog) -> list[Fault]:
    faults = _sorted(catalog, "thresholds", catalog.thresholds)
    for name, threshold in catalog.thresholds.items():
        faults += _refer(catalog, "thresholds", (name, "owner"), "role", threshold.owner, catalog.contacts.roles)
        faults += _refer(catalog, "thresholds", (name, "source"), "source", threshold.source, catalog.sources)
    return faults


def _relations(catalog: Catalog) -> list[Fault]:
    faults = []
    for i, relation in enumerate(catalog.relations):
        missing = [
            fault
            for side in ("left", "right")
            for key in getattr(relation, side)
            for fault in _refer(catalog, "relations", (i, side), "threshold", key, catalog.thresholds)
        ]
        if missing:
            faults += missing
            continue
        left, right = ([catalog.thresholds[key].value for key in side] for side in (relation.left, relation.right))
        where = ("relations", catalog.line("relations", i))
        words = f"{' + '.join(relation.left)} {relation.is_} {' + '.join(relation.right)}"
        if len({value.dimension for value in left + right} - {"people"}) > 1:
            faults.append(
                Fault("data/relations.yml", where[1], f"{words}: {left[0]} and {right[0]} cannot be compared")
            )
            continue
        low, high = sum(value.base for value in left), sum(value.base for value in right)
        if not (low < high if relation.is_ == "below" else low <= high):
            shown = " + ".join(map(str, left)), " + ".join(map(str, right))
            faults.append(
                Fault(
                    "data/relations.yml",
                    where[1],
                    f"{words} does not hold: {shown[0]} against {shown[1]}. {relation.why} Change one of them in data/thresholds.yml",
                )
            )
    return faults


def _contacts(catalog: Catalog) -> list[Fault]:
    faults, people = [], catalog.contacts.contacts
    for name, contact in people.items():
        for i, role in enumerate(contact.roles):
            faults += _refer(catalog, "contacts", ("contacts", name, "roles", i), "role", role, catalog.contacts.roles)
        faults += _refer(catalog, "contacts", ("contacts", name, "deputy"), "contact", contact.deputy, people)
        if contact.deputy == name:
            faults.append(
                _say(catalog, "contacts", ("contacts", name, "deputy"), "is its own deputy; name another contact")
            )
    for role in catalog.contacts.roles:
        if not catalog.holders(role):
            faults.append(_say(catalog, "contacts", ("roles", role), "nobody holds this role; give it to a contact"))
    faults += _refer(catalog, "contacts", ("meeting", "bridge"), "contact", catalog.contacts.meeting.bridge, people)
    return faults


def _chains(catalog: Catalog) -> list[Fault]:
    faults, people = [], catalog.contacts.contacts
    for name, chain in catalog.contacts.chains.items():
        missing = [
            fault
            for i, key in enumerate(chain)
            for fault in _refer(catalog, "contacts", ("chains", name, i), "contact", key, people)
        ]
        if missing:
            faults += missing
            continue
        if len(set(chain)) < len(chain):
            faults.append(_say(catalog, "contacts", ("chains", name), "names a contact twice; a chain has no loop"))
        dark = unreachable_hour([people[key] for key in chain])
        if dark:
            faults.append(
                _say(
                    catalog,
                    "contacts",
                    ("chains", name),
                    f"nobody can be reached on {dark}; add a contact with hours: always",
                )
            )
    return faults


def reachable(contact: model.Contact, moment: datetime) -> bool:
    """Whether a contact's hours include a moment (aware datetime). Hours that end before they begin run past midnight, and the last day is the one on which they end.

    runbook/site/frontend/scripts/hours_rule.js tells the reader the same.
    """
    if contact.hours == "always":
        return True
    local = moment.astimezone(ZoneInfo(contact.zone))
    first, _, last = contact.hours.days.partition("-")
    days = DAYS.index(first), DAYS.index(last or first)
    span = [(days[0] + i) % 7 for i in range((days[1] - days[0]) % 7 + 1)]
    now, opens, closes = local.strftime("%H:%M"), contact.hours.from_, contact.hours.to
    if opens < closes:
        return local.weekday() in span and opens <= now < closes
    nights = span[:-1] or span
    return (local.weekday() in nights and now >= opens) or ((local.weekday() - 1) % 7 in nights and now < closes)


def unreachable_hour(people: list[model.Contact]) -> str | None:
    """The first hour of a winter and of a summer week in which none of them can be woken, for a reader; or None."""
    wakeable = [person for person in people if any(channel.wakes for channel in person.channels)]
    for monday in (datetime(2026, 1, 12, tzinfo=UTC), datetime(2026, 7, 13, tzinfo=UTC)):
        for hour in range(7 * 24):
            moment = monday + timedelta(hours=hour)
            if not any(reachable(person, moment) for person in wakeable):
                return f"{moment:%a %H:%M} UTC"
    return None


def _owners(catalog: Catalog) -> list[Fault]:
    return [
        fault
        for start, role in catalog.site.owners.items()
        for fault in _refer(catalog, "site", ("owners", start), "role", role, catalog.contacts.roles)
    ]


def _signoffs(catalog: Catalog) -> list[Fault]:
    faults, people = [], catalog.contacts.contacts
    for name, signoff in catalog.contacts.signoffs.items():
        here = ("contacts", ("signoffs", name))
        faults += _needs(catalog, here[0], (*here[1], "quorum"), signoff.quorum, "people")
        missing = [
            fault
            for side in ("roles", "not")
            for i, role in enumerate(getattr(signoff, side if side == "roles" else "not_"))
            for fault in _refer(catalog, "contacts", ("signoffs", name, side, i), "role", role, catalog.contacts.roles)
        ]
        faults += missing
        if missing or signoff.quorum not in catalog.thresholds:
            continue
        if catalog.thresholds[signoff.quorum].value.number > len(signoff.roles):
            faults.append(
                _say(
                    catalog,
                    here[0],
                    here[1],
                    f"asks for {catalog.thresholds[signoff.quorum].value} and names {len(signoff.roles)} roles; name more",
                )
            )
        for role in signoff.roles:
            if role in signoff.not_:
                faults.append(_say(catalog, here[0], (*here[1], "roles"), f'"{role}" may not approve and is asked to'))
            for holder in catalog.holders(role):
                both = set(people[holder].roles) & set(signoff.not_)
                if both:
                    faults.append(
                        _say(
                            catalog,
                            "contacts",
                            ("contacts", holder, "roles"),
                            f'approves "{name}" and operates as {", ".join(sorted(both))}; nobody approves what they operate',
                        )
                    )
                deputy = people[holder].deputy
                if deputy is None or role not in people.get(deputy, people[holder]).roles:
                    faults.append(
                        _say(
                            catalog,
                            "contacts",
                            ("contacts", holder),
                            f'signs off as "{role}" and has no deputy with that role; name one',
                        )
                    )
    return faults


def _system(catalog: Catalog) -> list[Fault]:
    faults, system = [], catalog.system
    for i, step in enumerate(system.transitions):
        for side in ("from", "to"):
            faults += _refer(
                catalog,
                "system",
                ("transitions", i, side),
                "state",
                step.from_ if side == "from" else step.to,
                system.states,
            )
    for i, key in enumerate(system.settings):
        faults += _refer(catalog, "system", ("settings", i), "threshold", key, catalog.thresholds)
    for name, event in system.log_events.items():
        if event.exit is not None and event.exit not in system.exits:
            faults.append(_say(catalog, "system", ("log_events", name, "exit"), f"no exit code {event.exit}"))
    for name, path in system.paths.items():
        for key in PLACEHOLDER.findall(path.path):
            if key not in ("account", "slot", "release"):
                faults.append(
                    _say(
                        catalog,
                        "system",
                        ("paths", name),
                        f"{{{key}}} is not one of {{account}}, {{slot}}, {{release}}",
                    )
                )
    return faults


def _rollout(catalog: Catalog) -> list[Fault]:
    faults, plan = [], catalog.rollout
    for key in ("current", "next"):
        faults += _refer(catalog, "rollout", (key,), "release", getattr(plan, key), plan.releases)
    for name, environment in plan.environments.items():
        for i, host in enumerate(environment.hosts):
            faults += _refer(catalog, "rollout", ("environments", name, "hosts", i), "host", host, plan.hosts)
        for i, account in enumerate(environment.accounts):
            faults += _refer(
                catalog, "rollout", ("environments", name, "accounts", i), "account", account, plan.accounts
            )
    for name, account in plan.accounts.items():
        faults += _refer(catalog, "rollout", ("accounts", name, "host"), "host", account.host, plan.hosts)
        if not re.fullmatch(catalog.system.variables["ACCOUNT"].pattern, name):
            faults.append(
                _say(
                    catalog,
                    "rollout",
                    ("accounts", name),
                    f"does not match the pattern of ACCOUNT in data/system.yml: {catalog.system.variables['ACCOUNT'].pattern}",
                )
            )
    for name, host in plan.hosts.items():
        for other in host.spare_of:
            faults += _refer(catalog, "rollout", ("hosts", name, "spare_of"), "host", other, plan.hosts)
    faults += _ways_in(catalog)
    planned = [account for wave in plan.waves for account in wave.accounts]
    for account in plan.environments["production"].accounts:
        if planned.count(account) != 1:
            faults.append(
                _say(
                    catalog,
                    "rollout",
                    ("waves",),
                    f"account {account} is in {planned.count(account)} waves; each production account is in exactly one",
                )
            )
    for account in planned:
        if account not in plan.environments["production"].accounts:
            faults.append(_say(catalog, "rollout", ("waves",), f"account {account} is no production account"))
    for i, wave in enumerate(plan.waves):
        faults += _needs(catalog, "rollout", ("waves", i, "size"), wave.size, "accounts") + _needs(
            catalog, "rollout", ("waves", i, "after"), wave.after
        )
        if wave.size in catalog.thresholds and catalog.thresholds[wave.size].value.number != len(wave.accounts):
            faults.append(
                _say(
                    catalog,
                    "rollout",
                    ("waves", i),
                    f"wave {wave.id} has {len(wave.accounts)} accounts; {wave.size} says {catalog.thresholds[wave.size].value}",
                )
            )
    for i, account in enumerate(plan.controls):
        faults += _refer(catalog, "rollout", ("controls", i), "account", account, plan.accounts)
        if account in plan.waves[0].accounts:
            faults.append(
                _say(
                    catalog,
                    "rollout",
                    ("controls", i),
                    f"{account} is the canary; a control account keeps the old release",
                )
            )
    for i, freeze in enumerate(plan.freezes):
        faults += _needs(catalog, "rollout", ("freezes", i, "rule"), freeze.rule)
    for name, change in plan.change_classes.items():
        faults += _refer(
            catalog,
            "rollout",
            ("change_classes", name, "signoff"),
            "sign-off",
            change.signoff,
            catalog.contacts.signoffs,
        )
        if change.soak != "none":
            faults += _needs(catalog, "rollout", ("change_classes", name, "soak"), change.soak)
        faults += _needs(catalog, "rollout", ("change_classes", name, "late"), change.late)
    for i, watch in enumerate(plan.watch):
        faults += _refer(catalog, "rollout", ("watch", i), "metric", watch.metric, catalog.system.metrics)
        for key in (watch.warn, watch.back):
            faults += _refer(catalog, "rollout", ("watch", i), "threshold", key, catalog.thresholds)
    if len(plan.watch) > catalog.thresholds["canary.metrics"].value.number:
        faults.append(
            _say(
                catalog,
                "rollout",
                ("watch",),
                f"{len(plan.watch)} metrics; canary.metrics allows {catalog.thresholds['canary.metrics'].value}",
            )
        )
    for i, look in enumerate(plan.observe):
        faults += _refer(catalog, "rollout", ("observe", i, "by"), "role", look.by, catalog.contacts.roles)
    return faults


def _ways_in(catalog: Catalog) -> list[Fault]:
    """No drill reaches production: it has no way in, and shares no host and no account with an environment that has one."""
    faults, plan = [], catalog.rollout
    live = plan.environments["production"]
    for name, environment in plan.environments.items():
        if environment.ssh and name == "production":
            faults.append(
                _say(
                    catalog,
                    "rollout",
                    ("environments", name, "ssh"),
                    "drills never run in production; take the way in out",
                )
            )
        elif environment.ssh and (
            shared := sorted({*environment.hosts, *environment.accounts} & {*live.hosts, *live.accounts})
        ):
            faults.append(
                _say(
                    catalog,
                    "rollout",
                    ("environments", name),
                    f"shares {', '.join(shared)} with production; what drills can reach has hosts and accounts of its own",
                )
            )
    return faults


def _procedures(catalog: Catalog) -> list[Fault]:
    faults, seen = [], set()
    for name, procedure in catalog.procedures.items():
        for key in ("by", "decides"):
            faults += _refer(
                catalog, "procedures", (name, key), "role", getattr(procedure, key), catalog.contacts.roles
            )
        for i, variable in enumerate(procedure.set):
            faults += _refer(catalog, "procedures", (name, "set", i), "variable", variable, catalog.system.variables)
        for i, message in enumerate(procedure.tell):
            faults += _refer(catalog, "procedures", (name, "tell", i), "message", message, catalog.messages)
        budgets = _needs(catalog, "procedures", (name, "budget"), procedure.budget) + _needs(
            catalog, "procedures", (name, "gap"), procedure.gap
        )
        for i, step in enumerate(procedure.steps):
            here = (name, "steps", i)
            faults += _refer(catalog, "procedures", here, "role", step.by, catalog.contacts.roles)
            budgets += _needs(catalog, "procedures", here, step.budget)
            if not step.id.startswith(f"{name}-"):
                faults.append(
                    _say(
                        catalog,
                        "procedures",
                        here,
                        f'step "{step.id}" does not begin with the id of its procedure: "{name}-..."',
                    )
                )
            if step.id in seen:
                faults.append(_say(catalog, "procedures", here, f'step "{step.id}" stands twice'))
            seen.add(step.id)
        faults += budgets
        if budgets:
            continue
        total, budget = (
            sum(catalog.thresholds[step.budget].value.base for step in procedure.steps),
            catalog.thresholds[procedure.budget].value,
        )
        if total > budget.base:
            faults.append(
                _say(
                    catalog,
                    "procedures",
                    (name, "budget"),
                    f"the steps add up to {total} s; {procedure.budget} is {budget}. Shorten a step or raise the budget",
                )
            )
    return faults


def _scenarios(catalog: Catalog) -> list[Fault]:
    faults, all_of = [], catalog.scenarios
    for name, severity in all_of.severities.items():
        faults += _needs(catalog, "scenarios", ("severities", name, "respond"), severity.respond)
        faults += _refer(
            catalog, "scenarios", ("severities", name, "chain"), "chain", severity.chain, catalog.contacts.chains
        )
    for name, scenario in all_of.scenarios.items():
        here = ("scenarios", name)
        faults += _refer(catalog, "scenarios", here, "procedure", name, catalog.procedures)
        faults += _refer(catalog, "scenarios", (*here, "severity"), "severity", scenario.severity, all_of.severities)
        for key in ("rto", "rpo"):
            faults += _needs(catalog, "scenarios", (*here, key), getattr(scenario, key))
        for alert in scenario.alerts:
            missing = _refer(catalog, "scenarios", (*here, "alerts"), "alert", alert, catalog.alerts)
            faults += missing
            if not missing and name not in catalog.alerts[alert].answers:
                faults.append(
                    _say(
                        catalog,
                        "scenarios",
                        (*here, "alerts"),
                        f"{alert} does not lead here; add {name} to its answers in data/alerts.yml",
                    )
                )
        for i, sight in enumerate(scenario.see):
            if sight.kind == "log":
                faults += _refer(
                    catalog, "scenarios", (*here, "see", i), "log event", sight.what, catalog.system.log_events
                )
            if sight.kind == "exit" and sight.what not in map(str, catalog.system.exits):
                faults.append(_say(catalog, "scenarios", (*here, "see", i), f"no exit code {sight.what}"))
        if (
            scenario.rto in catalog.thresholds
            and name in catalog.procedures
            and catalog.procedures[name].budget in catalog.thresholds
        ):
            if (
                catalog.thresholds[catalog.procedures[name].budget].value.base
                > catalog.thresholds[scenario.rto].value.base
            ):
                faults.append(
                    _say(
                        catalog,
                        "scenarios",
                        (*here, "rto"),
                        f"the procedure may take longer than the RTO: {catalog.procedures[name].budget} is above {scenario.rto}",
                    )
                )
    return faults


def _alerts(catalog: Catalog) -> list[Fault]:
    faults = _sorted(catalog, "alerts", catalog.alerts)
    for name, alert in catalog.alerts.items():
        faults += _refer(catalog, "alerts", (name, "metric"), "metric", alert.metric, catalog.system.metrics)
        faults += _refer(
            catalog, "alerts", (name, "severity"), "severity", alert.severity, catalog.scenarios.severities
        )
        faults += _refer(catalog, "alerts", (name, "limit"), "threshold", alert.limit, catalog.thresholds)
        faults += _needs(catalog, "alerts", (name, "lasts"), alert.lasts)
        for answer in alert.answers:
            faults += _refer(catalog, "alerts", (name, "answers"), "procedure", answer, catalog.procedures)
            if answer in catalog.scenarios.scenarios and name not in catalog.scenarios.scenarios[answer].alerts:
                faults.append(
                    _say(
                        catalog,
                        "alerts",
                        (name, "answers"),
                        f"the scenario {answer} does not name this alert; add it in data/scenarios.yml",
                    )
                )
    return faults


def _messages(catalog: Catalog) -> list[Fault]:
    return [
        fault
        for name, message in catalog.messages.items()
        for fault in _refer(catalog, "messages", (name, "by"), "role", message.by, catalog.contacts.roles)
        + _needs(catalog, "messages", (name, "within"), message.within)
    ]


def _checklists(catalog: Catalog) -> list[Fault]:
    faults, seen = [], set()
    for i, role in enumerate(catalog.checklists.people):
        faults += _refer(catalog, "checklists", ("people", i), "role", role, catalog.contacts.roles)
    for p, pause in enumerate(catalog.checklists.pauses):
        if pause.signoff != "class":
            faults += _refer(
                catalog, "checklists", ("pauses", p, "signoff"), "sign-off", pause.signoff, catalog.contacts.signoffs
            )
        for i, item in enumerate(pause.items):
            here = ("pauses", p, "items", i)
            faults += _refer(catalog, "checklists", here, "role", item.by, catalog.contacts.roles)
            faults += _refer(catalog, "checklists", here, "procedure", item.drilled, catalog.procedures)
            if not item.id.startswith(f"{pause.id}-"):
                faults.append(
                    _say(
                        catalog,
                        "checklists",
                        here,
                        f'item "{item.id}" does not begin with the id of its pause point: "{pause.id}-..."',
                    )
                )
            if item.id in seen:
                faults.append(_say(catalog, "checklists", here, f'item "{item.id}" stands twice'))
            seen.add(item.id)
    return faults


def _compliance(catalog: Catalog) -> list[Fault]:
    faults = []
    for i, clause in enumerate(catalog.compliance):
        faults += _refer(catalog, "compliance", (i, "source"), "source", clause.source, catalog.sources)
        if clause.source in catalog.sources and catalog.sources[clause.source].kind not in ("regulation", "guidance"):
            faults.append(
                _say(catalog, "compliance", (i, "source"), f'"{clause.source}" is no regulation and no guidance')
            )
        for procedure in clause.procedures:
            faults += _refer(catalog, "compliance", (i, "procedures"), "procedure", procedure, catalog.procedures)
    return faults


def _evidence(catalog: Catalog) -> list[Fault]:
    real = {f"{environment}/{name}": it for environment, ran in catalog.proven.real.items() for name, it in ran.items()}
    return [
        Fault(
            f"data/evidence/{name}.json",
            1,
            f"no procedure {it.of}{nearest(it.of, catalog.procedures)}; delete the file or rename the drill",
        )
        for name, it in (catalog.proven.drills | real).items()
        if it.of not in catalog.procedures
    ] + [
        Fault(
            f"data/evidence/{environment}", 1, f"no environment {environment} that drills can reach; delete the folder"
        )
        for environment in catalog.proven.real
        if environment not in catalog.rollout.environments or not catalog.rollout.environments[environment].ssh
    ]


def _texts(catalog: Catalog) -> list[Fault]:
    """Every {placeholder} in a sentence names a threshold. Fields that are no sentences are left out."""
    faults = []
    for name, file in catalog.files.items():
        if name in ("system", "site") or name.startswith("records/"):
            continue
        for path, text in _strings(file.data, ()):
            for key in PLACEHOLDER.findall(text):
                faults += _refer(catalog, name, path, "threshold", key, catalog.thresholds)
    return faults


def _samples(catalog: Catalog) -> list[Fault]:
    """While the data is a sample its contacts are marked; once it is the firm's own, nothing of the sample is left."""
    if not catalog.site.sample:
        return [
            _say(catalog, name, path, f'"{text}" is a sample; put your own in, or say sample: true')
            for name, file in catalog.files.items()
            if not name.startswith("records/")
            for path, text in _strings(file.data, ())
            if SAMPLE.search(text)
        ]
    return [
        _say(
            catalog,
            "contacts",
            ("contacts", name),
            "has an address or a number that is reserved for samples; mark it with sample: true",
        )
        for name, contact in catalog.contacts.contacts.items()
        if not contact.sample and any(SAMPLE.search(channel.value) for channel in contact.channels)
    ]


def _strings(data, path: tuple) -> Iterator[tuple[tuple, str]]:
    if isinstance(data, str):
        yield path, data
    elif isinstance(data, dict):
        for key, value in data.items():
            yield from _strings(value, (*path, key))
    elif isinstance(data, list):
        for i, value in enumerate(data):
            yield from _strings(value, (*path, i))
