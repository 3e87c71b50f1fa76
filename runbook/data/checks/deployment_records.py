"""Deployment records: what a run of the checklist must hold before it is evidence.

One file for each deployment under data/records/, named after its release, as the checklist page exports it.
A record carries a full copy of the checklist it was made with, thresholds put in, sign-off rules included.
That copy is what it is judged by; its digest must be that of the edition in data/checklists.yml which was in force
on the day the run began. So nobody alters an item after the fact, and an old record stays valid when the checklist
changes.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, cast

from runbook.data import signoff_rule
from runbook.data.catalog import Catalog
from runbook.data.checklist_sheet import digest
from runbook.data.checks.reporting import Path
from runbook.data.models.checklists import Edition
from runbook.data.models.deployment_records import DeploymentRecord, Item, Tick
from runbook.diagnostics import Fault

# The place in the record, and what is wrong there.
Finding = tuple[Path, str]


def check(catalog: Catalog) -> list[Fault]:
    """What does not hold in the records."""
    faults = []
    for name, record in catalog.records.items():
        file = catalog.files[f"records/{name}"]
        sheet = cast(dict[str, Any], file.data)["sheet"]
        faults += [Fault(file.name, file.line(path), text) for path, text in _judge(catalog, name, record, sheet)]
    return faults


def _judge(catalog: Catalog, name: str, record: DeploymentRecord, sheet: dict[str, Any]) -> Iterator[Finding]:
    """Everything that is wrong with one record. sheet: its copy of the checklist, as it stands in the file."""
    release = record.run.release
    if name != release and not name.startswith(f"{release}-"):
        yield (
            ("run", "release"),
            f"is a record of {release}; name the file {release}.json, or {release}- and a word",
        )
    if record.sample and not catalog.site.sample:
        yield ("sample",), "is a sample; delete the file, or say sample: true in data/site.yml"
    yield from check_sheet(record, sheet, catalog.checklists.editions)
    if record.through not in [pause.id for pause in record.sheet.pauses]:
        yield ("through",), f'no pause point "{record.through}"; it names the last one that is complete'
    yield from check_overrides(record)
    yield from check_items(record)
    yield from check_people(record)
    if record.run.change not in record.sheet.classes:
        text = f'no change class "{record.run.change}"; there are {", ".join(record.sheet.classes)}'
        yield ("run", "change"), text
    else:
        yield from check_signoffs(record)


def check_sheet(record: DeploymentRecord, sheet: dict[str, Any], editions: Sequence[Edition]) -> Iterator[Finding]:
    """The checklist in the record is unaltered, and that of the day."""
    version, found = record.sheet.version, record.sheet.digest
    known = {edition.version: edition for edition in editions}
    if digest(sheet) != found:
        yield (
            ("sheet", "digest"),
            f"altered item: the checklist in this record has the digest {digest(sheet)}, not {found}; "
            "export the run again and change no item in the file",
        )
    elif version not in known:
        yield (
            ("sheet", "version"),
            f"wrong checklist version: there is no version {version}; "
            f"data/checklists.yml has {', '.join(map(str, known))}",
        )
    elif known[version].digest != found:
        yield (
            ("sheet", "digest"),
            f"altered item: version {version} of the checklist has the digest {known[version].digest}, "
            f"this record's has {found}; run the checklist as published, or add its edition to data/checklists.yml",
        )
    else:
        yield from _check_version(record, editions)


def _check_version(record: DeploymentRecord, editions: Sequence[Edition]) -> Iterator[Finding]:
    version, day = record.sheet.version, record.run.started[:10]
    force = [edition.version for edition in editions if edition.from_ <= day]
    # On the day of a change both are right: the page may have been opened before it.
    changed = {before.version for before, after in pairwise(editions) if after.from_ == day}
    if version not in {*force[-1:], *changed}:
        yield (
            ("sheet", "version"),
            f"wrong checklist version: the run began on {day}, when version {force[-1] if force else 'none'} "
            f"was in force, not {version}; run the checklist of the day",
        )


def check_overrides(record: DeploymentRecord) -> Iterator[Finding]:
    """What was opened early exists, and has a reason."""
    ids = [pause.id for pause in record.sheet.pauses]
    for key, override in record.overrides.items():
        if key not in ids:
            yield ("overrides", key), f'no pause point "{key}"'
        elif not override.reason.strip():
            yield ("overrides", key, "reason"), "opened early without a reason; write why"


def check_items(record: DeploymentRecord) -> Iterator[Finding]:
    """Every item of a pause point that is claimed is ticked, with a value and initials."""
    claimed, ids = record.pauses(), [pause.id for pause in record.sheet.pauses]
    for number, pause in enumerate(claimed):
        after = ids[number + 1] if number + 1 < len(ids) else None
        if after in record.overrides and pause is not claimed[-1]:
            continue  # what was left open is a deviation, and its reason stands there
        for key, item in record.keys(pause):
            if text := _open(record.ticks.get(key, Tick()), item, pause.id):
                yield ("ticks", key), f"{key}: {text}"
    asked = {key for pause in record.sheet.pauses for key, _ in record.keys(pause)}
    for key in record.ticks:
        if key not in asked:
            yield ("ticks", key), f"{key}: no such item, or no such account, in this record's checklist"


def _open(tick: Tick, item: Item, pause: str) -> str | None:
    """What a tick lacks; None when it is whole."""
    if not tick.at:
        return (
            f'missing mandatory item: "{item.check}" is not ticked, and {pause} is claimed to be complete; '
            'set "through" to the last complete pause point'
        )
    if not tick.seen.strip():
        return f'missing value: "{item.check}" is ticked without what was seen; write {item.evidence}'
    return None if tick.by.strip() else f'missing initials: who ticked "{item.check}"?'


def check_people(record: DeploymentRecord) -> Iterator[Finding]:
    """Four eyes: everybody who is named, once."""
    for role in record.sheet.people:
        if not record.people.get(role, "").strip():
            yield ("people",), f"people.{role}: nobody is named"
    for kind, role, first in signoff_rule.named_twice(record):
        name = (record.people if kind == "people" else record.deputies)[role]
        yield (
            (kind, role),
            f'{kind}.{role}: "{name}" is also {first}: one person in two roles; four eyes want two',
        )


def check_signoffs(record: DeploymentRecord) -> Iterator[Finding]:
    """The sign-offs of the pause points that are claimed hold."""
    for pause in record.pauses():
        name = signoff_rule.asked(record, pause)
        if name and name not in record.sheet.signoffs:
            yield ("sheet", "signoffs"), f'no sign-off "{name}"'
            continue
        verdict = signoff_rule.judge(record, pause)
        for objection in verdict.objections if verdict else []:
            # Who is named twice is said once, by check_people.
            if objection.reason != "four-eyes":
                place = () if objection.signature is None else (objection.signature,)
                yield ("signatures", *place), objection.text
