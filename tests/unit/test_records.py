"""A deployment record is evidence only when it is whole: every item, every signature, the words of the day."""

import json

import pytest

from runbook.data.checklist_sheet import digest, missing_edition
from runbook.data.loader import load
from runbook.diagnostics import FaultsError
from tests.conftest import SAMPLE, say
from tests.edits import Edit

NAME = "1.5.0-sample"
ITEM = ("sheet", "pauses", 0, "items", 1, "value")


def put(*path_and_value):
    """A change that sets one place of a record."""
    *path, last, value = path_and_value

    def change(record):
        for part in path:
            record = record[part]
        record[last] = value

    return change


def drop(*path):
    def change(record):
        for part in path[:-1]:
            record = record[part]
        del record[path[-1]]

    return change


def forged(record):
    """An item altered, and the digest calculated anew."""
    put(*ITEM, "some gates passed")(record)
    record["sheet"]["digest"] = digest(record["sheet"])


def sign(**changes):
    return lambda record: record["signatures"][0].update(changes)


def both(*changes):
    def change(record):
        for each in changes:
            each(record)

    return change


# what is done to the sample record, the words of the fault, a word on the line it names
BAD = {
    "a mandatory item is missing": (
        drop("ticks", "day-gates"),
        'day-gates: missing mandatory item: "Pre-production gates" is not ticked',
        '"ticks"',
    ),
    "an item is open": (
        drop("ticks", "day-gates", "at"),
        'day-gates: missing mandatory item: "Pre-production gates" is not ticked',
        '"day-gates"',
    ),
    "a tick has no value": (
        put("ticks", "A1/during-gap", "seen", " "),
        "A1/during-gap: missing value",
        '"A1/during-gap"',
    ),
    "a tick has no initials": (put("ticks", "hour-digest", "by", ""), "hour-digest: missing initials", '"hour-digest"'),
    "a second account was not handed over": (
        put("run", "accounts", ["A1", "A2"]),
        'A2/during-gap: missing mandatory item: "Protection gap"',
        '"ticks"',
    ),
    "a tick belongs to no item": (
        put("ticks", "hour-nothing", {"at": None, "seen": "", "by": ""}),
        "hour-nothing: no such item, or no such account",
        '"hour-nothing"',
    ),
    "one person has two roles": (
        put("people", "trading_approver", " Release-Operator@example.com"),
        "is also people.release_operator: one person in two roles",
        '"trading_approver"',
    ),
    "a deputy is somebody else already": (
        put("deputies", "risk_approver", "release-author@example.com"),
        "deputies.risk_approver: ",
        '"risk_approver"',
    ),
    "nobody is named": (put("people", "release_verifier", ""), "people.release_verifier: nobody is named", '"people"'),
    "the version does not exist": (
        put("sheet", "version", 9),
        "wrong checklist version: there is no version 9; data/checklists.yml has 1",
        '"version"',
    ),
    "the version is not yet in force": (
        put("run", "started", "2026-01-02T09:00:00Z"),
        "wrong checklist version: the run began on 2026-01-02, when version none was in force",
        '"version"',
    ),
    "an item is altered": (
        put(*ITEM, "some gates passed"),
        "altered item: the checklist in this record has the digest",
        '"digest"',
    ),
    "an item is altered, and the digest too": (
        forged,
        "altered item: version 1 of the checklist has the digest",
        '"digest"',
    ),
    "the quorum is not reached": (
        put("run", "change", "material"),
        "go: quorum: 0 of 2 signatures; trading_approver, risk_approver has not signed",
        '"signatures"',
    ),
    "nobody has signed": (put("signatures", []), "normal: quorum: 0 of 1 signatures", '"signatures"'),
    "the sign-off is too old": (
        sign(at="2026-11-23T09:29:59Z"),
        "normal: expired sign-off: trading_approver signed at 2026-11-23T09:29:59Z, 1:00:01 before the first handover",
        "{",
    ),
    "the sign-off came after the handover": (
        sign(at="2026-11-23T10:30:01Z"),
        "0:00:01 after the first handover; a sign-off comes before it",
        "{",
    ),
    "somebody signs who was not named": (
        sign(by="somebody@example.com"),
        "named was trading-approver@example.com: the sign-off is void",
        "{",
    ),
    "a deputy signs who was not named": (
        both(sign(deputy=True, by="deputy@example.com"), put("deputies", {})),
        "signed as deputy of trading_approver; named was nobody",
        "{",
    ),
    "a pause point is opened without a reason": (
        put("overrides", {"hour": {"at": "2026-11-23T10:00:00Z", "reason": " "}}),
        "opened early without a reason",
        '"reason"',
    ),
    "an unknown pause point is claimed": (put("through", "never"), 'no pause point "never"', '"through"'),
    "an unknown change class is named": (
        put("run", "change", "tiny"),
        'no change class "tiny"; there are standard, normal, material, emergency',
        '"change"',
    ),
    "the file is named after another release": (
        put("run", "release", "1.5.1"),
        "is a record of 1.5.1; name the file 1.5.1.json",
        '"release"',
    ),
    "a key is unknown": (put("approved", True), "approved: unknown key", '"approved"'),
    "a time has no zone": (
        put("run", "started", "2026-11-23 09:00"),
        '"2026-11-23 09:00" is not a time in UTC; write e.g.',
        '"started"',
    ),
}


def original() -> dict:
    """The record of the frozen sample."""
    return json.loads((SAMPLE / "data" / "records" / f"{NAME}.json").read_text(encoding="utf-8"))


def faults_of(root, record: dict, name: str = NAME) -> list:
    path = root / "data" / "records" / f"{name}.json"
    path.write_text(json.dumps(record, indent=1, ensure_ascii=False), encoding="utf-8")
    try:
        load(root, "public")
    except FaultsError as error:
        return error.faults
    return []


def test_a_whole_record_is_accepted(sample_catalog):
    assert NAME in sample_catalog.records


@pytest.mark.parametrize("case", BAD)
def test_a_record_is_refused_when(case, sample):
    change, words, line = BAD[case]
    record = original()
    change(record)
    found = faults_of(sample, record)
    texts = (sample / "data" / "records" / f"{NAME}.json").read_text(encoding="utf-8").splitlines()
    hit = [fault for fault in found if words in fault.text]
    assert hit, f"{case}: no fault says {words!r}; found:\n" + "\n".join(map(str, found))
    assert hit[0].file == f"data/records/{NAME}.json" and line in texts[hit[0].line - 1], (
        f"{hit[0]}: names line {hit[0].line}: {texts[hit[0].line - 1]!r}, not one with {line}"
    )


def test_what_was_left_open_is_a_deviation_when_the_next_pause_point_was_opened_with_a_reason(sample):
    record = original()
    del record["ticks"]["day-told"]
    record["overrides"] = {"hour": {"at": "2026-11-23T10:00:00Z", "reason": "the desk is closed today"}}
    say([str(fault) for fault in faults_of(sample, record)])


def test_one_signature_of_an_emergency_may_follow_within_the_time_for_the_review(sample):
    record = original()
    record["run"]["change"] = "emergency"
    signature = {"signoff": "emergency", "deputy": False}
    record["signatures"] = [
        {**signature, "role": role, "by": record["people"][role], "at": at}
        for role, at in (("trading_approver", "2026-11-23T10:20:00Z"), ("risk_approver", "2026-11-24T10:00:00Z"))
    ]
    say([str(fault) for fault in faults_of(sample, record)])
    record["signatures"][1]["at"] = "2026-11-24T10:30:01Z"
    assert any("after the first handover" in fault.text for fault in faults_of(sample, record))


def change_the_checklist(root, since: str) -> None:
    """An editor rewords an item and adds the edition that the test asks for."""
    Edit("checklists", "pauses.0.items.1.value", "every gate passed twice").apply(root)
    asked = missing_edition(load(root, "public"))
    assert len(asked) == 1 and "add with today's date: - {version: 2" in asked[0].text
    line = asked[0].text.rsplit("date: ", 1)[1].replace("YYYY-MM-DD", since)
    Edit("checklists", "editions.0.from", f'"2026-10-01"}}\n  {line.removesuffix("}")}').apply(root)


def test_an_old_record_stays_valid_when_the_checklist_changes(sample):
    change_the_checklist(sample, "2026-12-01")
    catalog = load(sample, "public")
    assert not missing_edition(catalog) and catalog.checklists.version == 2 and NAME in catalog.records


def test_a_run_of_the_old_checklist_after_the_change_is_refused(sample):
    change_the_checklist(sample, "2026-11-01")
    with pytest.raises(FaultsError) as caught:
        load(sample, "public")
    assert "wrong checklist version: the run began on 2026-11-23, when version 2 was in force, not 1" in str(
        caught.value
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"kind": "deployment record"',
        '{"kind": 7}',
        "null",
        '{"__proto__": {}}',
        '{"run": {"accounts": "A1"}}',
    ],
    ids=[
        "empty",
        "a list",
        "cut at once",
        "cut",
        "a kind that is no text",
        "null",
        "a prototype",
        "accounts that are no list",
    ],
)
def test_a_file_that_is_no_record_is_a_fault_and_no_crash(text, sample):
    (sample / "data" / "records" / "1.5.0-odd.json").write_text(text, encoding="utf-8")
    with pytest.raises(FaultsError) as caught:
        load(sample, "public")
    assert all(fault.file == "data/records/1.5.0-odd.json" for fault in caught.value.faults)


def test_a_firm_that_goes_live_is_asked_to_remove_the_sample(sample):
    Edit("site", "sample", "false").apply(sample)
    with pytest.raises(FaultsError) as caught:
        load(sample, "public")
    assert any(
        fault.file == f"data/records/{NAME}.json" and "is a sample; delete the file" in fault.text
        for fault in caught.value.faults
    )
