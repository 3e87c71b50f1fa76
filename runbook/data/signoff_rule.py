"""Whether a sign-off of a deployment record holds. The checklist page applies the same rule in the browser.

Both are tested with the cases in tests/fixtures/record_cases: a change of the rule begins there.
"""

import unicodedata
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from runbook.data.models.deployment_records import DeploymentRecord, Pause, Signature, Signoff

Reason = Literal["quorum", "void", "expired", "late", "four-eyes"]


@dataclass(frozen=True)
class Objection:
    """Why a sign-off does not hold. signature: its place in the record's list, where one is to blame."""

    reason: Reason
    text: str
    signature: int | None = None


@dataclass
class Verdict:
    """What became of one sign-off.

    name: the sign-off that is asked for. counted: the roles whose signatures count, in the order of the rule.
    objections: why it does not hold. opens: whether the run may go on: also with a signature that may follow later.
    """

    name: str
    counted: list[str]
    objections: list[Objection] = field(default_factory=list)
    opens: bool = False

    @property
    def holds(self) -> bool:
        """Whether the sign-off is complete."""
        return not self.objections


def same_person(one: str, other: str) -> bool:
    """Whether two names are one person's: spaces, case and the width of letters make no difference."""
    return _folded(one) == _folded(other)


def _folded(name: str) -> str:
    # Lower, then upper case: the browser has no casefold, and this way it folds "ß" and "ẞ" to "SS" as Python does.
    return " ".join(unicodedata.normalize("NFKC", name).split()).lower().upper()


def named_twice(record: DeploymentRecord) -> list[tuple[str, str, str]]:
    """Who is named in two roles: the kind of the second ("people" or "deputies"), its role, the label of the first."""
    seen: dict[str, str] = {}
    found = []
    for kind, names in (("people", record.people), ("deputies", record.deputies)):
        for role, name in names.items():
            if not name.strip():
                continue
            if (key := _folded(name)) in seen:
                found.append((kind, role, seen[key]))
            seen.setdefault(key, f"{kind}.{role}")
    return found


def handover(record: DeploymentRecord) -> datetime | None:
    """When the first account was handed over: the first tick of an item that is asked for each account."""
    times = [
        tick.at
        for pause in record.sheet.pauses
        if pause.each
        for key, _ in record.keys(pause)
        if (tick := record.ticks.get(key)) and tick.at
    ]
    return moment(min(times)) if times else None


def moment(text: str) -> datetime:
    """A time of a record, e.g. 2026-11-23T14:02:11Z."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def asked(record: DeploymentRecord, pause: Pause) -> str | None:
    """The sign-off that ends a pause point; None where none is asked for, e.g. no verdict without a soak."""
    change = record.sheet.classes[record.run.change]
    if pause.signoff == "class":
        return change.signoff
    return pause.signoff if change.soak else None


def judge(record: DeploymentRecord, pause: Pause, now: datetime | None = None) -> Verdict | None:
    """Applies the rule to the sign-off of one pause point.

    now: for a run that goes on; without it nothing expires before the first handover.
    Returns None where no sign-off is asked for. Raises KeyError when the record's sheet has no such sign-off.
    """
    name = asked(record, pause)
    if not name:
        return None
    rule, late = record.sheet.signoffs[name], record.sheet.classes[record.run.change].late
    # The last signature of each role counts; a role that the rule does not name never does.
    last = {
        sign.role: (i, sign)
        for i, sign in enumerate(record.signatures)
        if sign.signoff == name and sign.role in rule.roles
    }
    valid = {role: (i, sign) for role, (i, sign) in last.items() if not _void(record, sign)}
    out = Verdict(name, [role for role in rule.roles if role in valid])
    out.objections += [_void_objection(record, i, sign) for role, (i, sign) in last.items() if role not in valid]
    out.objections += _quorum(name, rule, out.counted)
    if named_twice(record):
        out.objections.append(Objection("four-eyes", "one person is named in two roles"))
    start = handover(record)
    if pause.signoff == "class" and (start or now):
        signed = sorted(valid.values(), key=lambda each: each[1].at)
        out.objections += _times(name, signed, record.sheet.valid, late, start, start or now)
    may_follow = (
        late is not None
        and bool(out.counted)
        and (start is None or now is None or now - start <= timedelta(seconds=late))
    )
    out.opens = out.holds or (may_follow and {it.reason for it in out.objections} == {"quorum"})
    return out


def _void(record: DeploymentRecord, sign: Signature) -> bool:
    return not same_person(sign.by, _named(record, sign)) or not sign.by.strip()


def _named(record: DeploymentRecord, sign: Signature) -> str:
    return (record.deputies if sign.deputy else record.people).get(sign.role, "")


def _void_objection(record: DeploymentRecord, i: int, sign: Signature) -> Objection:
    role = f"{'deputy of ' if sign.deputy else ''}{sign.role}"
    text = f'"{sign.by}" signed as {role}; named was {_named(record, sign) or "nobody"}: the sign-off is void'
    return Objection("void", text, i)


def _quorum(name: str, rule: Signoff, counted: list[str]) -> list[Objection]:
    if len(counted) >= rule.quorum:
        return []
    missing = ", ".join(role for role in rule.roles if role not in counted)
    text = f"{name}: quorum: {len(counted)} of {rule.quorum} signatures; {missing} has not signed"
    return [Objection("quorum", text)]


def _times(
    name: str,
    signed: list[tuple[int, Signature]],
    valid_seconds: int,
    late: int | None,
    start: datetime | None,
    compared_with: datetime | None,
) -> list[Objection]:
    """Too old at the first handover, or after it without being allowed to follow. late: seconds."""
    if compared_with is None:
        return []
    found, valid = [], timedelta(seconds=valid_seconds)
    for number, (i, sign) in enumerate(signed):
        age = compared_with - moment(sign.at)
        who = f"{sign.role} signed at {sign.at}"
        if age > valid:
            when = "before the first handover" if start else "ago"
            text = f"{name}: expired sign-off: {who}, {age} {when}; it is valid for {valid}. Sign again"
            found.append(Objection("expired", text, i))
        elif start and age < timedelta(0) and (late is None or number == 0 or -age > timedelta(seconds=late)):
            text = f"{name}: {who}, {-age} after the first handover; a sign-off comes before it"
            found.append(Objection("late", text, i))
    return found
