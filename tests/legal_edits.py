"""Legal edits of the data, in memory: another value for a threshold, with what an editor changes along with it."""

import dataclasses
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from runbook.data.catalog import Catalog
from runbook.data.checklist_sheet import sheet
from runbook.data.quantity import COUNTED, SECONDS, Quantity
from tests.invariants import INVARIANTS

# Larger first: a budget or a gap below what a drill measured is a fault.
FINER = {"d": "h", "h": "min", "min": "s", "s": "ms"}
FACTORS = ("1.5", "1.2", "1.1", "1.02", "0.98", "0.9", "0.8", "0.5")


def other_values(value: Quantity) -> Iterator[Quantity]:
    """Values near this one that an editor could choose, never the same; whole numbers stay whole."""
    if value.unit in COUNTED:
        wanted = [value.number + 1, value.number - 1, value.number + 2]
    else:
        wanted = [value.number + 1] if value.number == 0 else []
        wanted += [value.number * Decimal(factor) for factor in FACTORS]
    yield from _rounded(value, wanted)
    if value.unit in FINER:
        finer = FINER[value.unit]
        same = Quantity(value.base / SECONDS[finer], finer)
        yield from _rounded(same, [same.number * Decimal(factor) for factor in FACTORS])


def _rounded(value: Quantity, wanted: list[Decimal]) -> Iterator[Quantity]:
    """These numbers in the unit of a value: each once, whole where its number is, none below one or above all."""
    seen = {value.number}
    for number in wanted:
        if value.number == int(value.number):
            number = number.to_integral_value(ROUND_CEILING if number > value.number else ROUND_FLOOR)
        if number in seen or number < min(value.number, 1) or (value.unit == "%" and number > 100):
            continue
        seen.add(number)
        yield Quantity(number, value.unit)


def changed(catalog: Catalog, key: str, value: Quantity) -> Catalog:
    """The catalog with another value for a threshold, and with what must follow in the same change.

    A wave has as many accounts as its threshold says, so accounts come or go; a sign-off has at least as many roles
    as must sign. A checklist that reads otherwise gets the edition that `make check` asks for.
    """
    threshold = catalog.thresholds[key].model_copy(update={"value": value})
    after = dataclasses.replace(catalog, thresholds={**catalog.thresholds, key: threshold})
    for wave in catalog.rollout.waves:
        if wave.size == key:
            after = _resized(after, wave.id, int(value.number))
    for name, signoff in catalog.contacts.signoffs.items():
        if signoff.quorum == key:
            after = _with_signers(after, name, int(value.number))
    return _with_edition(after)


def _resized(catalog: Catalog, wave_id: str, size: int) -> Catalog:
    """The rollout with new accounts in a wave, or with fewer of them."""
    plan = catalog.rollout
    wave = next(each for each in plan.waves if each.id == wave_id)
    live = plan.environments["production"]
    accounts, members, going = dict(plan.accounts), wave.accounts[:size], wave.accounts[size:]
    pattern = catalog.system.variables["ACCOUNT"].pattern
    names = (f"{stem}{n}" for n in range(1, 1000) for stem in ("A", "ACC", wave.accounts[0]))
    free = (name for name in names if name not in plan.accounts and re.fullmatch(pattern, name))
    while len(members) < size:
        name = next(free)
        accounts[name] = plan.accounts[wave.accounts[0]]
        members = [*members, name]
    production = [name for name in live.accounts if name not in going]
    production += [name for name in members if name not in production]
    changes = {
        "accounts": {name: account for name, account in accounts.items() if name not in going},
        "waves": [each.model_copy(update={"accounts": members}) if each is wave else each for each in plan.waves],
        "environments": {**plan.environments, "production": live.model_copy(update={"accounts": production})},
        "controls": [name for name in plan.controls if name not in going],
    }
    return dataclasses.replace(catalog, rollout=plan.model_copy(update=changes))


def _with_signers(catalog: Catalog, name: str, count: int) -> Catalog:
    """The contacts with as many roles for a sign-off as must sign, taken from those that sign elsewhere."""
    signoffs = catalog.contacts.signoffs
    signoff = signoffs[name]
    others = [role for each in signoffs.values() for role in each.roles if role not in [*signoff.roles, *signoff.not_]]
    roles = [*signoff.roles, *dict.fromkeys(others)][: max(count, len(signoff.roles))]
    changes = {"signoffs": {**signoffs, name: signoff.model_copy(update={"roles": roles})}}
    return dataclasses.replace(catalog, contacts=catalog.contacts.model_copy(update=changes))


def next_edition(catalog: Catalog) -> dict[str, object] | None:
    """The edition to add when the checklist reads otherwise than in its last one."""
    last, found = catalog.checklists.editions[-1], sheet(catalog)["digest"]
    if found == last.digest:
        return None
    day = max(datetime.now(UTC).date(), date.fromisoformat(last.from_) + timedelta(days=1))
    return {"version": last.version + 1, "digest": found, "from": day.isoformat()}


def _with_edition(catalog: Catalog) -> Catalog:
    if not (new := next_edition(catalog)):
        return catalog
    editions = [*catalog.checklists.editions, type(catalog.checklists.editions[-1]).model_validate(new)]
    return dataclasses.replace(catalog, checklists=catalog.checklists.model_copy(update={"editions": editions}))


def with_another_value(catalog: Catalog, key: str) -> tuple[Catalog | None, list[str]]:
    """The catalog with the first other value of a threshold with which everything holds.

    None when there is none; then with what stood against each value.
    """
    against = []
    for value in other_values(catalog.thresholds[key].value):
        after = changed(catalog, key, value)
        faults = [fault for invariant in INVARIANTS for fault in invariant(after)]
        if not faults:
            return after, []
        against.append(f"{key}: {value}: {'; '.join(faults)}")
    return None, against
