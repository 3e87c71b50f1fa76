"""The checklist of today as a deployment record carries it, and its digest."""

import hashlib
import json
from typing import Any

from runbook.data.catalog import Catalog
from runbook.data.models.checklists import Item, Pause
from runbook.diagnostics import Fault


def sheet(catalog: Catalog) -> dict[str, Any]:
    """The checklist with its words, thresholds put in, and the rules of its sign-offs."""
    lists, roles = catalog.checklists, catalog.contacts.roles
    named = {*lists.people, *(item.by for pause in lists.pauses for item in pause.items)}
    body = {
        "pauses": [_pause(catalog, pause) for pause in lists.pauses],
        "signoffs": _signoffs(catalog),
        "classes": _classes(catalog),
        "people": lists.people,
        "roles": {key: roles[key].title for key in sorted(named)},
        "valid": _seconds(catalog, "signoff.valid"),
    }
    return {"version": lists.version, "digest": digest(body), **body}


def _pause(catalog: Catalog, pause: Pause) -> dict[str, Any]:
    return {
        "id": pause.id,
        "title": pause.title,
        "each": pause.phase == "during",
        "signoff": pause.signoff,
        "items": [_item(catalog, item) for item in pause.items],
    }


def _item(catalog: Catalog, item: Item) -> dict[str, Any]:
    return {
        "id": item.id,
        "check": catalog.filled(item.check),
        "value": catalog.filled(item.value),
        "by": item.by,
        "evidence": catalog.filled(item.evidence),
    }


def _signoffs(catalog: Catalog) -> dict[str, Any]:
    """Those that a change class or a pause point asks for."""
    used = {change.signoff for change in catalog.rollout.change_classes.values()}
    used |= {pause.signoff for pause in catalog.checklists.pauses if pause.signoff not in (None, "class")}
    return {
        key: {
            "title": signoff.title,
            "quorum": int(catalog.thresholds[signoff.quorum].value.number),
            "roles": signoff.roles,
        }
        for key, signoff in catalog.contacts.signoffs.items()
        if key in used
    }


def _classes(catalog: Catalog) -> dict[str, Any]:
    return {
        key: {
            "title": change.title,
            "signoff": change.signoff,
            "late": _seconds(catalog, change.late) if change.late else None,
            "soak": change.soak != "none",
        }
        for key, change in catalog.rollout.change_classes.items()
    }


def _seconds(catalog: Catalog, key: str) -> int:
    return int(catalog.thresholds[key].value.base)


def digest(body: dict[str, Any]) -> str:
    """The first digits of a SHA-256 over everything but version and digest, in groups for reading aloud."""
    text = json.dumps(
        {key: value for key, value in body.items() if key not in ("version", "digest")},
        sort_keys=True,
        ensure_ascii=False,
        separators=(",", ":"),
    )
    found = hashlib.sha256(text.encode()).hexdigest()
    return f"{found[:4]}-{found[4:8]}-{found[8:12]}"


def missing_edition(catalog: Catalog) -> list[Fault]:
    """The fault of a checklist that reads otherwise than its last edition, with the line to add; else nothing."""
    now, last = sheet(catalog)["digest"], catalog.checklists.editions[-1]
    if now == last.digest:
        return []
    place = catalog.place("checklists", "editions", len(catalog.checklists.editions) - 1)
    add = f'- {{version: {last.version + 1}, digest: "{now}", from: "YYYY-MM-DD"}}'
    text = (
        "the items, a threshold in them or a sign-off rule reads otherwise than in "
        f"edition {last.version}, digest {last.digest}; add with today's date: {add}"
    )
    return [Fault(*place, text)]
