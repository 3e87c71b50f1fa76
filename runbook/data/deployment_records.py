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
from pathlib import Path

from runbook.data import signoff_rule
from runbook.data import yaml_source as yamlfile
from runbook.data.record_models import DeploymentRecord, Tick
from runbook.diagnostics import Fault, FaultsError

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


def _people(it: DeploymentRecord) -> Iterator[tuple[tuple, str]]:
    """Four eyes: everybody who is named, once."""
    for role in it.sheet.people:
        if not it.people.get(role, "").strip():
            yield ("people",), f"people.{role}: nobody is named"
    for kind, role, first in signoff_rule.named_twice(it):
        name = (it.people if kind == "people" else it.deputies)[role]
        yield (
            (kind, role),
            f'{kind}.{role}: "{name}" is also {first}: one person in two roles; four eyes want two',
        )


def _signoffs(it: DeploymentRecord) -> Iterator[tuple[tuple, str]]:
    for pause in it.pauses():
        name = signoff_rule.asked(it, pause)
        if name and name not in it.sheet.signoffs:
            yield ("sheet", "signoffs"), f'no sign-off "{name}"'
            continue
        verdict = signoff_rule.judge(it, pause)
        for objection in verdict.objections if verdict else []:
            # Who is named twice is said once, by _people.
            if objection.reason != "four-eyes":
                place = () if objection.signature is None else (objection.signature,)
                yield ("signatures", *place), objection.text


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
