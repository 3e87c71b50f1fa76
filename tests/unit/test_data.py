"""Everything that can be wrong under data/ stops the build, with file, line, what was found and what is wanted."""

import json
import re
import shutil
from collections.abc import Iterator

import pytest
import yaml

from runbook.data.json_schemas import schemas
from runbook.data.loader import load
from runbook.data.models.files import FILES, FOLDERS
from runbook.diagnostics import FaultsError
from tests.conftest import ROOT, say

# file, what stands there, what is put in its place, the message. The line is that of {here} in the new text.
BAD = [
    # --- values
    (
        "thresholds",
        "rollback.total:\n  value: 5 min",
        "rollback.total:\n  value: 5 mins{here}",
        'rollback.total: "5 mins" is not a duration; write e.g. "5 min"',
    ),
    (
        "thresholds",
        "canary.soak:\n  value: 24 h",
        "canary.soak:\n  value: 24{here}",
        'canary.soak: 24 has no unit; write e.g. "24 min"',
    ),
    (
        "thresholds",
        "  why: One whole trading day with its open, its close and its daily reset.\n",
        "  why: ''{here}\n",
        "canary.soak.why: is empty; write a sentence",
    ),
    (
        "contacts",
        'verified: "2026-11-04"',
        'verified: "4 Nov 2026"{here}',
        'contacts.desk_head.verified: "4 Nov 2026" is not a date; write e.g. "2026-11-23"',
    ),
    (
        "contacts",
        "zone: Europe/London",
        "zone: Europe/Londn{here}",
        'contacts.desk_head.zone: "Europe/Londn" is not a time zone; write e.g. "Europe/London"',
    ),
    ("rollout", 'current: "1.4.2"', 'current: "1.4"{here}', 'current: "1.4" is not a release; write e.g. "1.5.0"'),
    ("site", "paper: A4", "paper: A5{here}", "paper: \"A5\" is not one of 'A4' or 'Letter'"),
    # --- keys
    (
        "thresholds",
        "canary.soak:\n  value:",
        "canary.soak:\n  valeu:{here}",
        'canary.soak.valeu: unknown key; did you mean "value"?',
    ),
    ("thresholds", "canary.soak:\n  value: 24 h\n", "canary.soak:{here}\n", "canary.soak: is missing"),
    (
        "thresholds",
        "canary.soak:\n",
        "canary.samples:{here}\n",
        "canary.samples: the key stands twice, first in line {first}; remove one of them",
    ),
    # --- YAML's traps
    (
        "contacts",
        'value: "+44 20 7946 0101"',
        "value: +442079460101{here}",
        "contacts.desk_head.channels.0.value: +442079460101 without quotes is read as another number; write "
        '"+442079460101"',
    ),
    (
        "contacts",
        'from: "07:00"',
        "from: 17:00{here}",
        'contacts.desk_head.hours.from: 17:00 without quotes is read as another number; write "17:00"',
    ),
    ("site", "branch: main", "branch: NO{here}", 'branch: NO without quotes is read as a truth value; write "NO"'),
    (
        "rollout",
        'next: "1.5.0"',
        "next: 1.10{here}",
        'next: 1.10 without quotes is read as a number that is written differently; write "1.10"',
    ),
    (
        "contacts",
        'verified: "2026-11-04"',
        "verified: 2026-11-04{here}",
        'contacts.desk_head.verified: 2026-11-04 without quotes is read as a date object; write "2026-11-04"',
    ),
    ("site", "firm: Example Trading", "firm: [Example", "not valid YAML: "),
    # --- references that lead nowhere
    (
        "thresholds",
        "  owner: risk_approver\n  source: rts6-8",
        "  owner: risk_aprover{here}\n  source: rts6-8",
        'canary.contracts.owner: no role "risk_aprover"; did you mean "risk_approver"?',
    ),
    (
        "thresholds",
        "  source: rts6-8\n",
        "  source: rts6-9{here}\n",
        'canary.contracts.source: no source "rts6-9"; did you mean "rts6-8"?',
    ),
    (
        "scenarios",
        "alerts: [TraderdDown, TraderdRestarting]",
        "alerts: [TraderdDown, TraderdRestart]{here}",
        'scenarios.crash.alerts: no alert "TraderdRestart"; did you mean "TraderdRestarting"?',
    ),
    (
        "scenarios",
        "rto: rto.crash",
        "rto: rto.crsh{here}",
        'scenarios.crash.rto: no threshold "rto.crsh"; did you mean "rto.crash"?',
    ),
    (
        "scenarios",
        "rto: rto.crash",
        "rto: canary.accounts{here}",
        'scenarios.crash.rto: "canary.accounts" is 1 account, not a duration',
    ),
    (
        "procedures/warm",
        "  - id: warm-hold\n    title: Hold the traders\n    by: communicator",
        "  - id: warm-hold{here}\n    title: Hold the traders\n    by: comunicator",
        'warm.steps.0: no role "comunicator"; did you mean "communicator"?',
    ),
    (
        "procedures/warm",
        "  - id: warm-hold",
        "  - id: hold{here}",
        'warm.steps.0: step "hold" does not begin with the id of its procedure: "warm-..."',
    ),
    (
        "procedures/warm",
        "set: [ACCOUNT, BAD, OLD]",
        "set: [ACOUNT, BAD, OLD]{here}",
        'warm.set.0: no variable "ACOUNT"; did you mean "ACCOUNT"?',
    ),
    (
        "compliance",
        "procedures: [staging]",
        "procedures: [stagin]{here}",
        '1.procedures: no procedure "stagin"; did you mean "staging"?',
    ),
    (
        "messages",
        "Next word in {comms.update}",
        "Next word in {comms.updates}",
        'halted.text: no threshold "comms.updates"; did you mean "comms.update"?',
    ),
    ("procedure_order", "- warm\n", "- wram{here}\n", 'no file data/procedures/wram.yml; did you mean "warm"?'),
    ("procedure_order", "- warm\n", "- staging{here}\n", '"staging" stands twice; remove one of them'),
    # --- people
    (
        "contacts",
        "      - kind: pager\n        value: oncall@pager.example.com\n"
        '      - kind: phone\n        value: "+44 20 7946 0111"\n',
        "",
        "contacts.oncall_primary: cannot be reached: give it a phone or a pager",
    ),
    (
        "contacts",
        '- kind: phone\n        value: "+44 20 7946 0101"',
        '- kind: phone{here}\n        value: "0207 9460101"',
        'contacts.desk_head.channels.0: "0207 9460101" is not a telephone number; write it with + and the country '
        "code, in quotes",
    ),
    (
        "contacts",
        "  flatten:\n    - desk_head\n    - desk_head_deputy\n    - risk_deputy\n    - broker_desk\n",
        "  flatten:{here}\n    - desk_head\n    - risk_officer\n",
        "chains.flatten: nobody can be reached on Mon 00:00 UTC; add a contact with hours: always",
    ),
    (
        "contacts",
        "  sev3:\n    - oncall_primary\n    - oncall_secondary\n",
        "  sev3:{here}\n    - oncall_primary\n    - oncall_primary\n",
        "chains.sev3: names a contact twice; a chain has no loop",
    ),
    (
        "contacts",
        "    roles: [risk_approver]\n    deputy: risk_deputy",
        "    roles: [risk_approver, release_operator]{here}\n    deputy: risk_deputy",
        'contacts.risk_officer.roles: approves "{any}" and operates as release_operator; nobody approves what they '
        "operate",
    ),
    (
        "contacts",
        "  risk_officer:\n    title: Risk officer\n    roles: [risk_approver]\n    deputy: risk_deputy\n",
        "  risk_officer:{here}\n    title: Risk officer\n    roles: [risk_approver]\n",
        'contacts.risk_officer: signs off as "risk_approver" and has no deputy with that role; name one',
    ),
    (
        "contacts",
        "    roles: [sdk_support]",
        "    roles: [broker_api_support]",
        "roles.sdk_support: nobody holds this role; give it to a contact",
    ),
    # --- the rollout
    (
        "rollout",
        "accounts: [A4, A5], size: wave.rest.accounts",
        "accounts: [A4], size: wave.rest.accounts{here}",
        "waves.2: wave rest has 1 accounts; wave.rest.accounts says 2 accounts",
    ),
    (
        "rollout",
        "controls: [A2, A5]",
        "controls: [A1, A5]{here}",
        "controls.0: A1 is the canary; a control account keeps the old release",
    ),
    (
        "rollout",
        "    hosts: [trade-1, trade-2]\n    accounts: [A1, A2, A3, A4, A5]\n",
        "    hosts: [trade-1, trade-2]\n    accounts: [A1, A2, A3, A4, A5]\n    ssh: {user: root, port: 22}{here}\n",
        "environments.production.ssh: drills never run in production; take the way in out",
    ),
    (
        "rollout",
        "    hosts: [staging-1]\n",
        "    hosts: [staging-1, trade-1]\n",
        "environments.staging: shares trade-1 with production; what drills can reach has hosts and accounts of its own",
    ),
    (
        "rollout",
        "ssh: {user: root, port: 22}",
        "ssh: {user: root, port: 70000}{here}",
        "environments.staging.ssh.port: Input should be less than or equal to 65535",
    ),
    # --- the checklist
    (
        "checklists",
        'check: "Call: the deployment is closed"',
        'check: "The deployment is closed"',
        'pauses.6: the last item is the call that ends the list; begin it with "Call: "',
    ),
    (
        "checklists",
        "id: week-record\n",
        "id: weekrecord{here}\n",
        'pauses.6.items.4: item "weekrecord" does not begin with the id of its pause point: "week-..."',
    ),
]


@pytest.mark.parametrize("file, old, new, message", BAD, ids=[f"{file}: {message}" for file, *_, message in BAD])
def test_a_fault_in_the_data_names_file_and_line_and_what_is_wanted(copy, file, old, new, message):
    path = copy / "data" / f"{file}.yml"
    text = path.read_text(encoding="utf-8")
    assert old in text, f"the test looks for text that data/{file}.yml no longer has: {old}"
    line = text[: text.index(old)].count("\n") + 1 + (new[: new.index("{here}")].count("\n") if "{here}" in new else 0)
    first = text[: text.index("canary.samples:\n")].count("\n") + 1 if "{first}" in message else 0
    path.write_text(text.replace(old, new.replace("{here}", ""), 1), encoding="utf-8")
    with pytest.raises(FaultsError) as error:
        load(copy, "public")
    wanted = re.escape(message.replace("{first}", str(first))).replace(re.escape("{any}"), ".*")
    place = re.escape(f"data/{file}.yml:{line}: ") if "{here}" in new else rf"data/{file}\.yml:\d+: "
    assert any(re.match(place + wanted, str(fault)) for fault in error.value.faults), (
        f"wanted {place}{wanted}\ngot\n{error.value}"
    )


def test_every_fault_of_every_file_is_reported_at_once(copy):
    for file, old, new in (
        ("thresholds", "value: 24 h", "value: 24 hrs"),
        ("contacts", "Europe/London", "Europe/Londn"),
        ("site", "paper: A4", "paper: A5"),
    ):
        path = copy / "data" / f"{file}.yml"
        path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(FaultsError) as error:
        load(copy, "public")
    assert {fault.file for fault in error.value.faults} == {"data/thresholds.yml", "data/contacts.yml", "data/site.yml"}


def test_a_missing_file_is_a_fault(copy):
    (copy / "data" / "alerts.yml").unlink()
    with pytest.raises(FaultsError, match=r"data/alerts\.yml:1: the file is missing"):
        load(copy, "public")


def test_a_procedure_without_a_place_in_the_order_is_a_fault(copy):
    shutil.copy(copy / "data" / "procedures" / "warm.yml", copy / "data" / "procedures" / "warmer.yml")
    with pytest.raises(
        FaultsError,
        match=r"data/procedures/warmer\.yml:1: is not in the order; add warmer to data/procedure_order\.yml",
    ):
        load(copy, "public")


def test_a_procedure_in_a_file_that_is_not_named_like_an_id_is_a_fault(copy):
    (copy / "data" / "procedures" / "warm.yml").rename(copy / "data" / "procedures" / "Warm Path.yml")
    with pytest.raises(FaultsError, match=r'data/procedures/Warm Path\.yml:1: "Warm Path" is not an id; '):
        load(copy, "public")


def test_github_shows_a_fault_on_its_line(copy, monkeypatch):
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    path = copy / "data" / "thresholds.yml"
    path.write_text(path.read_text(encoding="utf-8").replace("value: 1 %\n", "value: 1 percent\n", 1), encoding="utf-8")
    with pytest.raises(FaultsError) as error:
        load(copy, "public")
    fault = error.value.faults[0]
    assert f"::error file=data/thresholds.yml,line={fault.line}::" in str(error.value)
    assert "%25" in fault.annotation(), "a percent sign must be escaped in a workflow command"


RELATIONS = yaml.safe_load((ROOT / "data" / "relations.yml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "relation", RELATIONS, ids=[f"{'+'.join(it['left'])} {it['is']} {'+'.join(it['right'])}" for it in RELATIONS]
)
def test_a_relation_that_is_broken_stops_the_build(copy, catalog, relation):
    """Raises the left side far above the right one, and wants to be told about this very relation."""
    key = relation["left"][0]
    unit = str(catalog.thresholds[key].value).split()[-1]
    path = copy / "data" / "thresholds.yml"
    text = path.read_text(encoding="utf-8")
    written = re.search(rf"(?m)^{re.escape(key)}:\n  value: \S+ (\S+)$", text)
    path.write_text(text.replace(written[0], f"{key}:\n  value: 99999999 {written[1]}"), encoding="utf-8")
    with pytest.raises(FaultsError) as error:
        load(copy, "public")
    wanted = f"{' + '.join(relation['left'])} {relation['is']} {' + '.join(relation['right'])} does not hold"
    assert wanted in str(error.value), f"{unit}: {error.value}"


def test_a_procedure_whose_steps_do_not_fit_its_budget_stops_the_build(copy):
    path = copy / "data" / "thresholds.yml"
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r"(?m)^(rollback\.warm\.clear:\n  value:) 30 s", r"\1 10 min", text), encoding="utf-8")
    with pytest.raises(
        FaultsError,
        match=r"data/procedures/warm\.yml:\d+: warm\.budget: the steps add up to 780 s; rollback\.total is 5 minutes",
    ):
        load(copy, "public")


def test_there_are_at_least_forty_thresholds(catalog):
    assert len(catalog.thresholds) >= 40


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


def test_names_and_numbers_of_the_overlay_reach_an_internal_build_only(copy, monkeypatch):
    private = copy / "data" / "private"
    private.mkdir()
    (private / "contacts.yml").write_text(
        'oncall_primary:\n  name: Zebra Quagga\n  channels:\n    - {kind: phone, value: "+44 20 7946 0987"}\n',
        encoding="utf-8",
    )
    inside, outside = (
        load(copy, "internal").contacts.contacts["oncall_primary"],
        load(copy, "public").contacts.contacts["oncall_primary"],
    )
    assert (inside.name, inside.channels[0].value) == ("Zebra Quagga", "+44 20 7946 0987")
    assert outside.name is None and all("0987" not in channel.value for channel in outside.channels)


def test_an_overlay_for_a_contact_that_does_not_exist_is_a_fault(copy):
    private = copy / "data" / "private"
    private.mkdir()
    (private / "contacts.yml").write_text("oncal_primary:\n  name: Zebra Quagga\n", encoding="utf-8")
    with pytest.raises(
        FaultsError,
        match=r"data/private/contacts\.yml:1: oncal_primary: no such contact in data/contacts\.yml; did you mean "
        r'"oncall_primary"\?',
    ):
        load(copy, "internal")


def test_an_unknown_audience_is_refused(copy):
    with pytest.raises(FaultsError, match='RUNBOOK_AUDIENCE is "everybody"; it is public or internal'):
        load(copy, "everybody")


def test_a_sample_contact_is_marked_as_one(copy):
    path = copy / "data" / "contacts.yml"
    path.write_text(path.read_text(encoding="utf-8").replace("    sample: true\n", "", 1), encoding="utf-8")
    with pytest.raises(
        FaultsError,
        match=r"data/contacts\.yml:\d+: contacts\.broker_api: has an address or a number that is reserved for "
        r"samples; mark it with sample: true",
    ):
        load(copy, "public")


def test_a_firm_that_says_its_data_is_its_own_has_no_sample_left(copy):
    path = copy / "data" / "site.yml"
    path.write_text(path.read_text(encoding="utf-8").replace("sample: true", "sample: false"), encoding="utf-8")
    with pytest.raises(FaultsError) as error:
        load(copy, "public")
    files = {fault.file for fault in error.value.faults}
    assert {"data/contacts.yml", "data/rollout.yml", "data/site.yml"} <= files, error.value
    assert 'url: "https://runbook.example.com/" is a sample; put your own in, or say sample: true' in str(error.value)
