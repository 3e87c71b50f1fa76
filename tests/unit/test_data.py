"""Everything that can be wrong under data/ stops the build, with file, line, what was found and what is wanted."""

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from runbook.data.checks.alerts import check_every_scenario
from runbook.data.checks.scenarios import check_one_owner
from runbook.data.json_schemas import schemas
from runbook.data.loader import load
from runbook.data.models.files import FILES, FOLDERS
from runbook.diagnostics import FaultsError
from tests.conftest import ROOT, say
from tests.edits import Edit, found


def faults_of(root: Path) -> list[str]:
    """What is said of the data below a repository's root."""
    try:
        load(root, "public")
    except FaultsError as error:
        return [str(fault) for fault in error.faults]
    return []


# What is changed in the frozen sample, and what is said of it. The fault names the line of the change, or that of the
# path `at`. {any} stands for words that the order of the data decides.
BAD = {
    # --- values
    "a unit that is none": (
        Edit("thresholds", "rollback.total.value", "5 mins"),
        'rollback.total: "5 mins" is not a duration; write e.g. "5 min"',
    ),
    "a number without a unit": (
        Edit("thresholds", "canary.soak.value", "24"),
        'canary.soak: 24 has no unit; write e.g. "24 min"',
    ),
    "an outsider who decides": (
        Edit("authority", "flatten.decides.0", "broker_trade_desk"),
        "flatten.decides: broker_trade_desk is outside of the firm; it may carry out, not decide",
    ),
    "a fallback that decides already": (
        Edit("authority", "flatten.fallback", "risk_approver"),
        "flatten: risk_approver decides already; a fallback is another role",
        "flatten",
    ),
    "who signs is not who decides": (
        Edit("authority", "resume.decides.0", "incident_commander"),
        "resume.decides: the sign-off resume is signed by trading_approver, risk_approver",
    ),
    "a chain to somebody who does not decide": (
        Edit("contacts", "chains.flatten.2", "platform_secondary"),
        "chains.flatten.2: platform_secondary does not decide this; the chain has trading_approver",
    ),
    "a time without its zones": (
        Edit("messages", "clear.text", '"ALL CLEAR, [TIME]."'),
        'clear.text: "[TIME]" has no zone; write "[TIME: exchange, desk, UTC]"',
    ),
    "a word that the glossary replaces": (
        Edit("thresholds", "canary.soak.why", "The demon runs."),
        'canary.soak.why: "demon" is not a word of this site; write "daemon"',
    ),
    "a phrase that is hard to read": (
        Edit("thresholds", "canary.soak.why", "In order to see it run."),
        'canary.soak.why: "In order to" is not a word of this site; write "to"',
    ),
    "terms out of order": (
        Edit("language", "terms.1.term", "Account"),
        'terms.1: "Account" stands after "Daemon"; terms are in the order of the alphabet',
    ),
    "a word in two terms": (
        Edit("language", "terms.1.instead_of.0", "demon"),
        'terms.1: "demon" stands 2 times; a word has one meaning',
    ),
    "a search that leads nowhere": (
        Edit("search", "crash", "crush", of="key"),
        'crush: no procedure "crush"; did you mean "crash"?',
    ),
    "words that lead to two places": (
        Edit("search", "reference/alerts.md#alerts.words.0", "Daemon is down!"),
        'reference/alerts.md#alerts.words.0: "Daemon is down!" leads to crash already; the search has one first answer',
    ),
    "a line of the log that nobody answers": (
        Edit("system", "log_events.took_over", "took_it", of="key"),
        "log_events.took_it: no scenario shows this line of the log, and data/search.yml does not say what answers it",
    ),
    "a lesson from nowhere": (
        Edit("procedures/warm", "steps.1.budget", "rollback.warm.safe\n    why: {source: knight-72, says: A lesson.}"),
        'warm.steps.1.why.source: no source "knight-72"; did you mean "knight-27"?',
        "",
    ),
    "an exercise of no procedure": (
        Edit("exercises", "0.procedure", "wram"),
        '0.procedure: no procedure "wram"; did you mean "warm"?',
    ),
    "an exercise by nobody known": (
        Edit("exercises", "0.roles.1", "release_operater"),
        '0.roles.1: no role "release_operater"; did you mean "release_operator"?',
    ),
    "an exercise that is still to come": (
        Edit("exercises", "0.date", '"2099-01-01"'),
        "0.date: 2099-01-01 has not come yet",
    ),
    "an exercise on no day": (
        Edit("exercises", "0.date", '"2026-02-30"'),
        "0.date: 2026-02-30 is not a day of the calendar",
    ),
    "an exercise that took no time": (
        Edit("exercises", "0.took", "8 people"),
        '0.took: 8 people is no duration; write e.g. "12 min"',
    ),
    "a holiday when the exchange is closed anyway": (
        Edit("calendar", "exchange.0.date", '"2026-11-28"'),
        "exchange.0.date: 2026-11-28 is a Sat; the exchange trades Mon-Fri",
    ),
    "a date that the calendar does not cover": (
        Edit("calendar", "events.0.at", '"2025-12-04 08:30"'),
        "events.0.at: 2025-12-04 is outside of what the calendar covers, 2026-11-01 and 2027-06-30",
    ),
    "a half day without its close": (
        Edit("calendar", "exchange.0.kind", "closed"),
        "exchange.0: a half day has `closes`, a closed day has not",
    ),
    "a number without a reason": (
        Edit("thresholds", "canary.soak.why", "''"),
        "canary.soak.why: is empty; write a sentence",
    ),
    "a date in words": (
        Edit("contacts", "contacts.desk_head.verified", '"4 Nov 2026"'),
        'contacts.desk_head.verified: "4 Nov 2026" is not a date; write e.g. "2026-11-23"',
    ),
    "no such time zone": (
        Edit("contacts", "contacts.desk_head.zone", "Europe/Londn"),
        'contacts.desk_head.zone: "Europe/Londn" is not a time zone; write e.g. "Europe/London"',
    ),
    "half a release": (
        Edit("rollout", "current", '"1.4"'),
        'current: "1.4" is not a release; write e.g. "1.5.0"',
    ),
    "no such paper": (Edit("site", "paper", "A5"), "paper: \"A5\" is not one of 'A4' or 'Letter'"),
    # --- keys
    "a key with a slip": (
        Edit("thresholds", "canary.soak.value", "valeu", of="key"),
        'canary.soak.valeu: unknown key; did you mean "value"?',
    ),
    "a key that is missing": (
        Edit("thresholds", "canary.soak.value", of="entry"),
        "canary.soak: is missing",
        "canary.soak",
    ),
    "a key that stands twice": (
        Edit("thresholds", "canary.soak", "canary.samples", of="key"),
        "canary.samples: the key stands twice, first in line {first}; remove one of them",
    ),
    # --- YAML's traps
    "a telephone number without quotes": (
        Edit("contacts", "contacts.desk_head.channels.0.value", "+442079460101"),
        "contacts.desk_head.channels.0.value: +442079460101 without quotes is read as another number; write "
        '"+442079460101"',
    ),
    "a time without quotes": (
        Edit("contacts", "contacts.desk_head.hours.from", "17:00"),
        'contacts.desk_head.hours.from: 17:00 without quotes is read as another number; write "17:00"',
    ),
    "a word that YAML takes for false": (
        Edit("site", "branch", "NO"),
        'branch: NO without quotes is read as a truth value; write "NO"',
    ),
    "a release without quotes": (
        Edit("rollout", "next", "1.10"),
        'next: 1.10 without quotes is read as a number that is written differently; write "1.10"',
    ),
    "a date without quotes": (
        Edit("contacts", "contacts.desk_head.verified", "2026-11-04"),
        'contacts.desk_head.verified: 2026-11-04 without quotes is read as a date object; write "2026-11-04"',
    ),
    "a bracket that is not closed": (Edit("site", "firm", "[Example"), "not valid YAML: ", ""),
    # --- references that lead nowhere
    "a role with a slip": (
        Edit("thresholds", "canary.contracts.owner", "risk_aprover"),
        'canary.contracts.owner: no role "risk_aprover"; did you mean "risk_approver"?',
    ),
    "no such source": (
        Edit("thresholds", "canary.contracts.source", "rts6-9"),
        'canary.contracts.source: no source "rts6-9"; did you mean "rts6-8"?',
    ),
    "an alert without its procedure": (
        Edit("alerts", "TraderdDown.owner", "crush"),
        'TraderdDown.owner: no procedure "crush"; did you mean "crash"?',
    ),
    "a limit in another unit than the metric": (
        Edit("alerts", "TraderdMemory.limit", "errors.unknown"),
        "TraderdMemory.limit: errors.unknown is 0 errors; process_resident_memory_bytes is in MB",
    ),
    "a metric that silences an alert and does not exist": (
        Edit("alerts", "TraderdMemory.says", "Memory grows.\n  unless: [halt]"),
        'TraderdMemory.unless.0: no metric "halt"; did you mean "halted"?',
        "TraderdMemory.says+1",
    ),
    "a reason for no alert beside an alert": (
        Edit("scenarios", "scenarios.crash.now", "Look.\n    no_alert: Nothing tells."),
        "scenarios.crash.no_alert: TraderdDown leads here; take no_alert out",
        "scenarios.crash.now+1",
    ),
    "an address of graphs without the metric": (
        Edit("site", "dashboard", '"https://graphs.example.com/"'),
        'dashboard: "https://graphs.example.com/" is not an address with {metric} in it',
    ),
    "an objective that the way from an alert does not meet": (
        Edit("scenarios", "scenarios.crash.rto", "decide.total"),
        "scenarios.crash.rto: after TraderdDown: 0:30 detection + 2:00 answer + 3:30 crash = 6:00; decide.total is",
    ),
    "no such threshold": (
        Edit("scenarios", "scenarios.crash.rto", "rto.crsh"),
        'scenarios.crash.rto: no threshold "rto.crsh"; did you mean "rto.crash"?',
    ),
    "a threshold that is no time": (
        Edit("scenarios", "scenarios.crash.rto", "canary.accounts"),
        'scenarios.crash.rto: "canary.accounts" is 1 account, not a duration',
    ),
    "no such role in a step": (
        Edit("procedures/warm", "steps.0.by", "comunicator"),
        'warm.steps.0: no role "comunicator"; did you mean "communicator"?',
        "steps.0",
    ),
    "a step named after nothing": (
        Edit("procedures/warm", "steps.0.id", "hold"),
        'warm.steps.0: step "hold" does not begin with the id of its procedure: "warm-..."',
        "steps.0",
    ),
    "a step that stands twice": (
        Edit("procedures/warm", "steps.1.id", "warm-hold"),
        'warm.steps.1: step "warm-hold" stands twice',
        "steps.1",
    ),
    "no such variable": (
        Edit("procedures/warm", "set", "[ACOUNT, BAD, OLD]"),
        'warm.set.0: no variable "ACOUNT"; did you mean "ACCOUNT"?',
        "set",
    ),
    "a goal with a value that nobody sets": (
        Edit("procedures/warm", "reach.writes", "$NEW"),
        "warm.reach.writes: $NEW is not among the values of the procedure: ACCOUNT, BAD, OLD",
    ),
    "a goal that is reached and kept": (
        Edit("procedures/warm", "reach.writes", "$OLD\n  standby: $OLD"),
        "warm.keep.standby: standby is to be reached and to be kept; choose one",
        "keep.standby+1",
    ),
    "no such procedure": (
        Edit("compliance", "0.procedures", "[stagin]"),
        '0.procedures: no procedure "stagin"; did you mean "staging"?',
    ),
    "no such threshold in a sentence": (
        Edit("messages", "halted.text", "Next word in {comms.updates}"),
        'halted.text: no threshold "comms.updates"; did you mean "comms.update"?',
    ),
    "no such file of a procedure": (
        Edit("procedure_order", "2", "wram"),
        'no file data/procedures/wram.yml; did you mean "warm"?',
    ),
    "a procedure that stands twice": (
        Edit("procedure_order", "2", "staging"),
        '"staging" stands twice; remove one of them',
    ),
    # --- people
    "nobody can be reached": (
        Edit("contacts", "contacts.oncall_primary.channels", '[{kind: chat, value: "#trading-daemon"}]'),
        "contacts.oncall_primary: cannot be reached: give it a phone or a pager",
        "contacts.oncall_primary",
    ),
    "a telephone number of no country": (
        Edit("contacts", "contacts.desk_head.channels.0.value", '"0207 9460101"'),
        'contacts.desk_head.channels.0: "0207 9460101" is not a telephone number; write it with + and the country '
        "code, in quotes",
        "contacts.desk_head.channels.0",
    ),
    "a chain that sleeps": (
        Edit("contacts", "chains.flatten", "[desk_head, risk_officer]"),
        "chains.flatten: nobody can be reached on Mon 00:00 UTC; add a contact with hours: always",
    ),
    "a chain with a loop": (
        Edit("contacts", "chains.sev3", "[oncall_primary, oncall_primary]"),
        "chains.sev3: names a contact twice; a chain has no loop",
    ),
    "an approver who operates": (
        Edit("contacts", "contacts.risk_officer.roles", "[risk_approver, release_operator]"),
        'contacts.risk_officer.roles: approves "{any}" and operates as release_operator; nobody approves what they '
        "operate",
    ),
    "an approver without a deputy": (
        Edit("contacts", "contacts.risk_officer.deputy", of="entry"),
        'contacts.risk_officer: signs off as "risk_approver" and has no deputy with that role; name one',
        "contacts.risk_officer",
    ),
    "a role that nobody holds": (
        Edit("contacts", "contacts.sdk_vendor.roles", "[broker_api_support]"),
        "roles.sdk_support: nobody holds this role; give it to a contact",
        "roles.sdk_support",
    ),
    # --- the rollout
    "a wave of another size": (
        Edit("rollout", "waves.2.accounts", "[A4]"),
        "waves.2: wave rest has 1 accounts; wave.rest.accounts says 2 accounts",
    ),
    "the canary as a control account": (
        Edit("rollout", "controls", "[A1, A5]"),
        "controls.0: A1 is the canary; a control account keeps the old release",
    ),
    "a way into production": (
        Edit("rollout", "environments.production.accounts", "[A1, A2, A3, A4, A5]\n    ssh: {user: root, port: 22}"),
        "environments.production.ssh: drills never run in production; take the way in out",
        "environments.production.accounts+1",
    ),
    "a host of production that drills can reach": (
        Edit("rollout", "environments.staging.hosts", "[staging-1, trade-1]"),
        "environments.staging: shares trade-1 with production; what drills can reach has hosts and accounts of its own",
        "environments.staging",
    ),
    "a port that is none": (
        Edit("rollout", "environments.staging.ssh.port", "70000"),
        "environments.staging.ssh.port: Input should be less than or equal to 65535",
    ),
    # --- the checklist
    "a pause point without its call": (
        Edit("checklists", "pauses.6.items.5.check", '"The deployment is closed"'),
        'pauses.6: the last item is the call that ends the list; begin it with "Call: "',
        "pauses.6",
    ),
    "an item named after nothing": (
        Edit("checklists", "pauses.6.items.4.id", "weekrecord"),
        'pauses.6.items.4: item "weekrecord" does not begin with the id of its pause point: "week-..."',
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_a_fault_in_the_data_names_file_and_line_and_what_is_wanted(sample, case):
    change, message, *at = BAD[case]
    text = (sample / "data" / f"{change.file}.yml").read_text(encoding="utf-8")
    line = change.apply(sample)
    if at and at[0]:
        path, _, below = at[0].partition("+")
        line = found(text, path).line + int(below or 0)
    if "{first}" in message:
        message = message.replace("{first}", str(found(text, "canary.samples").line))
    wanted = re.escape(message).replace(re.escape("{any}"), ".*")
    place = rf"data/{change.file}\.yml:{line if at != [''] else '[0-9]+'}: "
    faults = faults_of(sample)
    assert any(re.match(place + wanted, fault) for fault in faults), f"wanted {place}{wanted}\ngot\n" + "\n".join(
        faults
    )


def test_a_symptom_has_one_scenario(catalog):
    scenarios = catalog.scenarios.scenarios
    (first, one), (second, other), *_ = scenarios.items()
    doubled = other.model_copy(update={"see": [*other.see, one.see[0]]})
    record = catalog.scenarios.model_copy(update={"scenarios": {**scenarios, second: doubled}})
    (fault,) = check_one_owner(replace(catalog, scenarios=record))
    assert fault.text.endswith(f"is a sign of {first} already; one symptom has one procedure")


def test_a_scenario_has_an_alert_or_a_reason_for_none(catalog):
    faults = check_every_scenario(replace(catalog, alerts={}))
    told = {name for name, scenario in catalog.scenarios.scenarios.items() if scenario.no_alert is None}
    assert {fault.text.split(":")[0].removeprefix("scenarios.") for fault in faults} == told
    assert all(": no alert leads here; " in fault.text for fault in faults)


def test_a_window_that_is_always_frozen_is_a_fault(sample):
    Edit("calendar", "quiet.0", '{first: "2026-11-01", last: "2027-06-30", title: All year}').apply(sample)
    assert [fault.split(": ", 1)[1].split(" between")[0] for fault in faults_of(sample)] == [
        f"windows.{window}: is never open" for window in ("canary", "waves", "host")
    ]


def test_the_frozen_sample_is_in_order(sample):
    """Where a model asks for more than it did, write it into tests/fixtures/sample/data, too."""
    say(faults_of(sample))


def test_every_fault_of_every_file_is_reported_at_once(sample):
    Edit("thresholds", "canary.soak.value", "24 hrs").apply(sample)
    Edit("contacts", "contacts.desk_head.zone", "Europe/Londn").apply(sample)
    Edit("site", "paper", "A5").apply(sample)
    files = {fault.partition(":")[0] for fault in faults_of(sample)}
    assert files == {"data/thresholds.yml", "data/contacts.yml", "data/site.yml"}


def test_a_missing_file_is_a_fault(sample):
    (sample / "data" / "alerts.yml").unlink()
    with pytest.raises(FaultsError, match=r"data/alerts\.yml:1: the file is missing"):
        load(sample, "public")


def test_a_procedure_without_a_place_in_the_order_is_a_fault(sample):
    shutil.copy(sample / "data" / "procedures" / "warm.yml", sample / "data" / "procedures" / "warmer.yml")
    with pytest.raises(
        FaultsError,
        match=r"data/procedures/warmer\.yml:1: is not in the order; add warmer to data/procedure_order\.yml",
    ):
        load(sample, "public")


def test_a_procedure_in_a_file_that_is_not_named_like_an_id_is_a_fault(sample):
    (sample / "data" / "procedures" / "warm.yml").rename(sample / "data" / "procedures" / "Warm Path.yml")
    with pytest.raises(FaultsError, match=r'data/procedures/Warm Path\.yml:1: "Warm Path" is not an id; '):
        load(sample, "public")


def test_github_shows_a_fault_on_its_line(sample, monkeypatch):
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    Edit("thresholds", "parity.loss.value", "1 percent").apply(sample)
    with pytest.raises(FaultsError) as error:
        load(sample, "public")
    fault = error.value.faults[0]
    assert f"::error file=data/thresholds.yml,line={fault.line}::" in str(error.value)
    assert "%25" in fault.annotation(), "a percent sign must be escaped in a workflow command"


def test_a_procedure_whose_steps_do_not_fit_its_budget_stops_the_build(sample):
    Edit("thresholds", "rollback.warm.clear.value", "10 min").apply(sample)
    line = found((sample / "data/procedures/warm.yml").read_text(encoding="utf-8"), "budget").line
    wanted = f"data/procedures/warm.yml:{line}: warm.budget: the steps add up to 780 s; rollback.total is 5 minutes"
    assert any(fault.startswith(wanted) for fault in faults_of(sample)), faults_of(sample)


def test_a_step_for_each_account_counts_for_each_account_of_the_fullest_host(sample):
    file = sample / "data/procedures/warm.yml"
    text = file.read_text(encoding="utf-8")
    for budget in ("rollback.warm.smoke", "rollback.warm.retire"):
        text = text.replace(f"    budget: {budget}\n", f"    budget: {budget}\n    each: account\n")
    file.write_text(text, encoding="utf-8")
    wanted = "warm.budget: the steps add up to 360 s; rollback.total is 5 minutes"
    assert any(wanted in fault for fault in faults_of(sample)), faults_of(sample)


def test_the_schemas_that_editors_use_are_current():
    folder = ROOT / "data" / "schemas"
    stale = [
        name
        for name, text in schemas().items()
        if not (folder / name).exists() or (folder / name).read_text(encoding="utf-8") != text
    ]
    stray = [path.name for path in folder.iterdir() if path.name not in schemas()]
    say(
        [f"data/schemas/{name} is stale; run: make schemas" for name in stale]
        + [f"data/schemas/{name} belongs to no file; delete it" for name in stray]
    )


def properties(schema: dict, path: str = "") -> Iterator[tuple[str, dict]]:
    """Every property of a JSON Schema, with its path."""
    for name, part in schema.get("properties", {}).items():
        yield f"{path}.{name}", part
    for name, part in schema.get("$defs", {}).items():
        yield from properties(part, name)


@pytest.mark.parametrize("name", sorted(schemas()))
def test_an_editor_explains_every_key_on_hover(name):
    say(
        [
            f"data/schemas/{name}: {path} has no description; write a docstring below the field in runbook/data/models"
            for path, part in properties(json.loads(schemas()[name]))
            if not part.get("description")
        ]
    )


SCHEMA_LINE = "# yaml-language-server: $schema={up}schemas/{schema}.schema.json"
YAML_FILES = [f"{name}.yml" for name in FILES] + [
    f"{folder}/{path.name}" for folder in FOLDERS for path in sorted((ROOT / "data" / folder).glob("*.yml"))
]


def schema_of(file: str) -> str:
    """The name of the schema of a file below data/."""
    folder = file.rpartition("/")[0]
    return FOLDERS[folder][1] if folder else file.removesuffix(".yml")


@pytest.mark.parametrize("file", YAML_FILES)
def test_each_data_file_names_its_schema(file):
    first = (ROOT / "data" / file).read_text(encoding="utf-8").splitlines()[0]
    assert first == SCHEMA_LINE.format(up="../" * file.count("/"), schema=schema_of(file))


@pytest.mark.parametrize("file", YAML_FILES)
def test_a_schema_knows_every_key_that_its_file_uses(file):
    name = schema_of(file)
    schema = json.loads((ROOT / "data" / "schemas" / f"{name}.schema.json").read_text(encoding="utf-8"))
    known = set(
        re.findall(r'"([^"]+)":', json.dumps(schema.get("$defs", {})) + json.dumps(schema.get("properties", {})))
    )
    data = yaml.safe_load((ROOT / "data" / file).read_text(encoding="utf-8"))
    keyed = schema.get("additionalProperties") not in (None, False) or "patternProperties" in schema
    records = data if isinstance(data, list) else list(data.values()) if keyed else [data]
    say(
        [
            f"data/schemas/{name}.schema.json does not know the key {key}"
            for record in records
            if isinstance(record, dict)
            for key in record
            if key not in known
        ]
    )


def test_names_and_numbers_of_the_overlay_reach_an_internal_build_only(sample, monkeypatch):
    private = sample / "data" / "private"
    private.mkdir()
    (private / "contacts.yml").write_text(
        'oncall_primary:\n  name: Zebra Quagga\n  channels:\n    - {kind: phone, value: "+44 20 7946 0987"}\n',
        encoding="utf-8",
    )
    inside, outside = (
        load(sample, "internal").contacts.contacts["oncall_primary"],
        load(sample, "public").contacts.contacts["oncall_primary"],
    )
    assert (inside.name, inside.channels[0].value) == ("Zebra Quagga", "+44 20 7946 0987")
    assert outside.name is None and all("0987" not in channel.value for channel in outside.channels)


def test_an_overlay_for_a_contact_that_does_not_exist_is_a_fault(sample):
    private = sample / "data" / "private"
    private.mkdir()
    (private / "contacts.yml").write_text("oncal_primary:\n  name: Zebra Quagga\n", encoding="utf-8")
    with pytest.raises(
        FaultsError,
        match=r"data/private/contacts\.yml:1: oncal_primary: no such contact in data/contacts\.yml; did you mean "
        r'"oncall_primary"\?',
    ):
        load(sample, "internal")


def test_an_unknown_audience_is_refused(sample):
    with pytest.raises(FaultsError, match='RUNBOOK_AUDIENCE is "everybody"; it is public or internal'):
        load(sample, "everybody")


def test_a_sample_contact_is_marked_as_one(sample):
    Edit("contacts", "contacts.broker_api.sample", of="entry").apply(sample)
    with pytest.raises(
        FaultsError,
        match=r"data/contacts\.yml:\d+: contacts\.broker_api: has an address or a number that is reserved for "
        r"samples; mark it with sample: true",
    ):
        load(sample, "public")


def test_a_firm_that_says_its_data_is_its_own_has_no_sample_left(sample):
    Edit("site", "sample", "false").apply(sample)
    with pytest.raises(FaultsError) as error:
        load(sample, "public")
    files = {fault.file for fault in error.value.faults}
    wanted = {"data/contacts.yml", "data/exercises.yml", "data/rollout.yml", "data/site.yml"}
    assert wanted <= files, error.value
    assert 'url: "https://runbook.example.com/" is a sample; put your own in, or say sample: true' in str(error.value)
