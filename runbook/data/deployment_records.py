"""Deployment records: what a run of the checklist must hold before it is evidence.

One file for each deployment under data/records/, named after its release, in the form that the checklist page exports.
A record carries a full copy of the checklist it was made with, thresholds filled in, sign-off rules included. That copy is what
it is judged by; its digest must be that of the edition in data/checklists.yml which was in force on the day the run began.
So nobody alters an item after the fact, and an old record stays valid when the checklist changes.

`python -m runbook.data.deployment_records` checks every record, and prints the edition to add when the items read otherwise than in the last one.
"""

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

from pydantic import Field

from runbook.data import yaml_source as yamlfile
from runbook.data.models import Id, Record, _matches
from runbook.diagnostics import Fault, FaultsError

Moment = Annotated[
    str, _matches(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", 'a time in UTC; write e.g. "2026-11-23T14:02:11Z"')
]
Hash = Annotated[str, _matches(r"[0-9a-f]{4}(-[0-9a-f]{4}){2}", "a digest such as 12ab-34cd-56ef")]


class Item(Record):
    id: Id
    check: str
    value: str
    by: Id
    evidence: str


class Pause(Record):
    """each: once for each account. signoff: `class`, or the id of the sign-off that ends it."""

    id: Id
    title: str
    each: bool
    signoff: str | None
    items: list[Item] = Field(min_length=1)


class Signoff(Record):
    title: str
    quorum: int
    roles: list[Id]


class Class(Record):
    """late: seconds within which all but the first signature may come afterwards. soak: whether there is a verdict to sign."""

    title: str
    signoff: Id
    late: int | None
    soak: bool


class Sheet(Record):
    """The checklist as it was on the day. valid: seconds for which a sign-off holds."""

    version: int
    digest: Hash
    pauses: list[Pause] = Field(min_length=1)
    signoffs: dict[Id, Signoff]
    classes: dict[Id, Class]
    people: list[Id]
    roles: dict[Id, str]
    valid: int


class Run(Record):
    release: Annotated[str, _matches(r"\d+\.\d+\.\d+[A-Za-z0-9.-]*", 'a release; write e.g. "1.5.0"')]
    accounts: list[Annotated[str, _matches(r"[A-Za-z0-9_.-]+", "an account's name")]] = Field(min_length=1)
    window: str
    change: Id
    started: Moment


class Tick(Record):
    """at: when it was ticked. seen: the value. by: initials."""

    at: Moment | None = None
    seen: str = ""
    by: str = ""


class Signature(Record):
    signoff: Id
    role: Id
    deputy: bool
    by: str
    at: Moment


class Override(Record):
    at: Moment
    reason: str


class ClockStep(Record):
    id: Id
    title: str
    budget: int
    at: Moment | None


class Clock(Record):
    """A procedure that was run against its clock. budgets: seconds."""

    procedure: Id
    title: str
    budget: int
    started: Moment
    ended: Moment | None
    steps: list[ClockStep]


class Earlier(Record):
    """A tick that an item had before its words changed in the middle of the run."""

    item: str
    version: int
    check: str
    tick: Tick


class DeploymentRecord(Record):
    """through: the last pause point that is claimed to be complete."""

    kind: Annotated[str, _matches("deployment record", '"deployment record"')]
    sample: bool = False
    note: str = ""
    run: Run
    through: Id
    people: dict[Id, str]
    deputies: dict[Id, str] = {}
    ticks: dict[str, Tick]
    overrides: dict[Id, Override] = {}
    signatures: list[Signature] = []
    clocks: list[Clock] = []
    earlier: list[Earlier] = []
    sheet: Sheet

    def pauses(self) -> list[Pause]:
        """The pause points that are claimed, in order."""
        ids = [pause.id for pause in self.sheet.pauses]
        return self.sheet.pauses[: ids.index(self.through) + 1] if self.through in ids else self.sheet.pauses

    def keys(self, pause: Pause) -> list[tuple[str, Item]]:
        """The key of each tick that a pause point asks for: once, or once for each account."""
        return [
            (f"{account}/{item.id}" if account else item.id, item)
            for account in (self.run.accounts if pause.each else [""])
            for item in pause.items
        ]


# ------------------------------------------------------------------- the sheet


def sheet(catalog) -> dict:
    """The checklist of today as a record carries it: words with their thresholds, and the rules of the sign-offs."""
    lists, people = catalog.checklists, catalog.contacts
    used = {it.signoff for it in catalog.rollout.change_classes.values()} | {
        pause.signoff for pause in lists.pauses if pause.signoff not in (None, "class")
    }
    roles = {*lists.people, *(item.by for pause in lists.pauses for item in pause.items)}
    body = {
        "pauses": [
            {
                "id": pause.id, "title": pause.title, "each": pause.phase == "during", "signoff": pause.signoff,
                "items": [{"id": item.id, "check": catalog.filled(item.check), "value": catalog.filled(item.value), "by": item.by, "evidence": catalog.filled(item.evidence)} for item in pause.items],
            }
            for pause in lists.pauses
        ],
        "signoffs": {key: {"title": it.title, "quorum": int(catalog.thresholds[it.quorum].value.number), "roles": it.roles} for key, it in people.signoffs.items() if key in used},
        "classes": {
            key: {"title": it.title, "signoff": it.signoff, "late": int(catalog.thresholds[it.late].value.base) if it.late else None, "soak": it.soak != "none"}
            for key, it in catalog.rollout.change_classes.items()
        },
        "people": lists.people,
        "roles": {key: people.roles[key].title for key in sorted(roles)},
        "valid": int(catalog.thresholds["signoff.valid"].value.base),
    }  # fmt: skip
    return {"version": lists.version, "digest": digest(body), **body}


def digest(body: dict) -> str:
    """The first digits of a SHA-256 over everything but the version and the digest itself, in groups, for reading aloud."""
    text = json.dumps(
        {key: value for key, value in body.items() if key not in ("version", "digest")},
        sort_keys=True,
        ensure_ascii=False,
        separators=(",", ":"),
    )
    found = hashlib.sha256(text.encode()).hexdigest()
    return f"{found[:4]}-{found[4:8]}-{found[8:12]}"


def edition(catalog) -> list[Fault]:
    """The fault of a checklist that reads otherwise than its last edition, with the line to add; nothing when it is the same."""
    now, last = sheet(catalog)["digest"], catalog.checklists.editions[-1]
    if now == last.digest:
        return []
    line = catalog.line("checklists", "editions", len(catalog.checklists.editions) - 1)
    add = f'- {{version: {last.version + 1}, digest: "{now}", from: "YYYY-MM-DD"}}'
    return [
        Fault(
            "data/checklists.yml",
            line,
            f"the items, a threshold in them or a sign-off rule reads otherwise than in edition {last.version}, digest {last.digest}; add with today's date: {add}",
        )
    ]


# ----------------------------------------------------------------- the records


def read(catalog, typed) -> tuple[dict[str, DeploymentRecord], list[Fault]]:
    """Every record under data/records by the name of its file, and what is wrong with their form.

    typed: reads a YamlFile into a type and notes its faults; catalog.py's own.
    """
    found, faults = {}, []
    for path in sorted((catalog.root / "data" / "records").glob("*.json")):
        file = catalog.files[f"records/{path.stem}"] = yamlfile.read(path, catalog.root)
        faults += file.faults
        if file.data is None and not file.faults:
            faults.append(Fault(file.name, 1, "the file is empty; put the exported run in"))
        record = typed(DeploymentRecord, file, faults) if file.data is not None and not file.faults else None
        if record is not None:
            found[path.stem] = record
    return found, faults


def check(catalog) -> list[Fault]:
    """What must hold in each record. Returns every fault."""
    faults = []
    for name, record in catalog.records.items():
        file = catalog.files[f"records/{name}"]
        faults += [
            Fault(file.name, file.line(path), text) for path, text in _judge(name, record, file.data["sheet"], catalog)
        ]
    return faults


def _judge(name: str, it: DeploymentRecord, raw: dict, catalog) -> Iterator[tuple[tuple, str]]:
    """The place and the text of every fault of one record."""
    if name != it.run.release and not name.startswith(f"{it.run.release}-"):
        yield (
            ("run", "release"),
            f"is a record of {it.run.release}; name the file {it.run.release}.json, or {it.run.release}- and a word",
        )
    if it.sample and not catalog.site.sample:
        yield ("sample",), "is a sample; delete the file, or say sample: true in data/site.yml"
    yield from _sheet(it, raw, catalog.checklists.editions)
    if it.through not in [pause.id for pause in it.sheet.pauses]:
        yield ("through",), f'no pause point "{it.through}"; it names the last one that is complete'
    if it.run.change not in it.sheet.classes:
        yield ("run", "change"), f'no change class "{it.run.change}"; there are {", ".join(it.sheet.classes)}'
        return
    yield from _items(it)
    yield from _people(it)
    yield from _signoffs(it)


def _sheet(it: DeploymentRecord, raw: dict, editions) -> Iterator[tuple[tuple, str]]:
    version, day = it.sheet.version, it.run.started[:10]
    known = {each.version: each for each in editions}
    if digest(raw) != it.sheet.digest:
        yield (
            ("sheet", "digest"),
            f"altered item: the checklist in this record has the digest {digest(raw)}, not {it.sheet.digest}; export the run again and change no item in the file",
        )
    elif version not in known:
        yield (
            ("sheet", "version"),
            f"wrong checklist version: there is no version {version}; data/checklists.yml has {', '.join(map(str, known))}",
        )
    elif known[version].digest != it.sheet.digest:
        yield (
            ("sheet", "digest"),
            f"altered item: version {version} of the checklist has the digest {known[version].digest}, this record's has {it.sheet.digest}; run the checklist as published, or add its edition to data/checklists.yml",
        )
    else:
        force = [each for each in editions if each.from_ <= day]
        # On the day of a change both are right: the page may have been opened before it.
        allowed = {each.version for each in force[-1:]} | {
            before.version for before, after in zip(editions, editions[1:]) if after.from_ == day
        }
        if version not in allowed:
            yield (
                ("sheet", "version"),
                f"wrong checklist version: the run began on {day}, when version {force[-1].version if force else 'none'} was in force, not {version}; run the checklist of the day",
            )


def _items(it: DeploymentRecord) -> Iterator[tuple[tuple, str]]:
    claimed, ids = it.pauses(), [pause.id for pause in it.sheet.pauses]
    for key in it.overrides:
        if key not in ids:
            yield ("overrides", key), f'no pause point "{key}"'
        elif not it.overrides[key].reason.strip():
            yield ("overrides", key, "reason"), "opened early without a reason; write why"
    for number, pause in enumerate(claimed):
        after = ids[number + 1] if number + 1 < len(ids) else None
        if after in it.overrides and pause is not claimed[-1]:
            continue  # what was left open is a deviation, and its reason stands there
        for key, item in it.keys(pause):
            tick = it.ticks.get(key, Tick())
            if not tick.at:
                yield (
                    ("ticks", key),
                    f'{key}: missing mandatory item: "{item.check}" is not ticked, and {pause.id} is claimed to be complete; set "through" to the last complete pause point',
                )
            elif not tick.seen.strip():
                yield (
                    ("ticks", key),
                    f'{key}: missing value: "{item.check}" is ticked without what was seen; write {item.evidence}',
                )
            elif not tick.by.strip():
                yield ("ticks", key), f'{key}: missing initials: who ticked "{item.check}"?'
    asked = {key for pause in it.sheet.pauses for key, _ in it.keys(pause)}
    for key in it.ticks:
        if key not in asked:
            yield ("ticks", key), f"{key}: no such item, or no such account, in this record's checklist"


def _same(name: str) -> str:
    return " ".join(name.split()).casefold()


def _people(it: DeploymentRecord) -> Iterator[tuple[tuple, str]]:
    """Four eyes: everybody who is named, once."""
    seen: dict[str, str] = {}
    for role in it.sheet.people:
        if not it.people.get(role, "").strip():
            yield ("people",), f"people.{role}: nobody is named"
    for kind, names in (("people", it.people), ("deputies", it.deputies)):
        for role, name in names.items():
            if not name.strip():
                continue
            label = f"{kind}.{role}"
            if _same(name) in seen:
                yield (
                    (kind, role),
                    f'{label}: "{name}" is also {seen[_same(name)]}: one person in two roles; four eyes want two',
                )
            seen.setdefault(_same(name), label)


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def _signoffs(it: DeploymentRecord) -> Iterator[tuple[tuple, str]]:
    change = it.sheet.classes[it.run.change]
    for i, sign in enumerate(it.signatures):
        named = (it.deputies if sign.deputy else it.people).get(sign.role, "")
        if _same(sign.by) != _same(named):
            yield (
                ("signatures", i),
                f'"{sign.by}" signed as {"deputy of " if sign.deputy else ""}{sign.role}; named was {named or "nobody"}: the sign-off is void',
            )
    first = min(
        (
            tick.at
            for pause in it.sheet.pauses
            if pause.each
            for key, _ in it.keys(pause)
            if (tick := it.ticks.get(key)) and tick.at
        ),
        default=None,
    )
    for pause in it.pauses():
        if not pause.signoff or (pause.signoff != "class" and not change.soak):
            continue
        name = change.signoff if pause.signoff == "class" else pause.signoff
        rule = it.sheet.signoffs.get(name)
        if rule is None:
            yield ("sheet", "signoffs"), f'no sign-off "{name}"'
            continue
        # The last signature of each role counts.
        latest = {
            sign.role: (i, sign)
            for i, sign in enumerate(it.signatures)
            if sign.signoff == name and sign.role in rule.roles
        }
        if len(latest) < rule.quorum:
            missing = ", ".join(role for role in rule.roles if role not in latest)
            yield (
                ("signatures",),
                f"{name}: quorum: {len(latest)} of {rule.quorum} signatures; {missing} has not signed",
            )
        if pause.signoff == "class" and first:
            yield from _expired(
                it, name, sorted(latest.values(), key=lambda each: each[1].at), change.late, _time(first)
            )


def _expired(
    it: DeploymentRecord, name: str, signed: list, late: int | None, handover: datetime
) -> Iterator[tuple[tuple, str]]:
    valid = timedelta(seconds=it.sheet.valid)
    for number, (i, sign) in enumerate(signed):
        age = handover - _time(sign.at)
        if age > valid:
            yield (
                ("signatures", i),
                f"{name}: expired sign-off: {sign.role} signed at {sign.at}, {age} before the first handover; it is valid for {valid}. Sign again",
            )
        elif age < timedelta(0) and (late is None or number == 0 or -age > timedelta(seconds=late)):
            yield (
                ("signatures", i),
                f"{name}: {sign.role} signed at {sign.at}, {-age} after the first handover; a sign-off comes before it",
            )


def main(root: Path) -> int:
    from runbook.data.loader import load

    try:
        catalog = load(root)
    except FaultsError as error:
        print(error)
        return 1
    faults = edition(catalog)
    print(
        "\n".join(map(str, faults))
        or f"{len(catalog.records)} records, all in order; the checklist is version {catalog.checklists.version}"
    )
    return bool(faults)


if __name__ == "__main__":
    raise SystemExit(main(Path(__file__).resolve().parents[2]))
